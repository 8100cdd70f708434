"""Words of what was said, with their places in it, by which phrases are found and quotes are checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Word(NamedTuple):
    """`folded`: without case and accents; `start` and `end` are its place in the text as it stands."""

    folded: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of `text`, in order."""
    return [Word(_fold(m.group()), m.start(), m.end()) for m in _WORD.finditer(text)]


@lru_cache(maxsize=10_000)
def folded(phrase: str) -> tuple[str, ...]:
    """The words of a phrase of somebody's configuration, or of a list here."""
    return tuple(word.folded for word in words(phrase.replace("_", " ")))


def places(said: Sequence[Word], phrase: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where `phrase` stands in `said`: indexes of its first word and of the one after its last."""
    if not phrase:
        return []
    length = len(phrase)
    first = phrase[0]
    return [
        (i, i + length)
        for i in range(len(said) - length + 1)
        if said[i].folded == first and all(said[i + n].folded == phrase[n] for n in range(1, length))
    ]


def has(said: Sequence[Word], phrase: str) -> bool:
    """Whether `phrase` was said, as whole words."""
    return bool(places(said, folded(phrase)))


def first_of(said: Sequence[Word], phrases: Sequence[str]) -> str | None:
    """The first of `phrases` (in their order) that was said."""
    return next((phrase for phrase in phrases if has(said, phrase)), None)


def standing(quote: str, text: str) -> str | None:
    """The part of `text` that has the words of `quote`, as it stands there; None when they do not, or when
    the quote has no words. Case, accents and punctuation do not count."""
    said = words(text)
    found = places(said, tuple(word.folded for word in words(quote)))
    if not found:
        return None
    first, after = found[0]
    return text[said[first].start : said[after - 1].end]


def shortened(text: str, most: int) -> str:
    """On one line, with an ellipsis when it is longer than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.replace("’", "'").casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def listed(text: str) -> list[str]:
    """Words of a list here, which is easier to read as text."""
    return text.split()
