"""Telephone numbers in figures (libphonenumber finds them) and said digit by digit; as E.164."""

from __future__ import annotations

from collections.abc import Iterator

from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    format_number,
    is_possible_number,
    is_valid_number,
    parse,
)

from apps.analysis.rules import numbers
from apps.analysis.rules.found import Found, Setting, apart

FEWEST_DIGITS = 7


def find(text: str, setting: Setting) -> list[Found]:
    """The numbers in `text`; those without a country's code are of the other side's country."""
    spoken = _spoken(text, setting) if setting.tongue == "en" else ()
    return apart([*_written(text, setting), *spoken])


def _written(text: str, setting: Setting) -> Iterator[Found]:
    if sum(c.isdigit() for c in text) < FEWEST_DIGITS:
        return
    for match in PhoneNumberMatcher(text, setting.country or None, Leniency.POSSIBLE):
        if match.number.national_number and len(str(match.number.national_number)) >= FEWEST_DIGITS:
            sure = 0.98 if is_valid_number(match.number) else 0.7
            e164 = format_number(match.number, PhoneNumberFormat.E164)
            yield Found(e164, match.start, match.end, sure)


def _spoken(text: str, setting: Setting) -> Iterator[Found]:
    for run in numbers.digits(text):
        if len(run.value) < FEWEST_DIGITS:
            continue
        plus = text[: run.start].rstrip().lower().endswith("plus")
        try:
            number = parse(f"+{run.value}" if plus else run.value, setting.country or None)
        except NumberParseException:
            continue
        if is_possible_number(number):
            start = text.lower().rindex("plus", 0, run.start) if plus else run.start
            sure = run.sure if is_valid_number(number) else 0.6
            yield Found(format_number(number, PhoneNumberFormat.E164), start, run.end, sure)
