"""One of a list of choices, by the choices' own words."""

from __future__ import annotations

from collections.abc import Sequence

from apps.analysis.rules.found import Found
from apps.analysis.text import Word, folded, places, words

_NOT = frozenset(
    {"not", "no", "never", "don't", "isn't", "wasn't", "without", "nicht", "kein", "keine", "pas"}
)


def find(text: str, choices: Sequence[str]) -> list[Found]:
    """The choices whose words stand in `text`, longer ones first: of ``good`` and ``not good`` the one that
    was said. What is said not to be (``not blue``) is none."""
    said = words(text)
    taken = [False] * len(said)
    found: list[Found] = []
    for choice in sorted(choices, key=lambda one: -len(folded(one))):
        phrase = folded(choice)
        for i, j in places(said, phrase):
            if any(taken[i:j]):
                continue
            taken[i:j] = [True] * (j - i)
            if not _denied(said, i):
                found.append(Found(choice, said[i].start, said[j - 1].end, 0.95))
    return sorted(found, key=lambda one: one.start)


def _denied(said: list[Word], i: int) -> bool:
    return any(word.folded in _NOT for word in said[max(0, i - 2) : i])
