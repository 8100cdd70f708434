"""Whether words look like a whole turn."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from media_workers.conversation.endpointing.phrases import Phrases, phrases_of


class Look(Enum):
    """What a text looks like at its end; the value is the reason that people read."""

    NOTHING = "no words yet"
    WORDS = "words"
    SENTENCE = "complete sentence"
    CLOSING = "closing words"
    ALL_DIGITS = "all digits"
    HESITATION = "um"
    OPEN = "unfinished sentence"
    COMMA = "comma"
    DIGITS = "digits"
    SPELLING = "spelling"


WHOLE_NUMBER = 10
"""Figures of a telephone number: with so many it may be over."""

FEWEST_DIGITS = 3
"""Fewer in a row are a time, a number of people, an age."""

_TIME = re.compile(r"(?<![\d.:/-])\d{1,2}[.:]\d{2}(?![\d.:/-])")
_WORD = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*")
_CLOSE = "\"'”’)]»"
_MARKS = ".!?…。！？"


@lru_cache(maxsize=2048)
def look(text: str, language: str, question: str = "") -> Look:
    """How `text` ends. `question`: what was asked, which may say how many figures are expected."""
    phrases = phrases_of(language)
    tokens = tokens_of(_TIME.sub("0", text))
    if not tokens:
        return Look.NOTHING
    mark = _mark(text)
    if (digits := _digits(tokens, phrases)) >= FEWEST_DIGITS or (digits and _wanted(question, phrases)):
        return _number(digits, tokens, _wanted(question, phrases))
    if _spells(tokens, phrases):
        return Look.SPELLING
    if _ends_with(tokens, phrases.hesitations) or mark == "…":
        return Look.HESITATION
    if " ".join(tokens) in phrases.closing:
        return Look.CLOSING
    if _ends_with(tokens, phrases.open):
        return _left_open(mark, stranded=_ends_with(tokens, phrases.stranded))
    if mark == ",":
        return Look.COMMA
    return Look.SENTENCE if mark else Look.WORDS


def _left_open(mark: str, *, stranded: bool) -> Look:
    """Of a word that leaves a sentence open. Many transcribers end every text with a full stop, which tells
    little; a question mark they hear."""
    if not stranded or mark not in _MARKS or not mark:
        return Look.OPEN
    return Look.SENTENCE if mark in "?？" else Look.WORDS


def tokens_of(text: str) -> list[str]:
    """Words and numbers of `text`, lower case, without accents and punctuation."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'").replace("ß", "ss"))
    return _WORD.findall("".join(c for c in text if not unicodedata.combining(c)).lower())


def _mark(text: str) -> str:
    """The punctuation at the end: a full stop of any kind, `…`, `,`, or nothing."""
    text = text.rstrip().rstrip(_CLOSE)
    if text.endswith(("...", "…", "-", "–", "—")):
        return "…"
    if text.endswith((",", ";", ":")):
        return ","
    return text[-1:] if text.endswith(tuple(_MARKS)) else ""


def _ends_with(tokens: Sequence[str], phrases: frozenset[str]) -> bool:
    return any(" ".join(tokens[-n:]) in phrases for n in range(1, min(4, len(tokens)) + 1))


def _digits(tokens: Sequence[str], phrases: Phrases) -> int:
    """How many figures the text ends with, said one by one or written."""
    count = 0
    for token in reversed(tokens):
        if token.isdecimal():
            count += len(token)
        elif token in phrases.digits:
            count += 1
        else:
            break
    return count


def _number(digits: int, tokens: Sequence[str], wanted: int) -> Look:
    if wanted:
        return Look.ALL_DIGITS if digits >= wanted else Look.DIGITS
    if digits >= WHOLE_NUMBER:
        return Look.WORDS
    year = tokens[-1].isdecimal() and len(tokens[-1]) == digits == 4
    return Look.WORDS if year else Look.DIGITS


@lru_cache(maxsize=256)
def _wanted(question: str, phrases: Phrases) -> int:
    """How many figures `question` asks for, when it says so: `the last four digits`; 0: it does not."""
    if not question or not phrases.digit_word:
        return 0
    names = "|".join(phrases.numbers)
    pattern = rf"\b(\d{{1,2}}|{names})[ -]?(?:{phrases.digit_word})\b"
    found = re.search(pattern, " ".join(tokens_of(question)))
    if found is None:
        return 0
    return int(found[1]) if found[1].isdecimal() else phrases.numbers.index(found[1]) + 1


def _spells(tokens: Sequence[str], phrases: Phrases) -> bool:
    """Ends with letters one by one (a single one may be a word or an answer), or with `b as in`."""
    if tokens[-2:] in (["as", "in"], ["wie", "in"]):
        return True
    letters = [len(t) == 1 and t.isalpha() for t in tokens[-2:]]
    return len(letters) == 2 and all(letters) and not phrases.letters.issuperset(tokens[-2:])
