"""What interrupts the agent, what does not, and what becomes of an interruption that was none."""

from __future__ import annotations

from typing import Any

import pytest

from media_workers.contract.agent import TurnTaking
from media_workers.contract.events import BargeIn
from media_workers.conversation.interrupting import BargeIn as Rule
from media_workers.conversation.interrupting import Protected
from media_workers.providers.base import TextDelta
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Listener

LONG = "one two three four five six seven eight nine ten eleven twelve"
"""62 characters of 50 ms: 3100 ms, from 200 to 3300."""


def greeting(partials: bool = False, text: str = LONG, **rules: Any) -> Phone:
    rules = {"ignore_backchannels": True, **rules}
    return Phone(agent=config(first_message=text, turn_taking=rules), ears=Listener(partials=partials))


# --- words and sounds of a listener ---------------------------------------------------------------


@pytest.mark.parametrize("word", ["mhm", "Yes.", "okay, yes", "I see"])
@pytest.mark.parametrize("partials", [False, True])
def test_a_listener_does_not_interrupt(word: str, partials: bool) -> None:
    phone = greeting(partials=partials)
    phone.says(word, at=1200, ms=400)
    phone.call(6000)
    assert phone.spoke() == [(200, 3300)]
    assert phone.of(BargeIn) == []
    # It stands in the transcript, and nothing answers it.
    assert sorted(phone.texts()) == sorted([f"agent: {LONG}", f"caller: {word}"])
    assert phone.mind.asked == []


def test_words_interrupt_as_soon_as_they_are_known() -> None:
    phone = greeting(partials=True)
    phone.says("stop", at=1200)
    phone.call(6000)
    assert phone.spoke()[0] == (200, 1400)
    assert phone.texts() == ["agent: one two three four five -", "caller: stop", "agent: You said stop."]


def test_without_partial_words_speech_interrupts_after_a_bounded_wait() -> None:
    phone = greeting()
    phone.says("stop", at=1200)
    phone.call(6000)
    assert phone.spoke()[0] == (200, 1700)
    assert phone.of(BargeIn)[0].at_ms == 1700


def test_a_short_word_interrupts_when_it_has_been_understood() -> None:
    phone = greeting()
    phone.says("stop", at=1200, ms=300)
    phone.call(6000)
    # Silence from 1500, the transcript asked for at 1620 and there at 1720.
    assert phone.spoke()[0] == (200, 1720)
    assert phone.texts()[1:] == ["caller: stop", "agent: You said stop."]


def test_a_listener_who_goes_on_and_on_interrupts() -> None:
    phone = greeting(partials=True)
    phone.says("yes yes", at=1200, ms=1000)
    phone.says("but tell me", at=2200, ms=600)
    phone.call(8000)
    # 200 ms and twice the allowance of 300.
    assert phone.spoke()[0] == (200, 2000)
    assert phone.texts()[1:] == ["caller: yes yes but tell me", "agent: You said yes yes but tell me."]


def test_the_list_can_be_the_agents_own() -> None:
    phone = greeting(partials=True, backchannels=["jawohl"])
    phone.says("jawohl", at=1000, ms=400)
    phone.says("yes", at=2000, ms=400)
    phone.call(6000)
    assert phone.spoke()[0] == (200, 2200)
    assert sorted(t.text for t in phone.turns("caller")) == ["jawohl", "yes"]


def test_a_yes_to_the_question_that_is_being_asked_is_its_answer() -> None:
    phone = greeting(text="Shall I book it for you?")
    phone.says("yes", at=900, ms=300)
    phone.call(6000)
    assert phone.texts() == ["agent: Shall I book it for you?", "caller: yes", "agent: You said yes."]


def test_a_yes_in_the_middle_of_what_the_agent_says_is_none() -> None:
    phone = greeting(text="This is a fine place to sit, you know. Shall I book it for you?")
    phone.says("yes", at=600, ms=300)
    phone.call(9000)
    assert phone.mind.asked == []


DECISIONS = [
    # speech_ms, text, final, whether it interrupts
    (180, "stop", True, False),
    (200, "stop", False, True),
    (200, "", False, False),
    (480, "", False, False),
    (500, "", False, True),
    (500, "", True, False),
    (500, "yes", False, False),
    (800, "yes", False, True),
    (800, "yes", True, False),
    (200, "yes but", False, True),
    (300, "Uh-huh, okay.", True, False),
    (300, "yes, no", True, True),
]


@pytest.mark.parametrize(("speech_ms", "text", "final", "interrupts"), DECISIONS)
def test_the_rule(speech_ms: int, text: str, final: bool, interrupts: bool) -> None:
    rule = Rule(TurnTaking(barge_in_min_speech_ms=200), "en-GB")
    assert rule.decides(speech_ms, text, final=final) is interrupts


@pytest.mark.parametrize(
    ("language", "text", "ignored"),
    [
        ("de-DE", "Ja, genau.", True),
        ("de-DE", "Nein.", False),
        ("fr-FR", "D'accord", True),
        ("es-ES", "Sí, sí, claro", True),
        ("pl-PL", "mhm", True),
        ("pl-PL", "tak", False),
    ],
)
def test_every_language_has_its_own_list(language: str, text: str, ignored: bool) -> None:
    assert Rule(TurnTaking(), language).ignores(text) is ignored


def test_without_the_setting_everything_interrupts() -> None:
    rule = Rule(TurnTaking(ignore_backchannels=False, barge_in_min_speech_ms=200), "en-US")
    assert rule.decides(200, "", final=False)
    assert rule.decides(200, "mhm", final=True)
    assert not rule.decides(180, "stop", final=False)


# --- interruptions that were none -----------------------------------------------------------------


def test_after_a_noise_the_agent_goes_on_with_the_word_that_was_cut() -> None:
    phone = greeting()
    phone.says("", at=1200, ms=600)
    phone.call(9000)
    # Silent from 1700; the noise ends at 1800, and 900 ms later the agent goes on.
    assert phone.spoke()[0] == (200, 1700)
    assert phone.spoke()[1][0] == 2700
    # `seven` was cut: 1500 ms are 30 characters, `one two three four five six ` is 28.
    assert phone.spoke()[1][1] == 2700 + 3100 - 28 * 50
    assert phone.texts() == [f"agent: {LONG}"]
    assert phone.mind.heard_texts == [(LONG, False)]
    assert phone.mouth.spoken == [LONG]
    assert phone.of(BargeIn) == [BargeIn(at_ms=1700, turn_index=0, resumed=True)]


def test_how_long_it_waits_is_a_setting() -> None:
    phone = greeting(resume_after_ms=400)
    phone.says("", at=1200, ms=600)
    phone.call(9000)
    # The turn is over at 2200, as long as the pause of every turn.
    assert phone.spoke()[1][0] == 2200


def test_an_agent_that_does_not_resume_leaves_it_at_that() -> None:
    phone = greeting(resume_after_ms=None)
    phone.says("", at=1200, ms=300)
    phone.says("", at=2600, ms=300)
    phone.call(6000)
    assert phone.spoke() == [(200, 3300)]
    phone = greeting(resume_after_ms=None, ignore_backchannels=False)
    phone.says("", at=1200, ms=300)
    phone.call(6000)
    assert phone.texts() == ["agent: one two three four five -"]


def test_a_listener_who_was_loud_for_long_does_not_end_the_turn_either() -> None:
    phone = greeting()
    phone.says("mhm", at=1200, ms=700)
    phone.call(9000)
    assert phone.texts() == ["caller: mhm", f"agent: {LONG}"]
    assert [b.resumed for b in phone.of(BargeIn)] == [True]


def test_noise_and_then_words_are_an_interruption() -> None:
    phone = greeting()
    phone.says("", at=1200, ms=600)
    phone.says("stop", at=2300, ms=300)
    phone.call(9000)
    assert phone.texts()[1:] == ["caller: stop", "agent: You said stop."]
    assert [(b.at_ms, b.resumed) for b in phone.of(BargeIn)] == [(1700, False)]
    assert phone.turns()[0].interrupted


def test_what_the_model_writes_while_the_agent_waits_is_not_lost() -> None:
    phone = greeting(text="")
    phone.mind.answers["<opening>"] = [TextDelta("First of all this. "), 1.0, TextDelta("And then that.")]
    phone.says("", at=700, ms=600)
    phone.call(9000)
    assert phone.texts() == ["agent: First of all this. And then that."]
    assert phone.mind.dropped == 0


def test_a_digit_settles_it() -> None:
    phone = greeting()
    phone.says("", at=1200, ms=600)
    phone.presses("1", at=2000)
    phone.call(9000)
    assert phone.texts() == ["agent: one two three four five six -", "caller: 1", "agent: You said 1."]
    assert [b.resumed for b in phone.of(BargeIn)] == [False]


def test_who_hangs_up_meanwhile_heard_what_was_played() -> None:
    phone = greeting()
    phone.says("", at=1200, ms=600)
    phone.call(2000)
    assert phone.texts() == ["agent: one two three four five six -"]


# --- protected phrases ----------------------------------------------------------------------------

NOTICE = "Hello there. This call is recorded for training. How can I help you today?"
"""Sentences from 200, 800 and 2550 ms."""
KEPT = ["this call is recorded"]


def test_a_protected_sentence_is_played_to_its_end_before_the_caller_is_answered() -> None:
    phone = greeting(text=NOTICE, protected_phrases=KEPT, ignore_backchannels=False)
    phone.says("stop", at=1200, ms=500)
    phone.call(8000)
    assert phone.texts() == [
        "agent: Hello there. This call is recorded for training. -",
        "caller: stop",
        "agent: You said stop.",
    ]
    assert phone.spoke()[0] == (200, 2560)
    assert phone.of(BargeIn)[0].stop_ms == 0


def test_who_talks_on_interrupts_right_after_it() -> None:
    phone = greeting(text=NOTICE, protected_phrases=KEPT, ignore_backchannels=False)
    phone.says("that I do not want at all", at=1200, ms=2000)
    phone.call(8000)
    assert phone.spoke()[0] == (200, 2560)
    assert phone.texts()[1] == "caller: that I do not want at all"


def test_the_other_sentences_can_be_interrupted() -> None:
    phone = greeting(text=NOTICE, protected_phrases=KEPT, ignore_backchannels=False)
    phone.says("stop", at=300, ms=500)
    phone.call(8000)
    assert phone.spoke()[0] == (200, 500)


def test_a_digit_waits_for_it_too() -> None:
    phone = greeting(text=NOTICE, protected_phrases=KEPT)
    phone.presses("1", at=1200)
    phone.call(8000)
    assert phone.spoke()[0] == (200, 2560)
    assert phone.texts()[-1] == "agent: You said 1."


COVERED = [
    (["Good day.", "This call is recorded.", "Bye."], ["This call IS recorded"], {1}),
    (
        ["Good day.", "Calls are recorded,", "and may be kept.", "Bye."],
        ["are recorded and may be kept"],
        {1, 2},
    ),
    (["Good day.", "Calls are recorded"], ["calls are recorded and may be kept"], {1}),
    (["Good day.", "Calls are"], ["calls are recorded and may be kept"], set()),
    (["Good day.", "Calls are recorded", "by nobody."], ["calls are recorded and may be kept"], set()),
    (["Grüße.", "Das Gespräch wird aufgezeichnet!"], ["gespräch wird aufgezeichnet"], {1}),
    (["This call is recorded."], [], set()),
    (["This call is recorded."], ["..."], set()),
]


@pytest.mark.parametrize(("sentences", "phrases", "covered"), COVERED)
def test_which_sentences_a_phrase_covers(sentences: list[str], phrases: list[str], covered: set[int]) -> None:
    protected = Protected(phrases)
    assert {n for n in range(len(sentences)) if protected.covers(sentences, n, 1)} == covered
