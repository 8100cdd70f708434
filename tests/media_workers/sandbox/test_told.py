"""The phone that plays a test suite's caller, in virtual time against an agent that talks."""

from __future__ import annotations

import pytest

from media_workers.contract.simulation import (
    TOLD_BY,
    HangUpStep,
    PressStep,
    SayStep,
    SilentStep,
)
from media_workers.sandbox.party import EndCall, PressKeys
from media_workers.sandbox.told import asker, played


@pytest.fixture
def told(play):
    def run(*steps, **how):
        return play([step.model_dump() for step in played(steps).steps], **how)

    return run


def test_each_line_comes_after_what_the_agent_says(told) -> None:
    call = told(
        SayStep(text="One."), PressStep(digits="12"), far=[(0, 2_000), (5_000, 6_000), (9_000, 10_000)]
    )
    assert [said.text for said in call.party.account.said] == ["One."]
    assert 2_000 < call.party.account.said[0].start_ms < 5_000
    at, action = call.actions[0]
    assert action == PressKeys("12")
    assert 6_000 < at < 9_000
    assert call.actions[-1][1] == EndCall()
    assert call.party.account.completed


def test_an_interruption_begins_while_the_agent_speaks(told) -> None:
    call = told(SayStep(text="Stop.", interrupt=True), far=[(0, 3_000)])
    assert call.party.account.barge_ins[0].at_ms < 1_500


def test_silence_waits_for_the_agent_to_speak_again(told) -> None:
    call = told(SilentStep(), SayStep(text="Here."), far=[(0, 1_000), (8_000, 9_000), (20_000, 21_000)])
    assert 9_000 < call.party.account.said[0].start_ms < 12_000


def test_a_caller_may_hang_up(told) -> None:
    call = told(HangUpStep(), SayStep(text="Never."), far=[(0, 1_000)])
    assert call.party.account.said == []


def test_nobody_is_played_without_a_ticket_or_a_control_plane() -> None:
    ask = asker("http://127.0.0.1:9")
    assert ask({}) is None
    assert ask({TOLD_BY: "ticket"}) is None
