"""What the demo accepts as kept, and what it shows of a call."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.demo import account, report
from config.demo.scenario import INBOUND, OUTBOUND, Promise
from media_workers.contract.agent import AgentConfig

ENDED = {"end_reason": "busy", "sip_code": 486, "slots": {}, "turns": []}


def test_a_kept_promise_breaks_nothing() -> None:
    assert Promise("busy", sip_code=486).broken_by(ENDED, []) == []


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        (Promise("no_answer"), "ended by busy, not no_answer"),
        (Promise("busy", sip_code=600), "SIP code 486, not 600"),
        (Promise("busy", slots={"day": "monday"}), "understood {}, not {'day': 'monday'}"),
        (Promise("busy", events={"dtmf": 2}), "1 events of type dtmf, not 2"),
        (Promise("busy", turns=3), "0 turns, not 3"),
    ],
)
def test_a_broken_promise_says_what_was_broken(promise: Promise, words: str) -> None:
    assert promise.broken_by(ENDED, [{"type": "dtmf"}]) == [words]


@pytest.mark.parametrize("name", ["reception.json", "reminder.json"])
def test_the_agents_of_the_demo_are_valid_and_can_do_what_is_promised(name: str) -> None:
    text = (Path(account.__file__).parent / name).read_text(encoding="utf-8")
    config = AgentConfig.model_validate(json.loads(text))
    assert config.model.provider == "script"
    promises = [INBOUND] if name == "reception.json" else [promise for _, promise in OUTBOUND.values()]
    wanted = {slot for promise in promises for slot in promise.slots}
    settable = {slot for node in config.model.nodes.values() for branch in node.expect for slot in branch.set}
    assert wanted <= settable | set(config.model.slots)


def test_the_live_transcript_shows_speech_keys_and_interruptions_and_hides_noise() -> None:
    turn = {
        "type": "turn",
        "speaker": "agent",
        "text": "Hello",
        "latency": {"total": 412},
        "interrupted": True,
    }
    assert str(report.describe(turn)) == " agent: “Hello ... [interrupted]”   (412 ms)"
    key = {"type": "turn", "speaker": "caller", "text": "1", "latency": None, "dtmf": True}
    assert str(report.describe(key)) == "caller: presses 1"
    assert report.describe({"type": "sip", "text": "INVITE"}) is None
