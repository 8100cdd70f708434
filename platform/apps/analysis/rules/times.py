"""Times of day as they are said in English and written in figures: ``half past five``, ``5 pm``, ``17:30``.

Who says ``at five`` means one of two: it is taken between 07:00 and 18:59, and is less sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.analysis.rules.english import CARDINAL, CARDINALS, any_of, number_of
from apps.analysis.rules.found import Found, Setting, apart

_HOUR = rf"(?:[01]?\d|2[0-3]|{any_of({w: n for w, n in CARDINALS.items() if n <= 12})})"
_MINUTES = any_of({word: n for word, n in CARDINALS.items() if 10 <= n <= 59})
_HALF = (
    r"(?:\s*(?P<half>a\.?\s?m\b\.?|p\.?\s?m\b\.?)|\s+(?P<part>in\s+the\s+(?:morning|afternoon|evening)|at\s+night"
    r"|tomorrow\s+(?:morning|afternoon|evening)|tonight))"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_CLOCK = _compiled(rf"(?<![\d:.,$€£])(?P<hour>[01]?\d|2[0-3])[:h](?P<minute>[0-5]\d)(?![\d:]){_HALF}?")
_HALF_TOO = _HALF.replace("?P<half>", "?P<half2>").replace("?P<part>", "?P<part2>")
_DOTTED = _compiled(
    rf"(?:(?<=\bat )|(?<=\bby ))(?P<hour>[01]?\d|2[0-3])\.(?P<minute>[0-5]\d)(?![\d.]){_HALF}?"
    rf"|(?<![\d.])(?P<hour2>\d{{1,2}})\.(?P<minute2>[0-5]\d){_HALF_TOO}"
)
_PAST = _compiled(
    rf"\b(?P<much>half|(?:a\s+)?quarter|{CARDINAL}(?:\s+minutes)?)\s+(?P<side>past|after|to|before|till)\s+"
    rf"(?P<hour>{_HOUR})\b(?!\s*(?:days?|weeks?|years?)){_HALF}?"
)
_WORDS = _compiled(
    rf"\b(?P<hour>{_HOUR})\s+(?P<minute>(?:oh\s+)?(?:{CARDINAL}))\b(?:{_HALF})"
    rf"|\b(?:at|by|around|about)\s+(?P<hour2>{_HOUR})[\s-]+(?P<minute2>{_MINUTES})\b"
    r"(?!\s+(?:dollars?|euros?|pounds?|people|percent))"
)
_WHOLE = _compiled(rf"(?<![\d:.,/$€£])\b(?P<hour>{_HOUR})(?:\s*o['’]?\s?clock)?{_HALF}")
_O_CLOCK = _compiled(rf"\b(?P<hour>{_HOUR})\s*o['’]?\s?clock\b")
_NAMED = _compiled(r"\b(?P<name>noon|midday|midnight)\b")
_AT = _compiled(
    rf"\b(?:at|by|around|about|before|after|until)\s+(?P<hour>{_HOUR})\b"
    r"(?!\s*(?:%|[:/.]\d|st\b|nd\b|rd\b|th\b|[-\s]*(?:dollars?|euros?|pounds?|people|persons?|percent|days?|weeks?|"
    r"hours?|minutes?|months?|years?|of\b|hundred|thousand|street|road|avenue|[a-z]+\s+(?:street|road|avenue))))"
)
_EVENING = re.compile(r"\b(?:evening|tonight|afternoon|night)\b", re.IGNORECASE)
_MORNING = re.compile(r"\bmorning\b", re.IGNORECASE)


def find(text: str, setting: Setting) -> list[Found]:
    """The times of day that `text` names, as ``HH:MM``."""
    if setting.tongue != "en":
        return apart(_clock(text))
    return apart([*_clock(text), *_dotted(text), *_past(text), *_spoken(text), *_hours(text)])


def _clock(text: str) -> Iterator[Found]:
    for m in _CLOCK.finditer(text):
        yield from _told(m, text, m["hour"], int(m["minute"]), _half(m))


def _dotted(text: str) -> Iterator[Found]:
    for m in _DOTTED.finditer(text):
        half = _half(m) or _half(m, "2")
        yield from _told(m, text, m["hour"] or m["hour2"], int(m["minute"] or m["minute2"]), half)


def _past(text: str) -> Iterator[Found]:
    for m in _PAST.finditer(text):
        much = m["much"].lower()
        minutes = 30 if much == "half" else 15 if "quarter" in much else number_of(much.split(" min")[0])
        before = m["side"].lower() in ("to", "before", "till")
        if (before and much == "half") or minutes > 59:
            continue
        yield from _told(m, text, m["hour"], -minutes if before else minutes, _half(m))


def _spoken(text: str) -> Iterator[Found]:
    for m in _WORDS.finditer(text):
        minute = re.sub(r"^oh\s+", "", (m["minute"] or m["minute2"]).lower())
        n = number_of(minute)
        if n <= 59:
            yield from _told(m, text, m["hour"] or m["hour2"], n, _half(m))


def _hours(text: str) -> Iterator[Found]:
    for pattern in (_WHOLE, _O_CLOCK):
        for m in pattern.finditer(text):
            yield from _told(m, text, m["hour"], 0, _half(m) if pattern is _WHOLE else "")
    for m in _NAMED.finditer(text):
        name = m["name"].lower()
        yield Found("00:00" if name == "midnight" else "12:00", m.start(), m.end(), 0.95)
    for m in _AT.finditer(text):
        for told in _told(m, text, m["hour"], 0, ""):
            yield Found(told.value, told.start, told.end, told.sure * 0.8)


def _half(match: re.Match[str], suffix: str = "") -> str:
    """Which half of the day is said with it: ``am``, ``pm`` or nothing."""
    half = (match[f"half{suffix}"] or "").lower()
    part = (match[f"part{suffix}"] or "").lower()
    if half:
        return "am" if half.startswith("a") else "pm"
    return "" if not part else "am" if "morning" in part else "pm"


def _told(match: re.Match[str], text: str, hour: str, minute: int, half: str) -> Iterator[Found]:
    """`minute` below zero: so many before the hour."""
    number = number_of(hour) if hour.strip("0") else 0
    h, sure = _in_the_day(number, hour, half or _day_part(text), beside=bool(half))
    if h is None:
        return
    total = (h * 60 + minute) % (24 * 60)
    yield Found(f"{total // 60:02}:{total % 60:02}", match.start(), match.end(), sure)


def _in_the_day(hour: int, said: str, half: str, *, beside: bool) -> tuple[int | None, float]:
    """The hour of 24 and how sure that is; None: there is no such hour."""
    if hour > 23:
        return None, 0.0
    if hour > 12 or hour == 0 or (len(said) == 2 and said.startswith("0") and not half):
        return hour, 0.95
    if half:
        return hour % 12 + (12 if half == "pm" else 0), 0.95 if beside else 0.85
    return (hour if hour >= 7 else hour + 12), 0.65


def _day_part(text: str) -> str:
    """What is said of the day elsewhere in the same breath, if it says one thing."""
    later, early = bool(_EVENING.search(text)), bool(_MORNING.search(text))
    return "" if later == early else "pm" if later else "am"
