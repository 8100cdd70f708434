"""Phrases of a script: patterns with `{slots}` and `[optional parts]`, and how well speech fits them.

Matching is tolerant: words around the phrase ("uh", "please") do not matter, and a long phrase may
miss a word. What must be there: every slot, and `MIN_COVERAGE` of the phrase's own words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from media_workers.providers.words import words

MIN_COVERAGE = 0.7
# Of a phrase that was not heard in full, this much of what was said must belong to it.
MIN_PRECISION = 0.5
MAX_OPTIONALS = 6
MAX_EXPANSIONS = 500

ANY_DIGITS = "<digits>"
"""Among expected phrases: digits read out, however many. It is no hint for who hears anything."""

_PARTS = re.compile(r"\{([a-z][a-z0-9_]*)\}|([\[\]])|([^\[\]{}]+)")

Slots = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Slot:
    name: str


Item = str | Slot


@dataclass(frozen=True, slots=True)
class Match:
    """How an utterance fits a phrase. Of two matches the greater `score` is the better one."""

    score: tuple[float, int]
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Alignment:
    """In-order pairing of a phrase's rest with an utterance's rest."""

    matched: int = 0
    missed: int = 0
    slots: tuple[tuple[str, str], ...] = ()

    def better(self, other: _Alignment) -> bool:
        """More matched words first, then fewer missed: missed counts differ when slot values do."""
        return (len(self.slots), self.matched, -self.missed) > (
            len(other.slots),
            other.matched,
            -other.missed,
        )


class Phrase:
    """One expected phrase, compiled against the values its slots may take."""

    def __init__(self, pattern: str, slots: Slots) -> None:
        self.variants = variants(pattern)
        self._values = {
            name: [(value, words(value)) for value in slots.get(name, ())] for name in _slot_names(pattern)
        }

    def match(self, said: Sequence[str]) -> Match | None:
        """The best fit of `said` (words as `words` gives them), or None when it does not fit."""
        fits = (self._fit(variant, said) for variant in self.variants)
        return max((m for m in fits if m), key=lambda m: m.score, default=None)

    def _fit(self, variant: tuple[Item, ...], said: Sequence[str]) -> Match | None:
        best = self._align(variant, tuple(said))
        wanted = sum(isinstance(item, Slot) for item in variant)
        total = best.matched + best.missed
        if not best.matched or len(best.slots) < wanted:
            return None
        coverage, precision = best.matched / total, best.matched / len(said)
        if coverage < 1 and (coverage < MIN_COVERAGE or precision < MIN_PRECISION):
            return None
        return Match((round(coverage + precision / 2, 6), best.matched), dict(best.slots))

    def _align(self, items: tuple[Item, ...], said: tuple[str, ...]) -> _Alignment:
        """Dynamic programme from the ends: `row[j]` aligns the items seen so far with `said[j:]`."""
        row = [_Alignment()] * (len(said) + 1)
        for item in reversed(items):
            below, row = row, [_Alignment()] * (len(said) + 1)
            for j in range(len(said), -1, -1):
                best = _Alignment(below[j].matched, below[j].missed + 1, below[j].slots)
                if j < len(said):
                    for option in [row[j + 1], *self._takes(item, said, j, below)]:
                        if option.better(best):
                            best = option
                row[j] = best
        return row[0]

    def _takes(
        self, item: Item, said: tuple[str, ...], j: int, below: list[_Alignment]
    ) -> Iterator[_Alignment]:
        """Ways in which `item` is heard at `said[j]`."""
        if isinstance(item, str):
            if said[j] == item:
                yield _Alignment(below[j + 1].matched + 1, below[j + 1].missed, below[j + 1].slots)
            return
        for value, spoken in self._values[item.name]:
            if spoken and list(said[j : j + len(spoken)]) == spoken:
                rest = below[j + len(spoken)]
                yield _Alignment(rest.matched + len(spoken), rest.missed, ((item.name, value), *rest.slots))


def expand(pattern: str, slots: Slots) -> list[str]:
    """`pattern` with every combination of slot values, at most `MAX_EXPANSIONS`; optionals stay."""
    names = list(dict.fromkeys(_slot_names(pattern)))
    found: list[str] = []
    for values in itertools.product(*(slots.get(name, ()) for name in names)):
        text = pattern
        for name, value in zip(names, values, strict=True):
            text = text.replace("{" + name + "}", value)
        found.append(text)
        if len(found) == MAX_EXPANSIONS:
            break
    return found


def _slot_names(pattern: str) -> list[str]:
    return [m.group(1) for m in _PARTS.finditer(pattern) if m.group(1)]


def variants(pattern: str) -> list[tuple[Item, ...]]:
    """Every reading of `pattern`: with and without each optional part (nesting counts as one part)."""
    segments: list[tuple[bool, list[Item]]] = [(False, [])]
    depth = 0
    for match in _PARTS.finditer(pattern):
        slot, bracket, text = match.groups()
        if bracket:
            depth = max(0, depth + (1 if bracket == "[" else -1))
            if depth == (1 if bracket == "[" else 0):
                segments.append((depth == 1, []))
        else:
            segments[-1][1].extend([Slot(slot)] if slot else words(text))
    optional = [i for i, (is_optional, _) in enumerate(segments) if is_optional][:MAX_OPTIONALS]
    found: dict[tuple[Item, ...], None] = {}
    for left_out in itertools.product((False, True), repeat=len(optional)):
        skipped = {i for i, out in zip(optional, left_out, strict=True) if out}
        items = [item for i, (_, part) in enumerate(segments) if i not in skipped for item in part]
        if items:
            found[tuple(items)] = None
    return list(found)
