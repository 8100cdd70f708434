"""Which words belong to which utterance, without a vendor."""

from __future__ import annotations

import pytest

from media_workers.providers.base import Transcript
from media_workers.providers.stt.turns import TurnTexts
from media_workers.providers.stt.utterances import KEPT, Utterances


@pytest.fixture
def told() -> list[Transcript]:
    return []


@pytest.fixture
def utterances(told: list[Transcript]) -> Utterances:
    return Utterances(told.append)


def finals(told: list[Transcript]) -> list[tuple[int, str]]:
    return [(t.utterance, t.text) for t in told if t.final]


def test_a_final_text_is_told_once_and_only_when_asked_for(
    utterances: Utterances, told: list[Transcript]
) -> None:
    utterances.begin(1, 0)
    utterances.add(utterances.at(200), "yes", 0.8)
    utterances.heard(500)
    assert finals(told) == []
    utterances.ask(1, 520)
    assert finals(told) == [(1, "yes")]
    utterances.settle(utterances.numbered(1))
    utterances.add(utterances.numbered(1), "indeed")
    assert finals(told) == [(1, "yes")]


def test_texts_are_put_to_utterances_by_their_place(utterances: Utterances, told: list[Transcript]) -> None:
    utterances.begin(1, 0)
    utterances.ask(1, 1_000)
    utterances.begin(2, 3_000)
    utterances.add(utterances.at(500), "late")
    utterances.add(utterances.at(3_500), "next")
    utterances.heard(1_000)
    utterances.ask(2, 4_000)
    utterances.heard(4_000)
    assert finals(told) == [(1, "late"), (2, "next")]


def test_what_was_said_before_it_was_noticed_belongs_to_what_follows(utterances: Utterances) -> None:
    utterances.begin(1, 0)
    utterances.ask(1, 1_000)
    utterances.begin(2, 3_000)  # voice activity takes its time
    found = utterances.at(2_900)
    assert found is not None
    assert found.number == 2


def test_the_joined_partial_text_is_final_when_the_vendor_has_no_more(
    utterances: Utterances, told: list[Transcript]
) -> None:
    utterances.begin(1, 0)
    utterances.add(utterances.at(0), "I would like")
    utterances.partial(utterances.at(0), "to book")
    utterances.ask(1, 900)
    utterances.settle(utterances.numbered(1))
    assert finals(told) == [(1, "I would like to book")]
    assert told[-1].confidence is None


def test_a_partial_text_is_told_once(utterances: Utterances, told: list[Transcript]) -> None:
    utterances.begin(1, 0)
    for text in ("", "to", "to ", "to book"):
        utterances.partial(utterances.at(0), text)
    assert [t.text for t in told] == ["to", "to book"]


def test_punctuation_stands_by_its_word(utterances: Utterances, told: list[Transcript]) -> None:
    utterances.begin(1, 0)
    utterances.add(utterances.at(0), "Really", 0.5)
    utterances.add(utterances.at(0), "?", 1.0)
    utterances.ask(1, 10)
    utterances.settle(utterances.numbered(1))
    assert finals(told) == [(1, "Really?")]
    assert told[-1].confidence == pytest.approx(0.75)


def test_words_without_an_utterance_are_nobodys(utterances: Utterances, told: list[Transcript]) -> None:
    utterances.partial(utterances.at(100), "hello")
    utterances.add(utterances.at(100), "hello")
    utterances.heard(200)
    utterances.settle(utterances.current)
    assert told == []


def test_a_long_call_keeps_only_the_last_ones(utterances: Utterances) -> None:
    for number in range(1, 100):
        utterances.begin(number, number * 1_000)
        utterances.ask(number, number * 1_000 + 500)
    assert len(list(utterances.waiting())) == KEPT


# --- vendors that tell whole turns ------------------------------------------------------------------


def test_a_turn_of_two_utterances_is_divided_between_them(
    utterances: Utterances, told: list[Transcript]
) -> None:
    turn = TurnTexts(utterances)
    utterances.begin(1, 0)
    turn.take("I would", 0.9, until_ms=500)
    utterances.ask(1, 800)
    turn.take("I would like", 0.9, until_ms=1_000)
    utterances.begin(2, 1_500)
    turn.take("I would like to book", 0.9, until_ms=2_000)
    utterances.ask(2, 2_400)
    turn.take("I would like to book a visit", 0.9, until_ms=2_500)
    assert finals(told) == [(1, "I would like"), (2, "to book a visit")]


def test_an_utterance_of_two_turns_has_the_words_of_both(
    utterances: Utterances, told: list[Transcript]
) -> None:
    turn = TurnTexts(utterances)
    utterances.begin(1, 0)
    turn.take("yes", 0.9, until_ms=500, complete=True)
    turn.end()
    turn.take("please", 0.9, until_ms=1_000)
    utterances.ask(1, 1_000)
    turn.end()
    assert finals(told) == [(1, "yes please")]


def test_words_that_come_after_the_next_has_begun_are_not_lost(
    utterances: Utterances, told: list[Transcript]
) -> None:
    turn = TurnTexts(utterances)
    utterances.begin(1, 0)
    turn.take("book", 0.9, until_ms=500)
    utterances.ask(1, 900)
    utterances.begin(2, 1_200)
    turn.take("book a visit tomorrow", 0.9, until_ms=2_000)
    utterances.ask(2, 2_000)
    turn.take("book a visit tomorrow", 0.9, until_ms=2_000, complete=True)
    assert " ".join(text for _, text in finals(told)) == "book a visit tomorrow"


def test_a_forced_end_answers_the_oldest_question(utterances: Utterances, told: list[Transcript]) -> None:
    turn = TurnTexts(utterances)
    utterances.begin(1, 0)
    utterances.ask(1, 500)
    utterances.begin(2, 600)
    turn.take("yes", 0.9, until_ms=900, complete=True, forced=True)
    turn.end()
    assert finals(told) == [(1, "yes")]
    turn.take("no", 0.9, until_ms=1_500)
    utterances.ask(2, 1_500)
    assert finals(told) == [(1, "yes"), (2, "no")]
