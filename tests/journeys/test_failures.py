"""What breaks in mid-call, and that nothing is lost of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys import agents
from tests.journeys.client import turns_of
from tests.journeys.conftest import RECEPTION, ScriptedCaller, World
from tests.sip.wait import until

pytestmark = pytest.mark.journey

ASK = [{"do": "listen"}, {"do": "say", "text": "What are your opening hours?"}]
END = [{"do": "listen"}, {"do": "say", "text": "Goodbye."}, {"do": "wait_for_end"}]


def talking(world: World, caller: str, questions: int, work: Path) -> tuple[ScriptedCaller, str]:
    """A call in which the question is asked `questions` times; returns once it has been asked once."""
    phone = world.caller(RECEPTION, caller, ASK * questions + END, work)
    call_id = world.api.find(to_number=RECEPTION, from_number=caller)
    until(lambda: turns_of(world.api.call(call_id), "caller"), "the caller has been understood", timeout_s=60)
    return phone, call_id


def assert_complete(world: World, call_id: str, questions: int) -> dict[str, Any]:
    """The whole history is there: in order, once, to the end."""
    call = world.api.ended(call_id)
    events = world.api.events(call_id)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    # The time of a SIP message is the wire's; live text is numbered only when it is sent.
    times = [event["at"] for event in events if event["type"] not in ("sip", "partial")]
    assert times == sorted(times)
    assert call["end_reason"] == "agent_hung_up"
    asked = ["what are your opening hours"] * questions + ["goodbye"]
    assert [text.lower() for text in turns_of(call, "caller")] == asked
    assert turns_of(call, "agent") == [agents.GREETING, *[agents.HOURS] * questions, "Goodbye."]
    assert [event["type"] for event in events if event["type"] in {"answered", "ended"}] == [
        "answered",
        "ended",
    ]
    until(lambda: world.api.call(call_id)["recording"], "the recording is stored")
    return call


def test_valkey_is_flushed_in_mid_call_and_nothing_is_lost(world: World, tmp_path: Path) -> None:
    phone, call_id = talking(world, "+12025550171", questions=3, work=tmp_path)
    queued = world.place("+12025550107")
    world.stack.valkey().flushdb()
    placed_after = world.place("+12025550107")
    assert phone.result()["completed"]
    assert_complete(world, call_id, questions=3)
    for outbound in (queued, placed_after):
        assert world.api.ended(outbound)["end_reason"] == "busy"


def test_commands_reach_a_live_call_after_a_flush(world: World, tmp_path: Path) -> None:
    phone = world.caller(RECEPTION, "+12025550172", [{"do": "wait_for_end"}], tmp_path)
    call_id = world.api.find(to_number=RECEPTION, from_number="+12025550172")
    until(lambda: turns_of(world.api.call(call_id), "agent"), "the agent has greeted")
    world.stack.valkey().flushdb()
    announcement = "We close in five minutes."
    world.api.post(f"/calls/{call_id}/say", {"text": announcement})
    until(lambda: announcement in turns_of(world.api.call(call_id), "agent"), "the agent has said it")
    world.api.post(f"/calls/{call_id}/hangup", {})
    assert phone.result()["completed"]
    assert world.api.ended(call_id)["end_reason"] == "api_hung_up"


def test_web_is_away_for_20_seconds_in_mid_call_and_the_events_come_later(
    world: World, tmp_path: Path
) -> None:
    phone, call_id = talking(world, "+12025550173", questions=5, work=tmp_path)
    with world.stack.frozen("web"):
        time.sleep(10)  # it hangs: requests are taken and never answered
    world.stack.keep_dead("web", 10)  # it is gone: connections are refused
    result = phone.result()
    assert result["completed"], f"the call went on without the control plane: {result['problem']}"
    until(lambda: _answers(world), "web is back")
    assert_complete(world, call_id, questions=5)


def test_a_killed_node_ends_its_call_in_the_database_and_a_new_call_works(
    world: World, tmp_path: Path
) -> None:
    stranded, call_id = talking(world, "+12025550174", questions=9, work=tmp_path)
    world.stack.kill("node")
    call = world.api.ended(call_id, timeout_s=30)
    stranded.stop()
    assert call["end_reason"] == "node_lost"
    assert call["end_words"] == "The media node that carried the call died."
    assert call["duration_ms"] > 0
    result = until(lambda: _called_again(world, tmp_path), "a new call is answered")
    assert result["completed"], result
    new = world.api.find(to_number=RECEPTION, from_number="+12025550175")
    assert_complete(world, new, questions=1)


def _called_again(world: World, work: Path) -> dict[str, Any] | None:
    """A call, once the line is back; until then it is not answered, or 503."""
    result = world.caller(RECEPTION, "+12025550175", [*ASK, *END], work).result()
    return result if result["answered"] else None


def _answers(world: World) -> bool:
    try:
        return world.api.http.get("/calls").is_success
    except httpx.HTTPError:
        return False
