"""The catalogue in the OpenAPI document: `webhooks`, and a schema for each event and version."""

from __future__ import annotations

from typing import Any

from apps.webhooks.catalogue import TYPES, EventType
from apps.webhooks.message import example_of, schema_of

_HEADERS = {
    "webhook-id": "The event's id, the same whenever it is sent again.",
    "webhook-timestamp": "When this request was made: seconds since 1970. Refuse what is minutes old.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64, by the webhook's"
    " secret; one for each secret that holds, with a space between.",
}
_ANSWERS = {
    "2XX": {"description": "Taken. Anything else is tried again for 24 hours; a redirect is not followed."},
    "410": {"description": "Nobody is there any more: the webhook is disabled."},
}


def component_of(type_: EventType) -> str:
    """The name of its schema among the document's components."""
    return f"Event_{type_.name}_v{type_.version}"


def add_events(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    for name in sorted(TYPES):
        schemas[component_of(TYPES[name])] = schema_of(TYPES[name])
    result["webhooks"] = {name: {"post": _operation(TYPES[name])} for name in sorted(TYPES)}
    return result


def _operation(type_: EventType) -> dict[str, Any]:
    return {
        "operationId": f"event_{type_.name.replace('.', '_')}",
        "summary": type_.name,
        "description": type_.description,
        "tags": ["webhooks"],
        "security": [{}],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": words,
                "schema": {"type": "string"},
            }
            for name, words in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{component_of(type_)}"},
                    "examples": {"Example": {"value": example_of(type_)}},
                }
            },
        },
        "responses": _ANSWERS,
    }
