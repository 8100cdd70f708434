"""Somebody calls: is answered, heard, understood, may interrupt and press keys, and hangs up."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.journeys import agents
from tests.journeys.client import turns_of
from tests.journeys.conftest import RECEPTION, World
from tests.sip import rtp, sipp, speech

pytestmark = pytest.mark.journey

SIPP, SOCKET, PERSON = "+12025550161", "+12025550162", "+12025550163"
SAYS = speech.timeline(5_000, "What are your opening hours?", 6_500, "Goodbye.", 2_000)
CONVERSATION = [
    {"do": "listen"},
    {"do": "say", "text": "Tell me your story."},
    {"do": "interrupt", "text": "What are your opening hours?", "after_ms": 2_500},
    {"do": "listen"},
    {"do": "press", "digits": "1"},
    {"do": "listen"},
    {"do": "say", "text": "Goodbye."},
    {"do": "wait_for_end"},
]


@dataclass
class Calls:
    """Three callers at the same time: SIPp alone, SIPp with an RTP socket that records, a person."""

    sipp: sipp.SippResult
    heard: rtp.Heard
    person: dict[str, Any]
    records: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def calls(world: World, tmp_path_factory: pytest.TempPathFactory) -> Calls:
    work = tmp_path_factory.mktemp("inbound")
    with rtp.RtpPeer() as peer:
        peer.play(SAYS)
        keys = {"audio_port": str(peer.port)}
        person = world.caller(RECEPTION, PERSON, CONVERSATION, work)
        alone = sipp.Case("uac_speaks_until_bye", world.stack.sip, RECEPTION, caller=SIPP, speech=SAYS)
        other = sipp.Case(
            "uac_media_elsewhere_until_bye", world.stack.sip, RECEPTION, caller=SOCKET, keys=keys
        )
        running = [sipp.start(alone, work / "alone"), sipp.start(other, work / "other")]
        results = [each.wait() for each in running]
        said = person.result()
    assert results[1].ok, results[1].messages + results[1].errors
    ids = {who: world.api.find(to_number=RECEPTION, from_number=who) for who in (SIPP, SOCKET, PERSON)}
    return Calls(results[0], peer.heard, said, {who: world.api.ended(each) for who, each in ids.items()})


def test_sipp_is_answered_understood_and_hung_up_on_after_its_goodbye(calls: Calls) -> None:
    assert calls.sipp.ok, calls.sipp.messages + calls.sipp.errors
    call = calls.records[SIPP]
    assert call["end_reason"] == "agent_hung_up"
    assert call["agent_version"]
    assert [text.lower() for text in turns_of(call, "caller")] == ["what are your opening hours", "goodbye"]
    assert turns_of(call, "agent") == [agents.GREETING, agents.HOURS, "Goodbye."]


def test_the_agent_is_heard_by_a_stranger_without_a_gap(calls: Calls) -> None:
    assert calls.heard.speech_ms() > 3_000
    assert calls.heard.lost == 0
    assert len(calls.heard.sources) == 1, "the audio came from one address"
    assert calls.records[SOCKET]["end_reason"] == "agent_hung_up"


def test_the_recording_has_the_caller_left_and_the_agent_right(world: World, calls: Calls) -> None:
    recording = calls.records[SIPP]["recording"]
    response = world.api.http.get(f"/calls/{calls.records[SIPP]['id']}/recording")
    assert response.headers["content-type"] == "audio/wav"
    assert len(response.content) == recording["size_bytes"]
    with wave.open(io.BytesIO(response.content)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8_000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    caller, agent = (np.abs(samples[:, side]) > 500 for side in (0, 1))
    greeting = slice(0, 8 * 2_000)
    assert agent[greeting].sum() > 1_000
    assert caller[greeting].sum() == 0
    question = int(np.flatnonzero(caller)[0])
    assert question > 8 * 3_000, "the caller speaks after the greeting"
    assert agent[question : question + 8 * 1_000].sum() == 0


def test_a_person_interrupts_presses_a_key_and_says_goodbye(calls: Calls) -> None:
    call = calls.records[PERSON]
    assert calls.person["completed"], calls.person
    assert calls.person["ended_by"] == "other side"
    assert call["end_reason"] == "agent_hung_up"
    assert call["slots"] == {"confirmed": "yes"}
    interrupted = [turn for turn in call["turns"] if turn["interrupted"]]
    assert [turn["speaker"] for turn in interrupted] == ["agent"]
    assert agents.LONG_STORY.startswith(interrupted[0]["text"].rstrip(". "))
    assert len(interrupted[0]["text"]) < len(agents.LONG_STORY) / 2
    assert agents.HOURS in turns_of(call, "agent")
    assert [turn["text"] for turn in call["turns"] if turn["dtmf"]] == ["1"]


def test_the_agent_stops_soon_after_it_is_interrupted_and_answers_each_time(calls: Calls) -> None:
    assert calls.person["barge_ins"][0]["yielded_after_ms"] < 1_000
    assert len(calls.person["answer_gaps_ms"]) == 3
    latency = calls.records[PERSON]["latency"]
    assert latency["total"]["turns"] >= 3
    assert latency["endpoint"]["median_ms"] >= 200


def test_events_are_numbered_without_a_gap_and_hold_the_ladder(world: World, calls: Calls) -> None:
    for record in calls.records.values():
        events = world.api.events(record["id"])
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        types = [event["type"] for event in events]
        assert types.index("answered") < types.index("turn") < types.index("ended")
        lines = [event["event"]["first_line"] for event in events if event["type"] == "sip"]
        assert lines[0].startswith("INVITE ")
        assert any(line.startswith("BYE ") for line in lines)
        assert record["media"]["rx_packets"] > 100
        assert record["media"]["rx_lost"] == 0


def test_a_caller_who_hangs_up_while_the_agent_speaks_ends_the_call(world: World, tmp_path) -> None:
    script = [{"do": "await_speech", "for_ms": 1_000}, {"do": "hang_up"}]
    result = world.caller(RECEPTION, "+12025550164", script, tmp_path).result()
    assert result["completed"], result
    call = world.api.ended(world.api.find(to_number=RECEPTION, from_number="+12025550164"))
    assert call["end_reason"] == "caller_hung_up"
    (turn,) = call["turns"]
    assert turn["interrupted"]
    assert agents.GREETING.startswith(turn["text"].rstrip(". "))
    assert turn["text"] != agents.GREETING
