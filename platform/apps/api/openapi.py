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
        "updated_by": {
            "type": "string",
            "description": "With 412: who has changed it last, by name; empty when nobody is known.",
        },
        "updated_at": {
            "type": "string",
            "format": "date-time",
            "description": "With 412: when that was.",
        },
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
PAID = ("/calls", "/numbers/orders", "/refund")
"""What takes money of the workspace's."""

_RESPONSES = {
    "400": "The request cannot be read.",
    "401": "No credentials, or bad ones.",
    "402": "It costs more than there is: `needed_micros`, and `available_micros` of that.",
    "403": "The credentials do not carry the permission that is needed.",
    "404": "There is no such thing in this tenant.",
    "409": "The present state forbids it.",
    "410": "It was there, and is not any more, for good.",
    "412": "Somebody else has changed it since the state that `If-Match` names.",
    "413": "The body is larger than 2 MB.",
    "415": "The body is not JSON.",
    "422": "Values are invalid; `errors` names them.",
    "429": "Too many requests, or a limit is reached; Retry-After says when to try again.",
    "503": "Something that is needed cannot be reached; Retry-After says when to try again.",
}
_RETRY_AFTER = {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}
_RATE_LIMIT = {
    "RateLimit-Limit": "Requests a minute.",
    "RateLimit-Remaining": "What is left of them.",
    "RateLimit-Reset": "Seconds until they are as many as ever.",
}
_RATE_LIMIT_HEADERS = {name: {"$ref": f"#/components/headers/{name}"} for name in _RATE_LIMIT}
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
            "description": "Log in at /login. Changes need the value of the cookie `csrftoken` in the "
            "header `X-CSRFToken`. Members of several tenants name one in the header `X-Tenant`.",
        }


def only_public(endpoints: list[Any], **_: Any) -> list[Any]:
    """Preprocessing hook: the internal API of the media nodes is not part of the document."""
    return [e for e in endpoints if e[0].startswith(PUBLIC_PREFIX)]


def add_shared_parts(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: the problem document, the errors each operation may answer, idempotency keys."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["responses"] = {f"Problem{code}": _response(code, text) for code, text in _RESPONSES.items()}
    components["headers"] = {
        name: {"description": text, "schema": {"type": "integer"}} for name, text in _RATE_LIMIT.items()
    }
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for response in operation["responses"].values():
                response.setdefault("headers", {}).update(_RATE_LIMIT_HEADERS)
            for code in _codes(path, method, operation):
                operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Problem{code}"})
            if method == "post":
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return result


def _codes(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    """The problems that `operation` may answer."""
    codes = ["401", "403", "422", "429", "503"]
    if "{" in path:
        codes.append("404")
    if "/share/{" in path:
        codes.append("410")
    if method == "post" and path.endswith(PAID):
        codes.append("402")
    if path.endswith(("/export", "/file")):
        codes.append("409")
    if method != "get":
        codes += ["400", "409", "413", "415"]
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", [])):
        codes.append("412")
    return codes


def _response(code: str, description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    response = {"description": description, "content": {CONTENT_TYPE: {"schema": schema}}}
    headers = _RATE_LIMIT_HEADERS | ({"Retry-After": _RETRY_AFTER} if code in ("429", "503") else {})
    # Who is not known is not counted.
    return response | ({} if code == "401" else {"headers": headers})
