"""The labelled set: nobody is taken for a machine, and machines are found, with words and without."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest

from tests.media_workers.conversation.answered_by.openings import OPENINGS, rendered
from tests.media_workers.conversation.answered_by.scoring import Result, play


@lru_cache
def results(*, words: bool) -> list[Result]:
    return play(rendered(), words=words)


def accuracy(label: str, *, words: bool) -> float:
    of_label = [r for r in results(words=words) if r.rendered.opening.label == label]
    return sum(r.right for r in of_label) / len(of_label)


def test_the_set_is_large_and_has_no_name_twice() -> None:
    assert len(OPENINGS) >= 60
    labels = Counter(opening.label for opening in OPENINGS)
    assert min(labels.values()) >= 6
    names = Counter((opening.label, opening.name) for opening in OPENINGS)
    assert set(names.values()) == {1}


@pytest.mark.parametrize("words", [True, False])
def test_nobody_is_ever_taken_for_a_machine(words: bool) -> None:
    wrong = [
        r.rendered.opening.name
        for r in results(words=words)
        if r.rendered.opening.label == "human" and r.ever & {"machine", "screening", "menu"}
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("label", "floor"), [("human", 0.95), ("machine", 0.95), ("screening", 0.8), ("menu", 0.85)]
)
def test_with_words_nearly_all_are_known(label: str, floor: float) -> None:
    assert accuracy(label, words=True) >= floor


@pytest.mark.parametrize(("label", "floor"), [("human", 0.95), ("machine", 0.8)])
def test_cadence_and_beep_decide_alone_where_nobody_transcribes(label: str, floor: float) -> None:
    assert accuracy(label, words=False) >= floor


def test_most_are_known_within_five_seconds() -> None:
    times = sorted(r.at_ms for r in results(words=True) if r.right)
    assert times[len(times) // 2] <= 4_000
    assert times[len(times) * 9 // 10] <= 7_500
