"""Texts that a tenant's regular expression matches: as they stand, or as they were spelled out.

The expression is somebody else's: the library `regex` stops one that goes on for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

from apps.analysis.rules.english import DIGITS
from apps.analysis.rules.found import Found, apart
from apps.analysis.text import Word, words

TIMEOUT_S = 0.1
_MOST_WORDS = 12
_LONGEST = 200
_DASHES = {
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "slash": "/",
    "dot": ".",
    "point": ".",
    "underscore": "_",
}


TOO_SLOW = "The field's pattern takes too long: write it without repeats inside of repeats."
UNREADABLE = "The field's pattern is no regular expression that can be read here."


class BadPattern(Exception):
    """The expression cannot be used; the text says why, for people."""


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` matches the whole of `text`. BadPattern."""
    return _match(pattern, text) is not None


def find(text: str, pattern: str) -> list[Found]:
    """Runs of whole words of `text` that `pattern` matches, the longest first; where none does, what is
    spelled out there: ``A B one two three``. BadPattern."""
    said = words(text)
    as_written = apart(_windows(text, said, pattern))
    return as_written or apart(_spelled(said, pattern))


def _windows(text: str, said: list[Word], pattern: str) -> Iterator[Found]:
    for length in range(min(_MOST_WORDS, len(said)), 0, -1):
        for i in range(len(said) - length + 1):
            start, end = said[i].start, said[i + length - 1].end
            if end - start <= _LONGEST and (value := _match(pattern, text[start:end])) is not None:
                yield Found(value, start, end, 0.95)


def _match(pattern: str, text: str) -> str | None:
    """`text` as the pattern has it: a transcript's capitals are not the speaker's."""
    try:
        compiled = _compiled(pattern)
        for form in (text, text.upper(), text.lower()):
            if compiled.fullmatch(form, timeout=TIMEOUT_S):
                return form
    except TimeoutError as error:
        raise BadPattern(TOO_SLOW) from error
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadPattern(UNREADABLE) from error
    return None


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _spelled(said: list[Word], pattern: str) -> Iterator[Found]:
    """Runs of letters, figures and signs said one by one, and what such a run has in it."""
    i = 0
    while i < len(said):
        j = i
        while j < len(said) and _sign(said[j].folded):
            j += 1
        yield from _of_a_run(said[i:j], pattern)
        i = max(j, i + 1)


def _of_a_run(run: list[Word], pattern: str) -> Iterator[Found]:
    run = run[:40]
    for length in range(len(run), 1, -1):
        for i in range(len(run) - length + 1):
            text = "".join(_sign(word.folded) for word in run[i : i + length])
            if (value := _match(pattern, text)) is not None:
                yield Found(value, run[i].start, run[i + length - 1].end, 0.8)
                return


def _sign(word: str) -> str:
    if len(word) == 1 or word.isdigit():
        return word.upper()
    return DIGITS.get(word) or _DASHES.get(word, "")
