"""Callers who are handed on: to a human who declines, to one who takes the call, and by the carrier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.client import turns_of
from tests.journeys.conftest import RECEPTION, World
from tests.sip import sipp, speech
from tests.sip.wait import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

SWITCHBOARD = "+12025552020"
TAKES, DECLINES = "+12025550120", "+12025550121"
CALLER, OTHER, REFERRED = "+12025550191", "+12025550192", "+12025550193"

BACK = "Is there anything else?"
SORRY = "I am sorry, nobody is free."
ENDS = {"phrases": ["goodbye"], "reply": "Goodbye.", "action": "end_call"}


def target(name: str, number: str, mode: str) -> dict[str, Any]:
    told = {"message": "One moment please.", "wait": "silence", "on_failure": SORRY}
    return {"name": name, "number": number, "mode": mode, **told}


def switchboard() -> dict[str, Any]:
    """Connects with a desk that wants to know first, and with one that takes every call."""
    wishes = [
        {"phrases": ["opening hours"], "goto": "ask"},
        {"phrases": ["yes please"], "goto": "connect"},
        ENDS,
    ]
    nodes = {
        "start": {"kind": "listen", "say": "Hello. What is it about?", "expect": wishes},
        "ask": {"kind": "transfer", "target": "desk", "failed_goto": "back"},
        "connect": {"kind": "transfer", "target": "shop"},
        "back": {"kind": "listen", "say": BACK, "expect": [ENDS]},
    }
    desk = target("desk", DECLINES, "warm") | {"briefing": "A caller asks for the opening hours."}
    return {
        "model": {"provider": "script", "nodes": {"start": {}}},
        "flow": {"nodes": nodes},
        "transfers": [desk, target("shop", TAKES, "bridge")],
        "turn_taking": {"endpointing_ms": 300},
    }


@pytest.fixture(scope="module")
def desk(world: World) -> World:
    agent = world.api.agent("Switchboard", switchboard())
    [trunk] = [t for t in world.api.get("/trunks")["results"] if t["name"] == "Carrier"]
    number = {"carrier": "byoc", "e164": SWITCHBOARD, "trunk": trunk["id"], "agent": agent}
    world.api.post("/numbers", number)
    return world


def steps(world: World, call_id: str) -> list[str]:
    return [e["event"]["state"] for e in world.api.events(call_id) if e["type"] == "transfer"]


def test_a_human_who_declines_sends_the_caller_back_to_the_agent(desk: World, tmp_path: Path) -> None:
    script = [
        {"do": "listen"},
        {"do": "say", "text": "Opening hours."},
        {"do": "listen"},
        {"do": "listen", "limit_ms": 60_000},
        {"do": "say", "text": "Goodbye."},
        {"do": "wait_for_end"},
    ]
    caller = desk.caller(SWITCHBOARD, CALLER, script, tmp_path)
    caller.result()
    call = desk.api.ended(desk.api.find(to_number=SWITCHBOARD, from_number=CALLER))
    assert call["end_reason"] == "agent_hung_up"
    states = steps(desk, call["id"])
    assert states == ["asked", "dialing", "ringing", "answered", "briefing", "declined"]
    said = turns_of(call, "agent")
    assert "One moment please." in said[1]
    assert (SORRY in " ".join(said), BACK in " ".join(said)) == (True, True)
    assert call["transferred_to"] == ""
    assert call["recording"] is not None


def test_a_human_who_takes_the_call_talks_to_the_caller(desk: World, tmp_path: Path) -> None:
    script = [
        {"do": "listen"},
        {"do": "say", "text": "Yes please."},
        {"do": "listen"},
        {"do": "listen", "limit_ms": 60_000},
        {"do": "say", "text": "Good morning."},
        {"do": "listen", "limit_ms": 30_000},
        {"do": "hang_up"},
    ]
    caller = desk.caller(SWITCHBOARD, OTHER, script, tmp_path)
    assert caller.result()["problem"] == ""
    call = desk.api.ended(desk.api.find(to_number=SWITCHBOARD, from_number=OTHER))
    assert (call["end_reason"], call["transferred_to"]) == ("transferred", "shop")
    assert steps(desk, call["id"]) == ["asked", "dialing", "ringing", "answered", "joined"]


def test_a_carrier_connects_the_caller_when_it_is_asked_to(desk: World, tmp_path: Path) -> None:
    silence = speech.timeline(60_000)
    case = sipp.Case("uac_referred", desk.stack.sip, RECEPTION, caller=REFERRED, speech=silence)
    running = sipp.start(case, tmp_path / "sipp")
    call_id = desk.api.find(to_number=RECEPTION, from_number=REFERRED)
    until(lambda: desk.api.call(call_id)["state"] == "in_progress", "answered", every_s=0.5)
    desk.api.post(f"/calls/{call_id}/transfer", {"number": TAKES, "mode": "blind", "message": ""})
    result = running.wait()
    assert result.ok, result.messages + result.errors
    call = desk.api.ended(call_id)
    assert (call["end_reason"], call["transferred_to"]) == ("transferred", TAKES)
    assert steps(desk, call_id) == ["asked", "dialing", "ringing", "referred"]
    [told] = [e["event"] for e in desk.api.events(call_id) if e["type"] == "control"]
    assert (told["action"], told["by"].startswith("journeys ")) == ("transfer", True)


@pytest.mark.parametrize("number", ["+442079460000", "+19005550100"])
def test_nobody_is_handed_on_to_where_that_is_not_allowed(desk: World, number: str) -> None:
    config = switchboard() | {
        "transfers": [target("desk", number, "bridge"), target("shop", TAKES, "bridge")]
    }
    refused = desk.api.try_post("/agents", {"name": "Abroad", "config": config})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "config.transfers.0.number"
