"""What drf-spectacular cannot see by itself: authentication, problem documents, idempotency keys."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from apps.api.problems import CONTENT_TYPE

PUBLIC_PREFIX = "/api/v1/"

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "For programs; it does not change."},
        "errors": {
            "type": "array",
            "description": "The fields at fault.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {
                        "type": ["string", "null"],
                        "description": "Dotted place in the body; null for the body as a whole.",
                    },
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Unprocessable Entity",
            "status": 422,
            "detail": "The request has invalid values; `errors` says where.",
            "code": "invalid",
            "errors": [
                {
                    "field": "config.turn_taking.endpointing_ms",
                    "code": "greater_than_equal",
                    "detail": "Input should be greater than or equal to 100",
                }
            ],
        }
    ],
}
_RESPONSES = {
    "400": "The request cannot be read.",
    "401": "No credentials, or bad ones.",
    "403": "The credentials do not carry the permission that is needed.",
    "404": "There is no such thing in this tenant.",
    "409": "The present state forbids it.",
    "422": "Values are invalid; `errors` names them.",
    "429": "Too many requests; Retry-After says when to try again.",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request safe to send again for 24 hours: it happens once, and a repeated "
    "request gets the first answer with `Idempotent-Replayed: true`.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "apps.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "tl_live_... or tl_test_..."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "apps.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Log in at /login. Members of several tenants name one in `X-Tenant`.",
        }


def only_public(endpoints: list[Any], **_: Any) -> list[Any]:
    """Preprocessing hook: the internal API of the media nodes is not part of the document."""
    return [e for e in endpoints if e[0].startswith(PUBLIC_PREFIX)]


def add_shared_parts(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: the problem document, the errors each operation may answer, idempotency keys."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["responses"] = {f"Problem{code}": _response(text) for code, text in _RESPONSES.items()}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for code in _codes(path, method):
                operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Problem{code}"})
            if method == "post":
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return result


def _codes(path: str, method: str) -> list[str]:
    """The problems that any operation at `path` may answer."""
    codes = ["401", "403", "422", "429"]
    if "{" in path:
        codes.append("404")
    if method != "get":
        codes += ["400", "409"]
    return codes


def _response(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {CONTENT_TYPE: {"schema": schema}}}
