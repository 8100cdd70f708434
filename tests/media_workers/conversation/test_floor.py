"""Interruptions, digits, commands, silence and the end of a call's time."""

from __future__ import annotations

from typing import Any

import pytest

from media_workers.contract.events import BargeIn, Dtmf, EndReason
from media_workers.providers.base import TextDelta, ToolCall
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Listener, Speaker, Thinker

LONG = "one two three four five six seven eight nine ten eleven twelve"
"""62 characters of 50 ms: 3100 ms."""


def greeting(**changes: Any) -> Phone:
    return Phone(agent=config(first_message=LONG, **changes))


def test_barge_in_stops_at_once_and_keeps_what_was_heard() -> None:
    phone = greeting()
    phone.says("stop", at=1200)
    phone.call(6000)
    interrupted, caller, answer = phone.turns()
    # 200 ms of speech from 1200: the frame due at 1400 is not sent any more. 1200 ms were played.
    assert phone.spoke()[0] == (200, 1400)
    assert interrupted.interrupted
    assert interrupted.text == "one two three four five"
    assert (interrupted.start_ms, interrupted.end_ms) == (200, 1400)
    (barge_in,) = phone.of(BargeIn)
    assert (barge_in.at_ms, barge_in.turn_index, barge_in.stop_ms) == (1400, 0, 0)
    assert (caller.text, caller.start_ms) == ("stop", 1200)
    assert answer.text == "You said stop."
    assert phone.mind.heard_texts[0] == ("one two three four five", True)


def test_barge_in_cancels_model_and_voice() -> None:
    phone = Phone(agent=config(first_message=""))
    phone.mind.answers["<opening>"] = [TextDelta("Let me think. "), 5.0, TextDelta("Never said.")]
    phone.says("stop", at=700)
    phone.call(6000)
    assert phone.mind.dropped == 1
    assert "Never said." not in phone.mouth.spoken
    assert phone.texts()[-2:] == ["caller: stop", "agent: You said stop."]


def test_a_short_sound_does_not_interrupt() -> None:
    phone = greeting()
    phone.says("yes", at=1200, ms=160)
    phone.call(6000)
    assert phone.of(BargeIn) == []
    # It is part of the transcript, but nothing answers it.
    assert sorted(phone.texts()) == [f"agent: {LONG}", "caller: yes"]
    assert phone.mind.asked == []


def test_an_agent_that_does_not_yield_speaks_on() -> None:
    phone = greeting(turn_taking={"barge_in": False})
    phone.says("stop", at=1200)
    phone.call(6000)
    assert phone.spoke() == [(200, 3300)]
    assert phone.mind.asked == []


def test_words_that_outlast_an_agent_that_does_not_yield_are_answered() -> None:
    phone = greeting(turn_taking={"barge_in": False})
    phone.says("yes please", at=3000, ms=800)
    phone.call(8000)
    assert phone.texts()[1:] == ["caller: yes please", "agent: You said yes please."]


def test_talking_over_the_agent_without_sense_is_not_understood() -> None:
    phone = greeting()
    phone.mind.answers["<unclear>"] = "Pardon?"
    phone.says("", at=1200, ms=1300)
    phone.call(8000)
    assert phone.texts() == ["agent: one two three four five -", "caller: ", "agent: Pardon?"]


def test_the_caller_may_interrupt_the_answer_to_an_interruption() -> None:
    phone = greeting()
    phone.mind.answers["stop"] = LONG
    phone.says("stop", at=1200)
    phone.says("stop it", at=3500)
    phone.call(8000)
    assert [t.interrupted for t in phone.turns("agent")] == [True, True, False]
    assert phone.mind.kept == ["stop", "stop it"]


def test_a_digit_is_a_turn_of_its_own() -> None:
    phone = Phone()
    phone.presses("5", at=2000)
    phone.call(5000)
    assert phone.of(Dtmf) == [Dtmf(digit="5", at_ms=2000)]
    caller, answer = phone.turns()[1:]
    assert (caller.text, caller.dtmf, caller.start_ms) == ("5", True, 2000)
    assert answer.text == "You said 5."
    assert answer.latency is not None
    assert (answer.latency.endpoint, answer.latency.transcript) == (None, None)
    assert answer.latency.total == answer.start_ms - 2000 == 260
    assert phone.mind.kept == ["5"]


def test_a_digit_interrupts_the_agent() -> None:
    phone = greeting()
    phone.presses("1", at=1200)
    phone.call(5000)
    assert phone.spoke()[0] == (200, 1200)
    assert phone.texts() == ["agent: one two three four -", "caller: 1", "agent: You said 1."]
    assert phone.of(BargeIn)[0].at_ms == 1200


def test_a_digit_waits_for_an_agent_that_does_not_yield() -> None:
    phone = greeting(turn_taking={"barge_in": False})
    phone.presses("1", at=1200)
    phone.call(8000)
    assert sorted(phone.texts()) == sorted([f"agent: {LONG}", "caller: 1", "agent: You said 1."])
    assert phone.spoke()[1][0] >= 3300


def test_digits_pressed_in_a_row_all_reach_the_dialogue_in_order() -> None:
    phone = Phone()
    for n, digit in enumerate("42#"):
        phone.presses(digit, at=2000 + n * 60)
    phone.call(6000)
    assert phone.mind.kept == ["4", "2", "#"]
    assert phone.texts()[1:] == ["caller: 4", "caller: 2", "caller: #", "agent: You said #."]
    assert phone.mind.heard_texts[1:] == [("", True), ("", True), ("You said #.", False)]


def test_a_digit_pressed_after_words_keeps_them_in_the_transcript() -> None:
    phone = Phone()
    phone.says("my code is", at=2000)
    phone.presses("7", at=2900)
    phone.call(6000)
    assert phone.texts()[1:] == ["caller: my code is", "caller: 7", "agent: You said 7."]
    assert phone.mind.kept == ["7"]


def test_a_digit_before_the_greeting_takes_its_place() -> None:
    phone = Phone(mouth=Speaker(first_ms=500))
    phone.presses("0", at=100)
    phone.call(4000)
    assert phone.texts() == ["caller: 0", "agent: You said 0."]


def test_a_command_is_said_when_the_agent_is_silent() -> None:
    phone = greeting()
    phone.is_told_to_say("Your driver is here.", at=1000)
    phone.call(6000)
    assert phone.texts() == [f"agent: {LONG}", "agent: Your driver is here."]


def test_a_command_waits_for_the_callers_turn_and_its_answer() -> None:
    phone = Phone()
    phone.is_told_to_say("Your driver is here.", at=1990)
    phone.says("two people", at=1900)
    phone.call(8000)
    assert phone.texts()[1:] == [
        "caller: two people",
        "agent: You said two people.",
        "agent: Your driver is here.",
    ]


def test_a_command_that_the_caller_forestalls_is_said_later() -> None:
    phone = Phone(mouth=Speaker(first_ms=300))
    phone.is_told_to_say("Your driver is here.", at=1800)
    phone.says("two people", at=1850)
    phone.call(8000)
    assert phone.texts()[1:] == [
        "caller: two people",
        "agent: You said two people.",
        "agent: Your driver is here.",
    ]


SILENCE = {"prompt_after_ms": 3000, "prompts": ["Hello {{name}}?"], "goodbye": "Goodbye."}


def test_silence_is_prompted_and_then_ended() -> None:
    phone = Phone(agent=config(silence=SILENCE, variables={"name": "Kim"}))
    phone.call(60_000)
    assert phone.texts() == ["agent: Hello.", "agent: Hello Kim?", "agent: Goodbye."]
    assert phone.hung_up == (EndReason.SILENCE, "")
    first, prompt, goodbye = phone.turns()
    assert 3000 <= prompt.start_ms - first.end_ms <= 3200
    assert 3000 <= goodbye.start_ms - prompt.end_ms <= 3200
    assert goodbye.end_ms + 200 <= phone.ended_ms <= goodbye.end_ms + 300


def test_a_caller_who_answers_a_prompt_is_not_hung_up_on() -> None:
    phone = Phone(agent=config(silence=SILENCE))
    phone.says("I am here", at=5000)
    phone.call(8500)
    assert phone.hung_up is None
    assert phone.texts()[-1] == "agent: You said I am here."


def test_a_caller_who_speaks_before_the_prompt_sounds_is_heard_instead() -> None:
    phone = Phone(agent=config(silence=SILENCE), mouth=Speaker(first_ms=400))
    phone.says("two people", at=3820)
    phone.call(6500)
    assert phone.texts() == ["agent: Hello.", "caller: two people", "agent: You said two people."]


def test_noise_does_not_keep_a_silent_call_up() -> None:
    phone = Phone(agent=config(silence=SILENCE))
    for at in range(1500, 60_000, 1500):
        phone.says("", at=at, ms=100)
    phone.call(60_000)
    assert phone.hung_up is not None
    assert phone.hung_up[0] is EndReason.SILENCE


PATIENT = {"prompt_after_ms": 100_000}
LIMIT = {"silence": PATIENT, "max_duration_ms": 10_000, "max_duration_message": "Time is up, {{name}}."}


def test_the_end_of_the_calls_time_is_announced() -> None:
    phone = Phone(agent=config(**LIMIT, variables={"name": "Kim"}))
    phone.call(60_000)
    assert phone.texts() == ["agent: Hello.", "agent: Time is up, Kim."]
    assert phone.hung_up == (EndReason.MAX_DURATION, "")
    assert 10_000 < phone.ended_ms < 12_000


def test_at_the_end_of_its_time_the_agent_finishes_its_sentence_only() -> None:
    phone = Phone(agent=config(**LIMIT, first_message="This is one sentence. " * 20))
    phone.call(60_000)
    *_, speech, farewell = phone.texts()
    assert speech.endswith("sentence.")
    assert speech.count("sentence") < 20
    assert farewell == "agent: Time is up, ."
    assert phone.ended_ms < 13_000


def test_talking_over_the_last_sentence_does_not_lose_the_farewell() -> None:
    phone = Phone(agent=config(**LIMIT, first_message="This is one long sentence, it goes on. " * 20))
    phone.says("but wait", at=10_040)
    phone.call(60_000)
    assert phone.texts()[-1] == "agent: Time is up, ."
    assert not any(t.interrupted for t in phone.turns())


def test_a_caller_who_talks_through_the_end_of_the_time_is_transcribed() -> None:
    phone = Phone(agent=config(**LIMIT))
    phone.says("and another thing", at=9000, ms=2000)
    phone.call(60_000)
    assert phone.hung_up == (EndReason.MAX_DURATION, "")
    assert "caller: and another thing" in phone.texts()
    assert phone.mind.asked == []


def test_last_words_without_end_are_cut() -> None:
    phone = Phone(agent=config(silence=PATIENT, max_duration_ms=10_000, max_duration_message="never " * 600))
    phone.call(120_000)
    assert phone.hung_up == (EndReason.MAX_DURATION, "")
    assert phone.ended_ms == pytest.approx(30_000, abs=100)


def test_an_empty_farewell_ends_the_call_silently() -> None:
    phone = Phone(agent=config(silence=PATIENT, max_duration_ms=10_000, max_duration_message=""))
    phone.call(60_000)
    assert phone.texts() == ["agent: Hello."]
    assert phone.ended_ms == pytest.approx(10_000, abs=60)


MONEY = {"silence": PATIENT, "money_ended_message": "I have to go, {{name}}."}


def test_before_the_money_ends_the_agent_says_so_and_hangs_up_in_time() -> None:
    phone = Phone(agent=config(**MONEY, variables={"name": "Kim"}))
    phone.is_paid_until(12_000, at=3_000)
    phone.call(60_000)
    assert phone.texts() == ["agent: Hello.", "agent: I have to go, Kim."]
    assert phone.hung_up == (EndReason.MONEY_ENDED, "")
    assert 9_000 < phone.ended_ms < 12_000


def test_money_that_comes_in_time_lets_the_call_go_on() -> None:
    phone = Phone(agent=config(**MONEY))
    phone.is_paid_until(12_000, at=3_000)
    phone.is_paid_until(None, at=6_000)
    phone.says("still here", at=14_000)
    phone.call(20_000)
    assert phone.hung_up is None
    assert phone.texts()[-1] == "agent: You said still here."


def test_told_too_late_the_words_begin_at_once() -> None:
    phone = Phone(agent=config(**MONEY))
    phone.is_paid_until(5_000, at=7_000)
    phone.call(60_000)
    assert phone.texts()[-1] == "agent: I have to go, ."
    assert phone.hung_up == (EndReason.MONEY_ENDED, "")
    assert 7_000 < phone.ended_ms < 10_000


def test_without_words_the_call_lasts_as_long_as_its_money() -> None:
    phone = Phone(agent=config(silence=PATIENT, money_ended_message=""))
    phone.is_paid_until(8_000, at=1_000)
    phone.call(60_000)
    assert phone.texts() == ["agent: Hello."]
    assert phone.ended_ms == pytest.approx(8_000, abs=60)


END = ToolCall("c1", "end_call", "{}")


def test_who_talks_over_the_goodbye_is_transcribed_but_ends_nothing() -> None:
    phone = Phone(mind=Thinker({"bye": [TextDelta("Thank you for calling us today, goodbye."), END]}))
    phone.says("bye", at=2000)
    phone.says("thank you", at=3600)
    phone.call(20_000)
    assert phone.hung_up == (EndReason.AGENT_HUNG_UP, "")
    assert not phone.turns("agent")[-1].interrupted
    assert "caller: thank you" in phone.texts()
    assert phone.mind.asked == ["bye"]


def test_a_caller_who_goes_on_before_the_goodbye_sounds_keeps_the_call() -> None:
    phone = Phone(
        mind=Thinker({"bye": [TextDelta("Goodbye."), END]}, token_ms=10), mouth=Speaker(first_ms=10)
    )
    phone.says("bye", at=2000)
    phone.says("or wait", at=2900)
    phone.call(8000)
    assert phone.hung_up is None
    assert phone.texts()[1:] == ["caller: bye or wait", "agent: You said bye or wait."]


def test_a_slow_transcript_during_the_agents_speech_is_answered_after_it() -> None:
    phone = Phone(
        agent=config(first_message=LONG, turn_taking={"barge_in": False}), ears=Listener(final_ms=900)
    )
    phone.says("yes please", at=2000, ms=700)
    phone.call(8000)
    assert phone.texts()[1:] == ["caller: yes please", "agent: You said yes please."]


def test_before_the_end_of_the_time_the_caller_is_warned_once_when_nobody_speaks() -> None:
    warned = {**LIMIT, "max_duration_warning_ms": 5_000, "max_duration_warning": "Five seconds, {{name}}."}
    phone = Phone(agent=config(**warned, variables={"name": "Kim"}))
    phone.says("two people", at=4_800)
    phone.call(60_000)
    assert phone.texts() == [
        "agent: Hello.",
        "caller: two people",
        "agent: You said two people.",
        "agent: Five seconds, Kim.",
        "agent: Time is up, Kim.",
    ]


def test_the_floor_can_be_looked_at() -> None:
    phone = greeting()
    for at in (100, 800, 1300, 1500, 1900, 2300):
        phone.is_looked_at(at)
    phone.says("stop", at=1200, ms=500)
    phone.call(4000)
    made, speaks, heard, cut, paused, answered = phone.seen
    assert (made.agent, made.state, made.speech, made.level_db) == ("making", "quiet", 0.02, -96.0)
    assert (speaks.agent, speaks.at_ms) == ("speaking", 800)
    assert (heard.agent, heard.state, heard.speech) == ("speaking", "speaking", 0.98)
    assert heard.level_db < -80
    assert (cut.agent, cut.state, cut.silence_ms) == ("resuming", "speaking", 0)
    assert (paused.state, paused.silence_ms, paused.endpoint_ms, paused.reason) == (
        "paused", 200, 400, "silence"
    )  # fmt: skip
    assert (answered.agent, answered.state) == ("speaking", "quiet")
