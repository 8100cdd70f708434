"""Each answering phone of the table, played in virtual time against an agent that talks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from media_workers.sandbox.numbers import PHONES, Answers
from media_workers.sandbox.party import PressKeys


@pytest.fixture
def phone(play):
    """Plays the phone of that name."""

    def run(name: str, **how):
        does = next(p.does for p in PHONES.values() if p.name == name)
        assert isinstance(does, Answers)
        return play([step.model_dump() for step in does.script.steps], **how)

    return run


def greeting_then_replies(call, now: int) -> bool:
    """An agent that greets for 2 s and answers every line for 1.5 s, half a second after it."""
    ends = [said.end_ms for said in call.party.account.said if said.end_ms > said.start_ms]
    return 200 <= now < 2_200 or any(end + 500 <= now < end + 2_000 for end in ends)


def sounds(sent: list[bytes | None]) -> list[list[bytes]]:
    """The stretches of frames between silences."""
    groups = itertools.groupby(sent, key=lambda frame: frame is not None)
    return [list(frames) for heard, frames in groups if heard]


def test_talks_says_its_three_lines_each_after_the_agent(phone) -> None:
    call = phone("talks", far_reacts=greeting_then_replies)
    assert [said.text for said in call.party.account.said] == [
        "Yes please.",
        "Yes, I will be there.",
        "No thank you. Goodbye.",
    ]
    assert call.party.account.completed


def test_talks_speaks_first_when_the_agent_says_nothing(phone) -> None:
    call = phone("talks", until_ms=6_000)
    assert call.party.account.said[0].start_ms == pytest.approx(4_000, abs=40)


def test_presses_a_key_after_the_agents_question(phone) -> None:
    call = phone("presses a key", far=[(200, 3_000)])
    at, action = call.actions[0]
    assert action == PressKeys("1")
    assert at == pytest.approx(3_900, abs=40)
    assert call.sent_ms() == 0


def test_leaves_in_the_middle_of_the_agents_sentence(phone) -> None:
    call = phone("leaves", far=[(300, 6_000)])
    assert call.hung_up_at == pytest.approx(900, abs=40)


def test_voicemail_greets_beeps_at_one_kilohertz_and_records(phone) -> None:
    call = phone("voicemail", line_ms=3_000)
    assert [len(stretch) * 20 for stretch in sounds(call.sent)] == [3_000, 500]
    beep = np.frombuffer(b"".join(sounds(call.sent)[1]), "<i2")
    assert np.argmax(np.abs(np.fft.rfft(beep))) * 8_000 / len(beep) == 1_000
    assert call.hung_up_at == pytest.approx(63_800, abs=100)


def test_one_way_audio_hears_and_never_speaks(phone) -> None:
    call = phone("one-way audio", far=[(500, 2_500)])
    assert call.sent_ms() == 0
    assert call.party.ear.speech_ms == 2_000


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("accepts", ["Hello?", "Yes please.", "This is the front desk. How can I help?"]),
        ("declines", ["No thank you."]),
        ("slow yes", ["Hello?", "Yes."]),
        ("leaves in the briefing", []),
    ],
)
def test_humans_for_transfers_hear_the_briefing_out_before_they_answer(
    phone, name: str, says: list[str]
) -> None:
    call = phone(name, far=[(1_500, 6_000)], until_ms=20_000)
    said = call.party.account.said
    assert [line.text for line in said] == says
    assert all(line.start_ms >= 6_000 for line in said if line.text != "Hello?")
    assert not call.party.account.problem


def test_a_human_may_answer_by_a_key(phone) -> None:
    call = phone("accepts by key", far=[(1_500, 6_000)], until_ms=20_000)
    [(at, action), *_] = call.actions
    assert (action, at >= 6_000) == (PressKeys("1"), True)
