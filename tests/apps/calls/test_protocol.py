"""docs/asyncapi.yaml is whole, and says what the program does. `ws.Socket` holds every message against it."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
import yaml
from django.test import Client
from pydantic import BaseModel

from apps.calls.models import Direction
from apps.calls.routing import websocket_urlpatterns as of_calls
from apps.calls.states import CallState
from apps.campaigns.api.serializers import ProgressSerializer
from apps.campaigns.models import CampaignState
from apps.campaigns.routing import websocket_urlpatterns as of_campaigns
from media_workers.contract import events
from tests.apps.calls.protocol import DOCUMENT, document, errors, look_up, messages

BODIES: tuple[type[BaseModel], ...] = get_args(get_args(events.EventBody)[0])


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return here + [r for value in part.values() for r in references(value)]
    return [r for value in part for r in references(value)] if isinstance(part, list) else []


def test_every_reference_leads_somewhere() -> None:
    for reference in references(document()):
        assert look_up(reference)


def test_the_program_serves_it(client: Client) -> None:
    answer = client.get("/api/v1/asyncapi.yaml")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/yaml")
    assert yaml.safe_load(answer.content) == document()
    assert client.post("/api/v1/asyncapi.yaml").status_code == 405


def test_every_part_is_used() -> None:
    used = set(references(document()))
    for kind, parts in document()["components"].items():
        assert {f"#/components/{kind}/{name}" for name in parts} <= used


def test_every_socket_is_described_and_no_other() -> None:
    served = {f"/{pattern.pattern}" for pattern in (*of_calls, *of_campaigns)}
    assert {c["address"].partition("?")[0] for c in document()["channels"].values()} == served


def test_every_message_of_a_channel_is_sent_by_somebody() -> None:
    for name, channel in document()["channels"].items():
        operations = [
            o for o in document()["operations"].values() if look_up(o["channel"]["$ref"]) is channel
        ]
        said = {r["$ref"].rpartition("/")[2] for o in operations for r in o["messages"]}
        assert said == set(channel["messages"]), name


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_events_have_the_fields_of_the_contract(body: type[BaseModel]) -> None:
    schema = look_up(f"#/components/schemas/{body.__name__}")
    assert set(schema["properties"]) == set(body.model_fields)
    assert schema["properties"]["type"]["const"] == body.model_fields["type"].default
    required = {name for name, field in body.model_fields.items() if field.is_required()}
    assert set(schema["required"]) == required | {"type"}


def test_every_kind_of_event_is_there() -> None:
    listed = {r["$ref"].rpartition("/")[2] for r in look_up("#/components/schemas/Event")["oneOf"]}
    assert listed == {body.__name__ for body in BODIES}
    parts = look_up("#/components/schemas/LatencyParts")["properties"]
    assert set(parts) == set(events.LatencyParts.model_fields)


def test_the_words_are_the_programs() -> None:
    assert look_up("#/components/schemas/State")["enum"] == CallState.values
    assert look_up("#/components/schemas/CampaignState")["enum"] == CampaignState.values
    progress = look_up("#/components/schemas/CampaignProgress")
    assert set(progress["properties"]) == set(progress["required"]) == set(ProgressSerializer().fields)
    item = look_up("#/components/schemas/CallItem")
    assert sorted(item["properties"]["direction"]["enum"]) == sorted(Direction.values)


def test_a_client_of_the_guide_sends_what_the_document_says() -> None:
    guide = (DOCUMENT.parent / "guides" / "live.md").read_text(encoding="utf-8")
    sent = [
        json.loads(text) for text in re.findall(r'`(\{"type": "(?:subscribe|hang_up|dtmf)[^}]*\})`', guide)
    ]
    assert len(sent) == 4
    known = messages("/ws/v1/calls/", "receive") | messages("/ws/v1/talk/", "receive")
    for message in sent:
        assert errors(known[message["type"]]["payload"], message) == []
