"""When a caller's turn is over: whole calls in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from media_workers.contract.events import TurnSpoken
from media_workers.conversation.endpointing.turn_model import TurnModel
from media_workers.providers.base import TextDelta, TurnSign
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Listener, Speaker, Thinker


def phone_of(rules: dict[str, Any], ears: Listener | None = None, **vendors: Any) -> Phone:
    rules = {"endpointing": "adaptive", "endpointing_ms": 450, **rules}
    return Phone(agent=config(turn_taking=rules), ears=ears or Listener(), **vendors)


def at_once(rules: dict[str, Any], ears: Listener | None = None) -> Phone:
    """Model and voice need next to nothing, so that the answer shows when the turn was over."""
    return phone_of(rules, ears, mind=Thinker(token_ms=0), mouth=Speaker(first_ms=0))


def answer_of(phone: Phone) -> TurnSpoken:
    *_, answer = phone.turns("agent")
    return answer


def reason_of(phone: Phone) -> str:
    account = answer_of(phone).account
    assert account is not None
    return account.endpointing


@pytest.mark.parametrize(
    ("text", "silence_ms", "reason"),
    [
        ("I would like to pay.", 240, "adaptive: complete sentence"),
        ("yes please", 240, "adaptive: closing words"),
        ("two people", 460, "adaptive: words"),
        ("a table for", 1_400, "adaptive: unfinished sentence"),
        ("my number is five five five", 1_400, "adaptive: digits"),
    ],
)
def test_the_silence_that_a_turn_takes_depends_on_its_words(text: str, silence_ms: int, reason: str) -> None:
    phone = at_once({})
    phone.says(text, at=2000)
    phone.call(6000)
    latency = answer_of(phone).latency
    assert latency is not None
    assert latency.endpoint == silence_ms
    assert answer_of(phone).start_ms - 2600 <= silence_ms + 20
    assert reason_of(phone) == reason


def test_with_vendors_of_350_ms_the_answer_comes_within_500() -> None:
    """100 ms for the final transcript, 150 for the first token, 100 for the first audio."""
    phone = phone_of({})
    phone.says("I would like to pay.", at=2000)
    phone.call(6000)
    latency = answer_of(phone).latency
    assert latency is not None
    assert latency.total is not None
    assert latency.total < 500


def test_words_that_are_not_there_yet_cannot_shorten_the_wait_and_may_lengthen_it() -> None:
    # Nothing is known when 450 ms have passed; then it turns out that the caller was in the middle of
    # a sentence, and goes on.
    phone = at_once({}, Listener(final_ms=500))
    phone.says("a table for", at=2000)
    phone.says("two people.", at=3500)
    phone.call(8000)
    assert phone.texts()[1:] == [
        "caller: a table for two people.",
        "agent: You said a table for two people..",
    ]
    assert phone.mind.asked == ["a table for two people."]


def test_partial_words_are_enough_to_know() -> None:
    phone = at_once({}, Listener(partials=True, final_ms=300))
    phone.says("I would like to pay.", at=2000)
    phone.call(6000)
    # The final transcript is asked for at 2720 and comes at 3020: the turn has long been over.
    assert answer_of(phone).start_ms == 3040
    assert reason_of(phone) == "adaptive: complete sentence"


def test_a_transcriber_that_never_calls_anything_final_is_waited_for_once() -> None:
    phone = at_once({}, Listener(partials=True, final_ms=None))
    phone.says("I would like to pay.", at=2000)
    phone.says("That was very good.", at=7000)
    phone.call(12_000)
    first, second = phone.turns("agent")[1:]
    # Asked for after 120 ms; then 1500 ms the first time, 300 the second.
    assert first.start_ms - 2600 == 120 + 1_500 + 20
    assert second.start_ms - 7600 == 120 + 300 + 20


def test_nobody_is_cut_off_in_a_telephone_number() -> None:
    phone = at_once({})
    for n, part in enumerate(("five five five", "one two three", "four five six seven.")):
        phone.says(part, at=2000 + n * 1600)
    phone.call(12_000)
    assert phone.texts()[1] == "caller: five five five one two three four five six seven."
    assert phone.mind.kept == ["five five five one two three four five six seven."]


def test_a_length_that_was_asked_for_ends_the_wait() -> None:
    phone = Phone(
        agent=config(
            first_message="Your four digits?", turn_taking={"endpointing": "adaptive", "endpointing_ms": 450}
        ),
        mind=Thinker(token_ms=0),
        mouth=Speaker(first_ms=0),
    )
    phone.says("one two three four", at=2000)
    phone.call(6000)
    assert reason_of(phone) == "adaptive: all digits"
    assert answer_of(phone).start_ms <= 2600 + 260


def test_an_answer_is_not_begun_while_the_caller_will_probably_go_on() -> None:
    phone = phone_of({})
    phone.says("a table for, um", at=2000)
    phone.says("two people.", at=3600)
    phone.call(8000)
    assert phone.mind.asked == ["a table for, um two people."]


def test_drafts_that_were_dropped_are_counted_and_leave_no_trace() -> None:
    phone = phone_of({})
    phone.mind.answers["a table"] = [TextDelta("Which one? "), 5.0]
    phone.says("a table", at=2000)
    phone.says("for two please.", at=2960)
    phone.call(8000)
    assert phone.mind.asked == ["a table", "a table for two please."]
    assert phone.mind.kept == ["a table for two please."]
    account = answer_of(phone).account
    assert account is not None
    assert account.drafts == 1
    assert phone.texts()[1:] == [
        "caller: a table for two please.",
        "agent: You said a table for two please..",
    ]


def test_without_eagerness_nothing_is_begun_before_the_decision() -> None:
    phone = phone_of({"eager": False})
    phone.says("a table", at=2000)
    phone.says("for two please.", at=2960)
    phone.call(8000)
    assert phone.mind.asked == ["a table for two please."]
    account = answer_of(phone).account
    latency = answer_of(phone).latency
    assert account is not None
    assert latency is not None
    assert account.drafts == 0
    assert account.moments.model_asked is not None
    assert account.moments.decided is not None
    assert account.moments.model_asked >= account.moments.decided
    # Decided after 240 ms, and only then 150 and 100 ms of vendors.
    assert latency.total is not None
    assert latency.total >= 240 + 250


LIKELY, RESUMED, OVER = TurnSign.LIKELY_OVER, TurnSign.RESUMED, TurnSign.OVER


def test_the_vendor_says_when_the_turn_is_over() -> None:
    phone = at_once({"endpointing": "vendor"}, Listener(signs=[[(200, OVER)]]))
    phone.says("a table and", at=2000)
    phone.call(6000)
    # Asked for the transcript at 2720; its sign comes at 2920.
    assert answer_of(phone).start_ms == 2940
    assert reason_of(phone) == "vendor: end of turn"


def test_on_a_likely_end_the_answer_is_begun_and_held() -> None:
    phone = phone_of({"endpointing": "vendor"}, Listener(signs=[[(50, LIKELY), (700, OVER)]]))
    phone.says("a table.", at=2000)
    phone.call(6000)
    account = answer_of(phone).account
    assert account is not None
    # The model was asked with the transcript, at 2820; the end came at 3420, the answer was ready by then.
    assert account.moments.model_asked == 220
    assert answer_of(phone).start_ms == 3420


def test_who_resumes_after_a_likely_end_is_heard_out() -> None:
    signs = [[(150, LIKELY), (300, RESUMED)], [(150, OVER)]]
    phone = at_once({"endpointing": "vendor"}, Listener(signs=signs))
    phone.says("a table.", at=2000)
    phone.says("for two.", at=3300)
    phone.call(8000)
    assert phone.mind.kept == ["a table. for two."]
    assert len(phone.turns("caller")) == 1


def test_a_vendor_that_forgets_its_sign_is_waited_for_up_to_the_limit() -> None:
    phone = at_once({"endpointing": "vendor"}, Listener(signs=[[(100, OVER)], []]))
    phone.says("a table.", at=2000)
    phone.says("for two.", at=5000)
    phone.call(9000)
    assert answer_of(phone).start_ms - 5600 == 1_400 + 20
    assert reason_of(phone) == "vendor: limit"


def test_an_old_sign_does_not_end_what_is_said_after_it() -> None:
    # It comes while the caller speaks again already.
    phone = at_once({"endpointing": "vendor"}, Listener(signs=[[(250, OVER)], [(100, OVER)]]))
    phone.says("a table.", at=2000)
    phone.says("for two.", at=2800, ms=1000)
    phone.call(9000)
    assert phone.mind.kept == ["a table. for two."]


class Melody(TurnModel):
    """Makes what it is told of every pause, after a while."""

    def __init__(self, *probabilities: float) -> None:
        self.probabilities = list(probabilities)
        self.heard: list[int] = []

    def ask(self, pcm: bytes, answer: Any) -> bool:
        self.heard.append(len(pcm) // 16)
        if not self.probabilities:
            return False
        loop = asyncio.get_running_loop()
        loop.call_later(0.17, answer, self.probabilities.pop(0))
        return True


def test_the_turn_model_hears_the_end_of_a_turn() -> None:
    model = Melody(0.9)
    phone = at_once({"endpointing": "semantic"})
    phone.turn_model = model
    phone.says("two people", at=2000)
    phone.call(6000)
    # Asked at 2720, answered at 2890; without it 450 ms would have passed.
    assert answer_of(phone).start_ms <= 2600 + 320
    assert reason_of(phone) == "semantic: sounds complete"
    assert 600 <= model.heard[0] <= 1200


def test_the_turn_model_hears_that_more_will_come() -> None:
    phone = at_once({"endpointing": "semantic"})
    phone.turn_model = Melody(0.1, 0.9)
    phone.says("I would like a table.", at=2000)
    phone.says("for two.", at=3500)
    phone.call(8000)
    assert phone.mind.asked[-1] == "I would like a table. for two."
    assert len(phone.turns("caller")) == 1


def test_a_turn_model_that_is_too_busy_is_done_without() -> None:
    phone = at_once({"endpointing": "semantic"})
    phone.turn_model = Melody()
    phone.says("I would like to pay.", at=2000)
    phone.call(6000)
    assert reason_of(phone) == "semantic: complete sentence"
    assert answer_of(phone).start_ms <= 2600 + 260


def test_an_answer_of_the_turn_model_that_comes_too_late_changes_nothing() -> None:
    phone = at_once({"endpointing": "semantic"})
    phone.turn_model = Melody(0.1, 0.9)
    phone.says("one.", at=2000)
    # The caller goes on before the model's answer to the first pause is there.
    phone.says("two.", at=2760, ms=300)
    phone.call(8000)
    assert phone.mind.kept == ["one. two."]
    assert reason_of(phone) == "semantic: sounds complete"


def test_a_whispering_caller_counts_by_sensitivity() -> None:
    for sensitivity, turns in (("low", 0), ("medium", 1)):
        phone = at_once({"sensitivity": sensitivity})
        # The frames of these callers are 90 dB under full scale.
        phone.says("two people", at=2000)
        phone.call(5000)
        assert len(phone.turns("caller")) == turns
