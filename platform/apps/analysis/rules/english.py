"""English number words as pieces of regular expressions, for dates and times of day."""

from __future__ import annotations

import re

from apps.analysis.text import listed

_ONES = listed("one two three four five six seven eight nine")
_TEENS = listed("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty",
         90: "ninety"}  # fmt: skip
_ORDINAL_ONES = listed("first second third fourth fifth sixth seventh eighth ninth")
_ORDINAL_TEENS = listed(
    """tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"""
)
DIGITS = {word: str(n) for n, word in enumerate(["zero", *_ONES])} | {"oh": "0", "o": "0", "nought": "0"}


def _cardinals() -> dict[str, int]:
    found = {word: n for n, word in enumerate([*_ONES, *_TEENS], start=1)}
    for tens, word in _TENS.items():
        found[word] = tens
        found |= {f"{word} {one}": tens + n for n, one in enumerate(_ONES, start=1)}
    return found


def _ordinals() -> dict[str, int]:
    found = {word: n for n, word in enumerate([*_ORDINAL_ONES, *_ORDINAL_TEENS], start=1)}
    found |= {"twentieth": 20, "thirtieth": 30, "thirty first": 31}
    return found | {f"twenty {one}": 20 + n for n, one in enumerate(_ORDINAL_ONES, start=1)}


CARDINALS = _cardinals()
"""1 to 99."""

ORDINALS = _ordinals()
"""1 to 31."""


def any_of(table: dict[str, int]) -> str:
    """A piece of a pattern: any of the words, the longest first, with spaces or hyphens between them."""
    longest_first = sorted(table, key=len, reverse=True)
    return "|".join(word.replace(" ", r"[\s-]+") for word in longest_first)


CARDINAL = any_of(CARDINALS)
ORDINAL = any_of(ORDINALS)
_GAP = re.compile(r"[\s-]+")


def number_of(text: str) -> int:
    """1 to 99 of figures or of words, cardinal or ordinal. ValueError for anything else."""
    plain = _GAP.sub(" ", text.strip().lower())
    figures = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", plain)
    if figures:
        return int(figures.group(1))
    found = CARDINALS.get(plain) or ORDINALS.get(plain)
    if found is None:
        raise ValueError(f"{text!r} is no number")
    return found


YEAR = (
    r"(?:19|20)\d\d"
    rf"|two\s+thousand(?:\s+and)?(?:\s+(?:{CARDINAL}))?"
    rf"|(?:nineteen|twenty)[\s-]+(?:(?:oh|o)\s+(?:{'|'.join(_ONES)})|(?:{CARDINAL}))"
)


def year_of(text: str) -> int:
    """Of what `YEAR` matches. ValueError."""
    plain = _GAP.sub(" ", text.strip().lower())
    if plain.isdigit():
        return int(plain)
    if plain.startswith("two thousand"):
        rest = plain.removeprefix("two thousand").removeprefix(" and").strip()
        return 2000 + (number_of(rest) if rest else 0)
    century, _, rest = plain.partition(" ")
    rest = re.sub(r"^(?:oh|o) ", "", rest)
    return (1900 if century == "nineteen" else 2000) + number_of(rest)
