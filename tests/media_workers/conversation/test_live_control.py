"""What people do to an agent that talks: mute it, have it say something, take its caller away for a while."""

from __future__ import annotations

from media_workers.contract.agent import SilencePolicy
from media_workers.contract.events import Dtmf, EndReason
from tests.media_workers.conversation.phone import Phone, config

PATIENT = config(silence=SilencePolicy(prompt_after_ms=4_000, prompts=["Are you there?"]))


def test_a_muted_agent_hears_and_says_nothing_and_knows_it_after() -> None:
    phone = Phone()
    phone.agent_is_muted(1_000, 5_000)
    phone.says("one", at=2_000)
    phone.says("two", at=7_000)
    phone.call(10_000)
    assert phone.texts() == ["agent: Hello.", "caller: one", "caller: two", "agent: You said two."]
    assert phone.mind.notes == ["While you were muted the caller said: one"]
    assert not any(1_000 <= start < 5_000 for start, _ in phone.spoke())


def test_what_a_muted_agent_was_saying_stops() -> None:
    phone = Phone(agent=config(first_message="One two three four five six seven eight nine ten."))
    phone.agent_is_muted(1_000, 3_000)
    phone.call(5_000)
    assert phone.texts()[0].endswith(" -")
    assert phone.spoke()[0][1] <= 1_020


def test_a_muted_agent_says_what_it_is_told_to_and_asks_nobody_whether_they_are_there() -> None:
    phone = Phone(agent=PATIENT)
    phone.agent_is_muted(1_000, 12_000)
    phone.is_told_to_say("One moment please.", at=2_000)
    phone.call(12_000)
    assert phone.texts() == ["agent: Hello.", "agent: One moment please."]


def test_keys_pressed_while_the_agent_is_muted_are_kept_without_an_answer() -> None:
    phone = Phone()
    phone.agent_is_muted(1_000, 5_000)
    phone.presses("4", at=2_000)
    phone.call(6_000)
    assert [key.digit for key in phone.of(Dtmf)] == ["4"]
    assert [turn.text for turn in phone.turns("agent")] == ["Hello."]


def test_a_caller_who_waits_for_somebody_else_is_neither_heard_nor_spoken_to() -> None:
    phone = Phone(agent=PATIENT)
    phone.waits(1_000, 14_000)
    phone.says("music", at=3_000)
    phone.call(14_000)
    assert phone.texts() == ["agent: Hello."]


def test_time_goes_on_while_the_caller_waits() -> None:
    phone = Phone(agent=config(max_duration_ms=10_000, max_duration_message=""))
    phone.waits(1_000, 60_000)
    phone.call(60_000)
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.MAX_DURATION
