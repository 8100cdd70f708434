"""The types of fields, by who finds their values in a text."""

from __future__ import annotations

from apps.analysis.rules import (
    amounts,
    choices,
    dates,
    emails,
    numbers,
    patterns,
    phones,
    texts,
    times,
    yes_no,
)
from apps.analysis.rules.found import Found, Setting
from media_workers.contract.analysis import ExtractionField

WORDS = {
    "string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no", "date": "date",
    "time": "time of day", "amount": "sum of money", "phone": "telephone number", "email": "e-mail address",
    "enum": "choice of the list",
}  # fmt: skip
"""For people."""

_ENGLISH_ONLY = frozenset({"date", "time", "amount"})
_TELLING = frozenset({"date", "time", "amount", "phone", "email", "enum"})
"""Types whose values are known by their form, wherever they are said."""


def candidates(field: ExtractionField, text: str, setting: Setting, *, asked: bool) -> list[Found]:
    """The values of the field's type in `text`; `asked`: it answers a question for this very field."""
    kind = field.type
    if kind == "string":
        return patterns.find(text, field.pattern) if field.pattern else texts.find(text) if asked else []
    if kind == "enum":
        return choices.find(text, field.choices)
    if kind == "amount" and asked:
        return amounts.find_bare(text, setting)
    return _FINDERS[kind](text, setting)


def is_telling(field: ExtractionField) -> bool:
    """Whether a value may be taken wherever it was said, if it is the only one."""
    return field.type in _TELLING or bool(field.pattern)


def reads(field: ExtractionField, tongue: str) -> bool:
    """Whether the rules read such values as they are said in this language, and not only in figures."""
    if field.type == "boolean":
        return tongue in yes_no.TONGUES
    return tongue == "en" or field.type not in _ENGLISH_ONLY


_FINDERS = {
    "number": numbers.find,
    "integer": numbers.find_whole,
    "boolean": yes_no.find,
    "date": dates.find,
    "time": times.find,
    "amount": amounts.find,
    "phone": phones.find,
    "email": emails.find,
}
