"""Who answers an outbound call, and what the agent does about it, on real SIP with the sandbox's phones."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest

from tests.journeys import agents
from tests.journeys.client import turns_of
from tests.journeys.conftest import World

pytestmark = pytest.mark.journey

MESSAGE = "This is the reminder service. Please call us back."
LEAVES = {"action": "leave_message", "message": MESSAGE, "screening_reply": "It is the reminder service."}
PHONES = {
    "personal": "+12025550130",
    "without a beep": "+12025550132",
    "slow": "+12025550136",
    "company": "+12025550137",
}


@pytest.fixture(scope="module")
def calls(world: World) -> dict[str, dict[str, Any]]:
    """The ended calls, made side by side."""
    agent = world.api.agent("Leaves messages", agents.reminder(voicemail=LEAVES))

    def call(name: str) -> dict[str, Any]:
        return world.api.ended(world.place(PHONES[name], agent=agent), timeout_s=150)

    with concurrent.futures.ThreadPoolExecutor(len(PHONES)) as pool:
        return dict(zip(PHONES, pool.map(call, PHONES), strict=True))


def test_a_message_is_left_after_the_beep(world: World, calls: dict[str, dict[str, Any]]) -> None:
    call = calls["personal"]
    assert (call["answered_by"], call["end_reason"]) == ("machine", "voicemail")
    assert call["answered_by_confidence"] > 0.8
    assert call["end_detail"] == "A message was left after the beep."
    assert turns_of(call, "agent")[-1] == MESSAGE
    told = [e["event"] for e in world.api.events(call["id"]) if e["type"] == "answered_by"]
    assert told[-1]["beep"]
    left = call["turns"][-1]
    # The tone ends it: what was said before was said to nobody.
    assert left["start_ms"] > told[-1]["at_ms"]


def test_without_a_beep_it_is_left_into_the_silence(calls: dict[str, dict[str, Any]]) -> None:
    call = calls["without a beep"]
    if call["answered_by"] == "machine":
        assert call["end_reason"] == "voicemail"
        assert turns_of(call, "agent")[-1] == MESSAGE
    else:
        # Nobody transcribes free sentences here: then it is talked to like a person, never hung up on.
        assert call["answered_by"] in ("human", "unknown")
        assert call["end_reason"] != "voicemail"


@pytest.mark.parametrize("phone", ["slow", "company"])
def test_people_are_never_taken_for_machines(
    world: World, calls: dict[str, dict[str, Any]], phone: str
) -> None:
    call = calls[phone]
    told = [e["event"]["verdict"] for e in world.api.events(call["id"]) if e["type"] == "answered_by"]
    assert told
    assert set(told) <= {"human", "unknown"}
    assert call["answered_by"] == told[-1]
    assert call["end_reason"] != "voicemail"
    assert MESSAGE not in turns_of(call, "agent")
