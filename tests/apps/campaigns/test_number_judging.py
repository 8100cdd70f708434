"""Healthy numbers are left alone, labelled ones are found: on generated histories."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.number_judging import Figures, at_most, judge, wilson


def calls(n: int, dice: random.Random, *, answer: float, short: float, blocked: float) -> list[Figures]:
    """`n` attempts, each for itself."""
    made = []
    for _ in range(n):
        answered = dice.random() < answer
        made.append(
            Figures(
                attempts=1,
                answered=answered,
                short=answered and dice.random() < short,
                blocked=not answered and dice.random() < blocked,
            )
        )
    return made


def found_at(day: list[Figures], *, past: Figures, others: Figures, every: int = 5) -> int | None:
    """After how many attempts of the day the number was suspect, looked at again and again."""
    sum_ = Figures()
    for n, attempt in enumerate(day, 1):
        sum_ += attempt
        if n % every == 0 and judge(sum_, past=past, others=others).state == "suspect":
            return n
    return None


HEALTHY = {"answer": 0.4, "short": 0.1, "blocked": 0.01}


def sums(n: int, dice: random.Random) -> Figures:
    return sum(calls(n, dice, **HEALTHY), Figures())


def test_a_healthy_number_is_hardly_ever_found_at_fault() -> None:
    dice, past_known, rested = random.Random(7), Figures(), 0
    for _ in range(1_000):
        day = calls(60, dice, **HEALTHY)
        others = sums(200, dice)
        rested += found_at(day, past=past_known, others=others) is not None
        past_known = sum(day, past_known) if past_known.attempts < 1_500 else past_known
    assert rested <= 10


def test_a_bad_day_of_all_numbers_is_no_numbers_fault() -> None:
    dice = random.Random(8)
    poor = {"answer": 0.1, "short": 0.1, "blocked": 0.01}
    others = sum(calls(300, dice, **poor), Figures())
    assert (
        judge(sum(calls(80, dice, **poor), Figures()), past=sums(1_000, dice), others=others).state
        == "healthy"
    )


@pytest.mark.parametrize(
    "labelled",
    [
        {"answer": 0.08, "short": 0.1, "blocked": 0.02},
        {"answer": 0.25, "short": 0.4, "blocked": 0.4},
    ],
)
def test_a_labelled_number_is_found_within_fifty_attempts(labelled: dict[str, float]) -> None:
    dice = random.Random(9)
    found = [
        found_at(calls(50, dice, **labelled), past=sums(1_000, dice), others=sums(300, dice))
        for _ in range(100)
    ]
    assert sum(at is not None for at in found) >= 90


def test_the_evidence_tells_what_was_compared() -> None:
    verdict = judge(Figures(60, 5, 0, 0), past=Figures(1_000, 400, 40, 10), others=Figures(200, 82, 8, 2))
    (finding,) = verdict.evidence()["findings"]
    assert (finding["measure"], finding["count"], finding["of"]) == ("answer_rate", 5, 60)
    assert [(c["against"], c["rate"], c["expected"]) for c in finding["compared"]] == [
        ("own_past", 0.4, 24.0),
        ("others", 0.41, pytest.approx(24.6)),
    ]
    assert "8% calls that were answered (5 of 60), against 40% of its past" in verdict.words()


def test_too_few_calls_are_not_judged() -> None:
    many = Figures(1_000, 400, 40, 10)
    assert judge(Figures(29, 0, 0, 29), past=many, others=many).state == "few"
    assert judge(Figures(60, 0, 0, 60), past=Figures(), others=Figures()).state == "few"


def test_the_exact_test_has_the_textbooks_value() -> None:
    """Fisher's tea: all four cups right by chance once in seventy."""
    assert at_most((0, 4), (4, 4)) == pytest.approx(1 / 70)


@given(st.integers(1, 300), st.data())
def test_the_interval_holds_the_rate(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    low, high = wilson(count, n)
    assert 0 <= low <= count / n + 1e-9
    assert count / n - 1e-9 <= high <= 1
    assert 0 <= at_most((count, n), (n - count, n)) <= 1
