"""Which node takes a browser call, and what lets it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.utils import timezone

from media_workers.contract.calls import Heartbeat
from telephony.edge.selectors import browser_nodes
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from telephony.edge.tickets import (
    LIFE,
    BadTicket,
    call_ticket,
    check_call_ticket,
    read_voice_ticket,
    voice_ticket,
)

PREVIEW: dict[str, object] = {"provider": "flite", "voice": "slt", "speed": 1.0, "text": "Hello."}


def beating(name: str, *, ago_s: float = 0, **fields: Any) -> None:
    """A node that said this of itself."""
    told = {
        "node": name,
        "boot_id": UUID(int=1),
        "sip_address": "10.0.0.5:5060",
        "lines": 1,
        "capacity": 4,
        "active": 0,
        "browser_url": f"ws://10.0.0.5:5070/{name}",
        "browser_capacity": 16,
    }
    node = ensure_node(name, new_token())
    at = timezone.now() - timedelta(seconds=ago_s)
    record_heartbeat(node, Heartbeat.model_validate(told | fields), now=at)


def test_the_node_with_most_room_is_first(db: None) -> None:
    beating("busy", browser_active=12)
    beating("idle", browser_active=1)
    beating("full", browser_active=16)
    beating("large", browser_active=80, browser_capacity=100)
    assert [node.name for node in browser_nodes()] == ["large", "idle", "busy", "full"]


def test_some_take_none(db: None) -> None:
    beating("lost", ago_s=16)
    beating("stopping", draining=True)
    beating("phones-only", browser_url="", browser_capacity=0)
    beating("starting", browser_capacity=0)
    assert browser_nodes() == []


def test_a_ticket_is_good_for_one_call() -> None:
    call_id = uuid4()
    ticket = call_ticket(call_id)
    check_call_ticket(ticket, call_id)
    with pytest.raises(BadTicket):
        check_call_ticket(ticket, uuid4())
    with pytest.raises(BadTicket):
        check_call_ticket(voice_ticket({"call": call_id.hex}), call_id)
    with pytest.raises(BadTicket):
        check_call_ticket(ticket[:-1], call_id)


def test_a_ticket_is_good_for_seconds() -> None:
    call_id = uuid4()
    ticket = call_ticket(call_id)
    later = timezone.now() + LIFE + timedelta(seconds=2)
    with time_machine.travel(later, tick=False), pytest.raises(BadTicket):
        check_call_ticket(ticket, call_id)


def test_a_preview_travels_in_its_ticket() -> None:
    assert read_voice_ticket(voice_ticket(PREVIEW)) == PREVIEW
    for wrong in ("", "x", call_ticket(uuid4())):
        with pytest.raises(BadTicket):
            read_voice_ticket(wrong)
