"""What a rule finds in a text, and what it has to know besides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """`value` by the words from `start` up to `end` of the text; `sure` 0 to 1, of the words alone."""

    value: Any
    start: int
    end: int
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Setting:
    """`tongue`: the language (``en``); `today` where the other side is; `country` (ISO 3166) of the other
    side, or "". `past`: a date without a year is one that was."""

    tongue: str
    today: date
    country: str = ""
    past: bool = False


def apart(found: Iterable[Found]) -> list[Found]:
    """Those that do not overlap, the earlier ones of `found` first; in the order of the text."""
    kept: list[Found] = []
    for one in found:
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
