"""An event as it goes over the wire, and the JSON Schema (draft 2020-12) of that."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.webhooks.catalogue import PUBLIC_ID, EventType
from apps.webhooks.models import Event
from tenants.ids import to_public
from tenants.models import Tenant

_EXAMPLE_ID = UUID("01937b2e-e7c0-7a3f-9d2b-4c5d6e7f8091")
_EXAMPLE_AT = datetime(2026, 1, 5, 9, 30, 0, 250_000, tzinfo=UTC)


def message_of(event: Event) -> dict[str, Any]:
    """What a receiver reads."""
    message = {
        "id": event.public_id,
        "type": event.type,
        "version": event.version,
        "timestamp": written(event.at),
        "tenant": to_public(Tenant.id_prefix, event.tenant_id),
        "key": event.key,
        "sequence": event.sequence,
        "data": event.data,
    }
    return message | ({"test": True} if event.test else {})


def body_of(event: Event) -> bytes:
    """The body of the request: the same bytes at every attempt and replay, since an event never changes."""
    text = json.dumps(message_of(event), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def written(at: datetime) -> str:
    """A time as messages have it: ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def schema_of(type_: EventType) -> dict[str, Any]:
    """Of the whole message."""
    return {
        "type": "object",
        "title": type_.name,
        "description": type_.description,
        "required": ["id", "type", "version", "timestamp", "tenant", "key", "sequence", "data"],
        "properties": {
            "id": {
                "type": "string",
                "pattern": f"^{Event.id_prefix}[0-9a-f]{{32}}$",
                "description": "Also the header webhook-id. The same whenever this event is sent again:"
                " a receiver that keeps it drops repeats.",
            },
            "type": {"type": "string", "const": type_.name},
            "version": {"type": "integer", "const": type_.version},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "tenant": {"type": "string", "pattern": PUBLIC_ID},
            "key": {
                "type": "string",
                "pattern": f"^{type_.key}[0-9a-f]{{32}}$",
                "description": "What it is about: events of one key come in the order of `sequence`.",
            },
            "sequence": {"type": "integer", "minimum": 1, "description": "1, 2, 3, ... of the key."},
            "data": data_schema(type_),
            "test": {
                "type": "boolean",
                "description": "True: somebody tries the webhook, and nothing of this happened.",
            },
        },
    }


def data_schema(type_: EventType) -> dict[str, Any]:
    """Of `data`, whole in itself: nothing in it refers to elsewhere."""
    schema = type_.data.model_json_schema(mode="serialization")
    definitions = schema.pop("$defs", {})
    return _plain(schema, definitions)  # type: ignore[no-any-return]


def example_of(type_: EventType) -> dict[str, Any]:
    """A whole message, as the documentation shows it."""
    data = type_.data.model_validate(type_.example).model_dump(mode="json")
    return {
        "id": to_public(Event.id_prefix, _EXAMPLE_ID),
        "type": type_.name,
        "version": type_.version,
        "timestamp": written(_EXAMPLE_AT),
        "tenant": to_public(Tenant.id_prefix, _EXAMPLE_ID),
        "key": to_public(type_.key, _EXAMPLE_ID),
        "sequence": 1,
        "data": data,
    }


def _plain(part: Any, definitions: dict[str, Any]) -> Any:
    """`part` without references and without the titles that pydantic makes of names."""
    if isinstance(part, list):
        return [_plain(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        named = copy.deepcopy(definitions[part["$ref"].rsplit("/", 1)[1]])
        part = named | {key: value for key, value in part.items() if key != "$ref"}
    return {
        key: _plain(value, definitions)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str))
    }
