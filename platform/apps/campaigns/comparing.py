"""Versions of an agent against each other: what their conversions say, and how surely."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

ENOUGH = 5
"""The normal approximation holds when so many are expected of each kind in each group."""

SURE = 0.05


@dataclass(frozen=True, slots=True)
class Share:
    """`converted` of `people` that talked with `version` (its number)."""

    version: int
    people: int
    converted: int

    @property
    def rate(self) -> float:
        """0 to 1; 0 without people."""
        return self.converted / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`leader`: the number of the version with the better conversions, None while nothing can be said."""

    leader: int | None
    p_value: float | None
    words: str


def p_value(a: Share, b: Share) -> float | None:
    """Of the two-proportion z-test, two-sided with a pooled share: how often chance alone makes such a
    difference. None: too few people for it."""
    if not a.people or not b.people:
        return None
    people, converted = a.people + b.people, a.converted + b.converted
    expected = min(a.people, b.people) * min(converted, people - converted) / people
    if expected < ENOUGH:
        return None
    pooled = converted / people
    spread = math.sqrt(pooled * (1 - pooled) * (1 / a.people + 1 / b.people))
    return math.erfc(abs(a.rate - b.rate) / spread / math.sqrt(2))


def compare(shares: Sequence[Share]) -> Comparison | None:
    """The best version against the next best. With more than two, the best of them is found by looking at
    every pair, which chance has as many tries at: the value is multiplied by their number (Bonferroni).
    None: there are no two to compare."""
    if len(shares) < 2:
        return None
    best, second = sorted(shares, key=lambda share: share.rate, reverse=True)[:2]
    value = p_value(best, second)
    if value is None:
        return Comparison(None, None, "Too few people to tell the versions apart.")
    value = min(1.0, value * sum(1 for _ in combinations(shares, 2)))
    rates = f"{best.rate:.1%} against {second.rate:.1%}"
    if value > SURE:
        words = f"No clear difference yet ({rates}): chance alone would make it in {value:.0%} of cases."
        return Comparison(None, round(value, 4), words)
    how_often = "fewer than 1" if value < 0.01 else f"{value * 100:.0f}"
    words = (
        f"Version {best.version} converts more than version {second.version} ({rates}): chance alone would "
        f"make such a difference in {how_often} of 100 cases."
    )
    return Comparison(best.version, round(value, 4), words)
