from __future__ import annotations

from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import Transcript


def turn(*utterances: int, whole: bool = False) -> CallerTurn:
    caller = CallerTurn(whole=whole)
    for number in utterances:
        caller.begin(number, number * 1000, number * 1000 + 80)
        caller.last.asked_ms = number * 1000 + 500
    return caller


def final(text: str, utterance: int, confidence: float | None = None) -> Transcript:
    return Transcript(text, True, confidence, utterance)


def test_texts_are_joined_in_the_order_of_the_utterances() -> None:
    caller = turn(1, 2)
    assert caller.take(final("for two", 2, 0.9), 3000)
    assert not caller.settled
    assert caller.take(final("a table", 1, 0.7), 3100)
    assert caller.settled
    assert caller.text == "a table for two"
    assert caller.confidence == 0.7


def test_when_each_utterance_holds_the_whole_turn_the_latest_text_stands() -> None:
    caller = turn(1, 2, 3, whole=True)
    caller.take(final("a table", 1, 0.2), 3000)
    caller.take(final("a table for two", 2), 3100)
    caller.take(final("", 3), 3200)
    assert caller.settled
    assert caller.text == "a table for two"


def test_a_final_text_before_it_was_asked_for_may_still_go_on() -> None:
    caller = turn(1)
    caller.last.asked_ms = None
    assert caller.take(final("a", 1), 1200)
    assert not caller.settled
    assert caller.text == "a"


def test_strangers_and_repetitions_change_nothing() -> None:
    caller = turn(1)
    assert not caller.take(final("x", 7), 1200)
    assert caller.take(final("yes", 1), 1200)
    assert not caller.take(final("no", 1), 1300)
    assert not caller.take(Transcript("maybe", False, None, 1), 1300)
    assert caller.text == "yes"


def test_a_partial_text_serves_when_no_final_one_comes() -> None:
    caller = turn(1)
    caller.take(Transcript("two peo", False, None, 1), 1300)
    assert not caller.time_out(1000, 2499)
    assert caller.time_out(1000, 2500)
    assert not caller.time_out(1000, 2600)
    assert caller.settled
    assert caller.text == "two peo"
    assert caller.take(final("two people", 1), 2700)
    assert caller.text == "two people"
