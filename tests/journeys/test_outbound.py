"""The platform calls the magic numbers that answer or do not; each ends as docs/guides/sandbox.md says. Those
that transfers, answering machines and test suites are tried with have journeys of their own."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest

from media_workers.sandbox.numbers import PHONES
from tests.journeys.client import turns_of
from tests.journeys.conftest import World
from tests.sip.wait import until

pytestmark = pytest.mark.journey

UNKNOWN = "+12025550199"
AT_ONCE = 4
FIRST_OF_OTHERS = "+12025550120"
LONGEST_FIRST = [
    "rings out",
    "voicemail",
    "slow answer",
    "one-way audio",
    "talks",
    "presses a key",
    "never again",
    "call me later",
    "leaves",
]


@pytest.fixture(scope="module")
def outcomes(world: World) -> dict[str, dict[str, Any]]:
    """The ended call of every phone, by its name; four at a time, as many as a small machine speaks to."""
    phones = [phone for phone in PHONES.values() if phone.number < FIRST_OF_OTHERS]
    numbers = {phone.name: phone.number for phone in phones} | {"unknown": UNKNOWN}
    order = [*LONGEST_FIRST, *(name for name in numbers if name not in LONGEST_FIRST)]

    def call(name: str) -> dict[str, Any]:
        return world.api.ended(world.place(numbers[name]), timeout_s=150)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(order, pool.map(call, order), strict=True))


@pytest.mark.parametrize(
    ("phone", "reason", "sip_code"),
    [
        ("busy", "busy", 486),
        ("rings out", "no_answer", 487),
        ("rejects", "rejected", 603),
        ("unreachable", "unreachable", 480),
        ("carrier down", "unreachable", 503),
        ("unknown", "number_unknown", 404),
    ],
)
def test_a_phone_that_does_not_answer_gives_its_reason_and_code(
    outcomes: dict[str, dict[str, Any]], phone: str, reason: str, sip_code: int
) -> None:
    call = outcomes[phone]
    assert (call["end_reason"], call["sip_code"]) == (reason, sip_code)
    assert call["end_words"]
    assert call["answered_at"] is None
    assert call["turns"] == []
    assert call["duration_ms"] == 0


def test_the_talking_phone_answers_the_question(outcomes: dict[str, dict[str, Any]]) -> None:
    call = outcomes["talks"]
    assert call["end_reason"] == "agent_hung_up"
    assert call["slots"] == {"coming": "yes"}
    assert [text.lower() for text in turns_of(call, "caller")] == ["yes please"]
    assert call["media"]["rx_packets"] > 100


def test_the_pressing_phone_answers_with_a_key(outcomes: dict[str, dict[str, Any]]) -> None:
    call = outcomes["presses a key"]
    assert call["end_reason"] == "agent_hung_up"
    assert call["slots"] == {"coming": "yes"}
    assert [turn["text"] for turn in call["turns"] if turn["dtmf"]] == ["1"]


def test_the_leaving_phone_is_a_callee_who_hung_up(outcomes: dict[str, dict[str, Any]]) -> None:
    call = outcomes["leaves"]
    assert call["end_reason"] == "callee_hung_up"
    assert call["turns"][-1]["interrupted"]


def test_the_slow_phone_is_waited_for(outcomes: dict[str, dict[str, Any]]) -> None:
    call = outcomes["slow answer"]
    assert call["answered_at"] > call["ringing_at"]
    assert call["turns"]


def test_one_way_audio_ends_by_the_silence_policy(outcomes: dict[str, dict[str, Any]]) -> None:
    call = outcomes["one-way audio"]
    assert call["end_reason"] == "silence"
    assert turns_of(call, "caller") == []
    assert call["media"]["rx_packets"] == 0
    assert call["media"]["tx_packets"] > 100


def test_the_voicemail_is_known_for_one_and_hung_up_on(outcomes: dict[str, dict[str, Any]]) -> None:
    call = outcomes["voicemail"]
    assert (call["end_reason"], call["answered_by"]) == ("voicemail", "machine")
    assert turns_of(call, "agent")


def test_every_answered_call_was_recorded(world: World, outcomes: dict[str, dict[str, Any]]) -> None:
    answered = {name: call["id"] for name, call in outcomes.items() if call["answered_at"]}
    assert answered.keys() == set(LONGEST_FIRST) - {"rings out"}
    for name, call_id in answered.items():
        recording = until(lambda: world.api.call(call_id)["recording"], f"{name} is recorded")  # noqa: B023
        assert recording["duration_ms"] > 0
