"""What can be told: described, with an example that its schema allows, and never changed in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from apps.webhooks.catalogue import TYPES, EventType, is_known, matches, register
from apps.webhooks.message import data_schema, example_of, schema_of
from apps.webhooks.openapi import component_of
from apps.webhooks.telling import WebhookTested

KNOWN = Path(__file__).with_name("event_fields.json")
"""The fields of every event and version that tenants may rely on. After a change print what is new with
`fields_of`: new fields are added to the version, anything else is a new version beside the old one."""

GUIDE = Path(__file__).parents[3] / "docs/guides/webhooks.md"
WANTED = {
    "call.started", "call.ended", "call.transcribed", "call.recording_ready", "call.analyzed",
    "transfer.completed", "campaign.started", "campaign.paused", "campaign.resumed", "campaign.stopped",
    "campaign.completed", "contact.completed", "number.assigned", "number.updated", "number.released",
    "number.resting", "number.order_failed", "number.grace_began", "number.port_changed",
    "trunk.state_changed", "billing.credited", "billing.balance_low", "billing.limit_near",
    "billing.invoice_made", "billing.outbound_stopped", "billing.outbound_resumed", "callback.promised",
    "message.sent", "message.failed", "payment.succeeded", "payment.failed", "payment.action_needed",
    "payment.refunded", "payment.disputed", "webhook.test", "webhook.disabled",
}  # fmt: skip

each_type = pytest.mark.parametrize("name", sorted(WANTED))


def fields_of(type_: EventType) -> list[str]:
    """Each field of the event's data with what it may hold, one a line."""
    return sorted(_fields("", data_schema(type_)))


def _fields(place: str, schema: dict[str, Any]) -> Iterator[str]:
    if place:
        yield f"{place}: {_kind(schema)}"
    required = set(schema.get("required", ()))
    for name, part in schema.get("properties", {}).items():
        yield from _fields(f"{place}.{name}" if place else name, part)
        if name not in required:
            yield f"{place}.{name} may be missing"
    if isinstance(schema.get("items"), dict):
        yield from _fields(f"{place}[]", schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _fields(f"{place}.*", schema["additionalProperties"])


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return f"one of {schema['const']}"
    return str(schema.get("format") or schema.get("type") or "anything")


def test_every_event_is_there() -> None:
    assert set(TYPES) == WANTED


@each_type
def test_an_example_is_a_whole_message_of_its_schema(name: str) -> None:
    schema = schema_of(TYPES[name])

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        example_of(TYPES[name])
    )
    assert "$ref" not in json.dumps(schema)
    assert TYPES[name].description.endswith(".")


@each_type
def test_no_field_changes_without_a_new_version(name: str) -> None:
    type_ = TYPES[name]
    known = json.loads(KNOWN.read_text(encoding="utf-8"))
    before = known.get(f"{name} v{type_.version}")
    now = fields_of(type_)

    assert before is not None, f"Add {name} v{type_.version} to {KNOWN.name}."
    assert set(before) <= set(now), f"Receivers rely on these: raise the version of {name}."
    assert before == now, f"Add the new fields of {name} to {KNOWN.name}."
    assert [k for k in known if k.startswith(f"{name} v")] == [
        f"{name} v{number}" for number in range(1, type_.version + 1)
    ]


def test_a_kind_that_nobody_has_is_unknown() -> None:
    assert is_known("call.*")
    assert is_known("call.ended")
    assert not is_known("call.")
    assert not is_known("calls.*")
    assert not is_known("*")
    assert not is_known("")
    assert matches([], "call.ended")
    assert not matches(["call.end"], "call.ended")


def test_two_cannot_have_one_name() -> None:
    other = EventType("webhook.test", "Another.", WebhookTested, "whe_", {})
    with pytest.raises(ValueError, match=r"webhook\.test"):
        register(other)


def test_the_document_shows_each_with_its_schema() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)

    assert set(document["webhooks"]) == WANTED
    for name, type_ in TYPES.items():
        body = document["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
        assert body["schema"] == {"$ref": f"#/components/schemas/{component_of(type_)}"}
        assert body["examples"]["Example"]["value"] == example_of(type_)
        assert document["components"]["schemas"][component_of(type_)] == schema_of(type_)


def test_the_guide_names_each_with_what_its_key_is() -> None:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.*?) \| `([a-z]+_)` \|$", GUIDE.read_text("utf-8"), re.M)

    assert {name: (words, key) for name, words, key in rows} == {
        name: (type_.description, type_.key) for name, type_ in TYPES.items()
    }
