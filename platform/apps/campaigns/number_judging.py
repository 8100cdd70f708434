"""Whether a caller number has become suspect (labelled as spam, blocked): exact tests of small counts, pure.

A number is judged by what ended on one day, against its own past and against the others of the same day.
It must stand out from both, as far as both are known: a bad day of all numbers is no number's fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, lgamma, sqrt
from typing import Any, Literal

Measure = Literal["answer_rate", "short_rate", "blocked_rate"]
AT_LEAST = 30
"""Attempts of the day (for short calls: answered ones) below which nothing is said."""
BASE_AT_LEAST = 50
"""What a comparison needs on its other side."""
P_VALUE = 0.0005
"""One-sided, of each comparison. It is looked every ten minutes, at three measures: a healthy number is found
at fault on fewer than one day in a hundred (tests/apps/campaigns/test_number_judging.py)."""
FACTOR = 1.5
"""How many times worse a rate is at least: with many calls the smallest difference is significant."""
WORDS: dict[Measure, str] = {
    "answer_rate": "calls that were answered",
    "short_rate": "answered calls that a person ended at once",
    "blocked_rate": "calls that were blocked as unwanted",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Attempts that ended, and how many of them were answered, hung up early, blocked."""

    attempts: int = 0
    answered: int = 0
    short: int = 0
    blocked: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.attempts + other.attempts,
            self.answered + other.answered,
            self.short + other.short,
            self.blocked + other.blocked,
        )

    def of(self, measure: Measure) -> tuple[int, int]:
        """How many of how many."""
        if measure == "answer_rate":
            return self.answered, self.attempts
        if measure == "short_rate":
            return self.short, self.answered
        return self.blocked, self.attempts


@dataclass(frozen=True, slots=True)
class Comparison:
    """`expected`: how many there would have been at the other's rate."""

    against: Literal["own_past", "others"]
    rate: float
    of: int
    expected: float
    p_value: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure of a suspect number; `interval`: where its true rate is, at 95 % (Wilson)."""

    measure: Measure
    count: int
    of: int
    rate: float
    interval: tuple[float, float]
    compared: tuple[Comparison, ...]

    def words(self) -> str:
        """A sentence for people."""
        sides = {"own_past": "its past", "others": "the other numbers"}
        usual = " and ".join(f"{one.rate:.0%} of {sides[one.against]}" for one in self.compared)
        return f"{self.rate:.0%} {WORDS[self.measure]} ({self.count} of {self.of}), against {usual}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state`: "few" calls to judge, "healthy", or "suspect" for the `findings`."""

    state: Literal["few", "healthy", "suspect"]
    findings: tuple[Finding, ...] = ()

    def words(self) -> str:
        if self.state == "few":
            return f"Too few calls: it takes {AT_LEAST} of one day, and {BASE_AT_LEAST} to compare with."
        if self.state == "healthy":
            return "Nothing stands out from its past or from the other numbers."
        return "; ".join(finding.words() for finding in self.findings) + "."

    def evidence(self) -> dict[str, Any]:
        """For `NumberRest.evidence`."""
        return {"findings": [asdict(finding) for finding in self.findings]}


def judge(day: Figures, *, past: Figures, others: Figures) -> Verdict:
    """Of `day`'s calls from a number, its own `past`, and the `others` of the same day."""
    judged, findings = False, []
    for measure in WORDS:
        count, total = day.of(measure)
        sides = [("own_past", past.of(measure)), ("others", others.of(measure))]
        known = [(name, base) for name, base in sides if base[1] >= BASE_AT_LEAST]
        if total < AT_LEAST or not known:
            continue
        judged = True
        compared = tuple(_compare(measure, (count, total), name, base) for name, base in known)
        if all(one.worse for one in compared):
            findings.append(Finding(measure, count, total, count / total, wilson(count, total), compared))
    if findings:
        return Verdict("suspect", tuple(findings))
    return Verdict("healthy" if judged else "few")


def _compare(measure: Measure, own: tuple[int, int], name: Any, base: tuple[int, int]) -> Comparison:
    """More answers are better; more of the others are worse, also where there were none before."""
    count, total = own
    rate, usual = count / total, base[0] / base[1]
    if measure == "answer_rate":
        p_value, by_much = at_most(own, base), rate * FACTOR <= usual
    else:
        p_value, by_much = (
            at_most((total - count, total), (base[1] - base[0], base[1])),
            rate >= usual * FACTOR,
        )
    return Comparison(name, usual, base[1], usual * total, p_value, by_much and p_value <= P_VALUE)


def at_most(own: tuple[int, int], base: tuple[int, int]) -> float:
    """The probability of so few or fewer of `own` when both have the same rate (Fisher's exact test)."""
    count, total = own
    hits, everything = count + base[0], total + base[1]
    lowest = max(0, total - (everything - hits))
    terms = (
        _log_choose(hits, k) + _log_choose(everything - hits, total - k) - _log_choose(everything, total)
        for k in range(lowest, count + 1)
    )
    return min(1.0, sum(map(exp, terms)))


def wilson(count: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a rate by its counts (Wilson 1927)."""
    rate, spread = count / total, z * z / total
    middle = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def total(figures: Sequence[Figures]) -> Figures:
    return sum(figures, Figures())


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
