"""Days, as they are said in English and written in figures: ``tomorrow``, ``next Tuesday``, ``March 5th``.

A day without a year is the next one of that name (the last one where `Setting.past`); ``Tuesday`` is the
next one that is not today, ``next Tuesday`` that of the week after this one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from apps.analysis.rules.english import CARDINAL, ORDINAL, YEAR, number_of, year_of
from apps.analysis.rules.found import Found, Setting, apart

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = {
    name: n
    for n, names in enumerate(
        (
            "january|jan", "february|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul",
            "august|aug", "september|sept|sep", "october|oct", "november|nov", "december|dec",
        ),
        start=1,
    )
    for name in names.split("|")
}  # fmt: skip

_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{ORDINAL}|{CARDINAL})"
_NTH = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{ORDINAL})"
_WEEKDAY = "|".join(_WEEKDAYS)
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ON = rf"(?:(?P<weekday>{_WEEKDAY})s?,?\s+(?:the\s+)?)?"
_AMERICAN = frozenset({"US", "CA", "PH"})
"""Where figures put the month first."""


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_MONTH_DAY = _compiled(
    rf"\b{_ON}(?P<month>{_MONTH})\.?\s+(?:the\s+)?(?P<day>{_DAY})\b(?!\s*(?:[:%]|[ap]\.?m\b))"
    rf"(?:,?\s+(?:of\s+)?(?P<year>{YEAR})\b)?"
)
_DAY_MONTH = _compiled(
    rf"\b{_ON}(?P<day>{_DAY})\.?\s+(?:day\s+)?(?:of\s+)?(?P<month>{_MONTH})\b\.?(?:,?\s+(?P<year>{YEAR})\b)?"
)
_ISO = re.compile(r"(?<![\d/-])(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\d-])")
_FIGURES = re.compile(
    r"(?<![\d/.$€£-])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<year>\d{4}|\d{2})(?![\d/-])"
)
_SHORT_FIGURES = re.compile(r"(?<![\d/.])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/])")
_NAMED = _compiled(
    r"\b(?:the\s+)?(?P<name>day after tomorrow|day before yesterday|tomorrow|today|tonight|yesterday)\b"
    r"(?!['’]s)"
)
_OF_WEEK = _compiled(
    rf"\b(?:(?P<which>this\s+coming|this|next|coming|last|past)\s+)?(?P<weekday>{_WEEKDAY})\b"
    r"(?!['’]s)(?:\s+(?P<later>next\s+week|after\s+next))?"
)
_NUMBER = rf"(?P<n>\d{{1,2}}|{CARDINAL}|an?|a\s+couple\s+of)"
_AHEAD = _compiled(
    rf"\b(?:in\s+{_NUMBER}\s+(?P<unit>day|week|month)s?(?:['’]s?\s+time)?"
    rf"|{_NUMBER.replace('?P<n>', '?P<m>')}\s+(?P<unit2>day|week|month)s?\s+from\s+(?:now|today))\b"
)
_AGO = _compiled(rf"\b{_NUMBER}\s+(?P<unit>day|week|month)s?\s+ago\b")
_NTH_ALONE = _compiled(
    rf"\b{_ON}(?:the\s+)(?P<day>{_NTH})\b(?!\s+(?:of|time|one|floor|street|avenue|person|thing|option|day|half))"
)
_ON_THE_NTH = _compiled(rf"\b(?P<weekday>{_WEEKDAY}),?\s+(?:the\s+)?(?P<day>{_NTH})\b")

_SHIFT = {"tomorrow": 1, "today": 0, "tonight": 0, "yesterday": -1, "day after tomorrow": 2,
          "day before yesterday": -2}  # fmt: skip


def find(text: str, setting: Setting) -> list[Found]:
    """The days that `text` names, as ISO dates."""
    named: list[Found] = []
    for reader in _READERS:
        if setting.tongue == "en" or reader in _FIGURES_ALONE:
            named.extend(reader(text, setting))
    return apart(named)


def _written_iso(text: str, setting: Setting) -> Iterator[Found]:
    for m in _ISO.finditer(text):
        yield from _told(m, _day(int(m["year"]), int(m["month"]), int(m["day"])), 1.0)


def _written(text: str, setting: Setting) -> Iterator[Found]:
    for m in _FIGURES.finditer(text):
        year = int(m["year"])
        year += 0 if year > 99 else 1900 if year > setting.today.year % 100 + 20 else 2000
        first, second = int(m["a"]), int(m["b"])
        month_first = m["s"] == "/" and setting.country in _AMERICAN
        either = first <= 12 and second <= 12 and first != second
        if first > 12 or second > 12:
            month_first = second > 12
        month, day = (first, second) if month_first else (second, first)
        # Which of the two is the month is what the country is used to, and no more.
        yield from _told(m, _day(year, month, day), 0.75 if either else 0.95)


def _written_short(text: str, setting: Setting) -> Iterator[Found]:
    for m in _SHORT_FIGURES.finditer(text):
        first, second = int(m["a"]), int(m["b"])
        month_first = setting.country in _AMERICAN
        month, day = (first, second) if month_first else (second, first)
        yield from _told(m, _without_year(month, day, setting), 0.5)


def _of_a_month(pattern: re.Pattern[str]) -> Callable[[str, Setting], Iterator[Found]]:
    def read(text: str, setting: Setting) -> Iterator[Found]:
        for m in pattern.finditer(text):
            month, day = _MONTHS[m["month"].lower()], number_of(m["day"])
            year = m["year"]
            told = _day(year_of(year), month, day) if year else _without_year(month, day, setting)
            yield from _told(m, told, _fits(m["weekday"], told) * (1.0 if year else 0.95))

    return read


def _by_name(text: str, setting: Setting) -> Iterator[Found]:
    for m in _NAMED.finditer(text):
        shift = _SHIFT[" ".join(m["name"].lower().split())]
        yield from _told(m, setting.today + timedelta(days=shift), 0.95)


def _by_distance(text: str, setting: Setting) -> Iterator[Found]:
    for m in _AHEAD.finditer(text):
        yield from _told(m, _moved(setting.today, m["n"] or m["m"], m["unit"] or m["unit2"], 1), 0.9)
    for m in _AGO.finditer(text):
        yield from _told(m, _moved(setting.today, m["n"], m["unit"], -1), 0.9)


def _on_the_nth(text: str, setting: Setting) -> Iterator[Found]:
    """``Tuesday the 5th``: the next 5th, which should be a Tuesday."""
    for m in _ON_THE_NTH.finditer(text):
        day = number_of(m["day"])
        fitting = (one for one in _days_named(day, setting) if _fits(m["weekday"], one) == 1.0)
        told = next(fitting, None)
        if told is None or abs((told - setting.today).days) > 62:
            told = next(_days_named(day, setting), None)
        yield from _told(m, told, 0.9 * _fits(m["weekday"], told))


def _of_the_week(text: str, setting: Setting) -> Iterator[Found]:
    for m in _OF_WEEK.finditer(text):
        which = " ".join((m["which"] or "").lower().split())
        wanted, today = _WEEKDAYS.index(m["weekday"].lower()), setting.today
        ahead = (wanted - today.weekday()) % 7 or 7
        of_this_week = today + timedelta(days=wanted - today.weekday())
        sure = 0.9
        if which in ("last", "past") or (setting.past and not which and not m["later"]):
            told = today + timedelta(days=ahead - 7 if ahead < 7 else -7)
        elif m["later"] and m["later"].lower().startswith("after"):
            told = of_this_week + timedelta(days=14)
        elif which == "next" or m["later"]:
            told = of_this_week + timedelta(days=7)
            # Who says "next Friday" on a Monday may mean the one that comes.
            sure = 0.9 if m["later"] or told == today + timedelta(days=ahead) else 0.6
        else:
            told = today + timedelta(days=ahead)
        yield from _told(m, told, sure)


def _nth_alone(text: str, setting: Setting) -> Iterator[Found]:
    for m in _NTH_ALONE.finditer(text):
        yield from _told(m, next(_days_named(number_of(m["day"]), setting), None), 0.6)


_FIGURES_ALONE: tuple[Callable[[str, Setting], Iterator[Found]], ...] = (_written_iso, _written)
"""Which need no language."""

_READERS = (
    _written_iso, _written, _of_a_month(_MONTH_DAY), _of_a_month(_DAY_MONTH), _by_name, _by_distance,
    _on_the_nth, _of_the_week, _nth_alone, _written_short,
)  # fmt: skip
"""The most telling first: what one has taken, no other reads."""


def _told(match: re.Match[str], day: date | None, sure: float) -> Iterator[Found]:
    if day is not None:
        yield Found(day.isoformat(), match.start(), match.end(), sure)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _without_year(month: int, day: int, setting: Setting) -> date | None:
    step = -1 if setting.past else 1
    for n in range(9):  # a 29th of February may be eight years away
        told = _day(setting.today.year + step * n, month, day)
        if told is not None and (told <= setting.today if setting.past else told >= setting.today):
            return told
    return None


def _days_named(day: int, setting: Setting) -> Iterator[date]:
    """The days of that number in their months, from today on (or back)."""
    year, month, step = setting.today.year, setting.today.month, -1 if setting.past else 1
    for _ in range(13):
        told = _day(year, month, day)
        if told is not None and (told <= setting.today if setting.past else told >= setting.today):
            yield told
        month += step
        year, month = (year + 1, 1) if month > 12 else (year - 1, 12) if month < 1 else (year, month)


def _fits(weekday: str | None, day: date | None) -> float:
    """A weekday that the day does not have makes one of the two a slip."""
    return 1.0 if weekday is None or day is None or _WEEKDAYS[day.weekday()] == weekday.lower() else 0.5


def _moved(today: date, number: str, unit: str, sign: int) -> date | None:
    text = " ".join(number.lower().split())
    n = sign * {"a": 1, "an": 1, "a couple of": 2}.get(text, 0) or sign * number_of(text)
    if unit.lower() == "month":
        months = today.year * 12 + today.month - 1 + n
        year, month = divmod(months, 12)
        return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
    return today + timedelta(days=n * (7 if unit.lower() == "week" else 1))
