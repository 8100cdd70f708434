"""Numbers in figures and in words, and what was said digit by digit.

Numbers in words are read by the library `text2num`, some words at a time, so that each keeps its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from text_to_num import text2num

from apps.analysis.rules.english import DIGITS
from apps.analysis.rules.found import Found, Setting, apart
from apps.analysis.text import Word, listed, words

TONGUES = frozenset({"en", "de", "es", "fr", "it", "nl", "pt"})
"""Languages whose numbers in words are read; of others only figures."""

_MOST_WORDS = 10
_AND = {"en": "and", "de": "und", "es": "y", "fr": "et", "it": "e", "nl": "en", "pt": "e"}
_POINT = {"en": "point", "de": "komma", "es": "coma", "fr": "virgule", "it": "virgola", "nl": "komma",
          "pt": "vírgula"}  # fmt: skip
_MINUS = {"minus", "negative", "moins", "menos", "meno"}
_TIMES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "k": 1_000, "grand": 1_000}
_FIGURES = re.compile(
    r"(?<![\w.,/:-])(?P<minus>-)?(?P<number>\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)"
    r"(?P<k>\s?k\b|\s+(?:thousand|million|billion|grand)\b)?(?![\w/:-]*\d)(?!(?:st|nd|rd|th)\b|:\d)",
    re.IGNORECASE,
)
_NOT_ONE = frozenset(listed("this that the which any no another every some each other a"))
_REPEATED = {"double": 2, "triple": 3, "treble": 3}


def find(text: str, setting: Setting) -> list[Found]:
    """The numbers in `text`: int, or float where there is a fraction."""
    said = words(text)
    spoken = [*_digit_by_digit(said, setting), *_in_words(_as_written(text, said), setting)]
    return apart([*_figures(text, setting), *spoken])


def _as_written(text: str, said: list[Word]) -> list[Word]:
    """With their accents, which the library needs: `fünf`, `zéro`."""
    if text.isascii():
        return said
    return [Word(text[word.start : word.end].lower(), word.start, word.end) for word in said]


def find_whole(text: str, setting: Setting) -> list[Found]:
    """Those of `find` that are whole."""
    return [one for one in find(text, setting) if isinstance(one.value, int)]


def digits(text: str) -> list[Found]:
    """Runs of at least three digits said one by one in English, as text: ``four one double five``."""
    return list(_runs(words(text)))


def plain(figures: str, tongue: str) -> Decimal | None:
    """``1,250.50``, or ``1.250,50`` where a comma divides the fraction; None: it is no number."""
    comma = tongue in ("de", "es", "fr", "it", "nl", "pt")
    if comma and re.fullmatch(r"\d+\.\d{1,2}", figures):
        comma = False  # a transcriber that writes 2.5 in every language
    if not comma and re.fullmatch(r"\d+,\d{1,2}", figures):
        comma = True
    thousands, point = (".", ",") if comma else (",", ".")
    joined = re.sub(r"['’\s]", "", figures).replace(thousands, "").replace(point, ".")
    try:
        return Decimal(joined)
    except InvalidOperation:
        return None


def as_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _figures(text: str, setting: Setting) -> Iterator[Found]:
    for m in _FIGURES.finditer(text):
        value = plain(m["number"], setting.tongue)
        if value is None or len(m["number"]) > 18:
            continue
        value *= _TIMES[m["k"].strip().lower()] if m["k"] else 1
        yield Found(as_number(-value if m["minus"] else value), m.start(), m.end(), 0.95)


def _in_words(said: list[Word], setting: Setting) -> Iterator[Found]:
    tongue, i = setting.tongue, 0
    if tongue not in TONGUES:
        return
    while i < len(said):
        after, value = _longest(said, i, tongue)
        if value is None:
            i += 1
            continue
        sure, start = 0.9, i
        if after == i + 1 and said[i].folded in ("one", "un", "une", "ein", "eine", "uno", "una", "een"):
            sure = 0.0 if i and said[i - 1].folded in _NOT_ONE else 0.5
        if i and said[i - 1].folded in _MINUS:
            value, start = -value, i - 1
        if sure:
            yield Found(as_number(value), said[start].start, said[after - 1].end, sure)
        i = after


def _longest(said: list[Word], i: int, tongue: str) -> tuple[int, Decimal | None]:
    """The number that begins at word `i`: the index after it, and what it is."""
    first = said[i].folded
    indefinite = (
        tongue == "en"
        and first == "a"
        and i + 1 < len(said)
        and said[i + 1].folded in _TIMES.keys() | {"hundred"}
    )
    if not indefinite and (first[0].isdigit() or _read(first, tongue) is None):
        return i, None
    phrase = "one" if indefinite else first
    best: tuple[int, Decimal | None] = (i + 1, _read(phrase, tongue)) if not indefinite else (i, None)
    for j in range(i + 1, min(len(said), i + _MOST_WORDS)):
        phrase = f"{phrase} {said[j].folded}"
        value = _read(phrase, tongue)
        if value is not None:
            best = (j + 1, value)
        elif said[j].folded != _AND.get(tongue):
            break
    return _with_fraction(said, best, tongue)


def _with_fraction(
    said: list[Word], whole: tuple[int, Decimal | None], tongue: str
) -> tuple[int, Decimal | None]:
    """``two point five``."""
    after, value = whole
    if value is None or after + 1 >= len(said) or said[after].folded != _POINT.get(tongue):
        return whole
    figures, j = "", after + 1
    while j < len(said) and (digit := _read(said[j].folded, tongue)) is not None and 0 <= digit <= 9:
        figures, j = f"{figures}{digit}", j + 1
    return (j, Decimal(f"{value}.{figures}")) if figures else whole


@lru_cache(maxsize=20_000)
def _read(phrase: str, tongue: str) -> Decimal | None:
    if phrase[0].isdigit() or len(phrase) > 200:
        return None
    try:
        return Decimal(str(text2num(phrase, tongue)))
    except (ValueError, InvalidOperation):
        return None


def _digit_by_digit(said: list[Word], setting: Setting) -> Iterator[Found]:
    if setting.tongue == "en":
        for run in _runs(said):
            if not run.value.startswith("0") and len(run.value) <= 15:
                yield Found(int(run.value), run.start, run.end, 0.8)


def _runs(said: list[Word]) -> Iterator[Found]:
    i = 0
    while i < len(said):
        j, figures = i, ""
        while j < len(said):
            word, following = said[j].folded, said[j + 1].folded if j + 1 < len(said) else ""
            if word in _REPEATED and _digit(following):
                figures, j = figures + _digit(following) * _REPEATED[word], j + 2
            elif _digit(word) or (word.isdigit() and figures and len(word) <= 4):
                figures, j = figures + (_digit(word) or word), j + 1
            else:
                break
        if j - i >= 3:
            yield Found(figures, said[i].start, said[j - 1].end, 0.85)
        i = max(j, i + 1)


def _digit(word: str) -> str:
    return word if len(word) == 1 and word.isdigit() else DIGITS.get(word, "")
