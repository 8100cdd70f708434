"""What a rule for calling hours is, and how the tables of this package write one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

Minutes = tuple[int, int]
"""From, until (not with it): minutes of the local day, 0 to 1440."""

Day = tuple[Minutes, ...]

READ, REGULATOR, SECONDARY, NOT_CHECKED = "Text read", "Regulator read", "Secondary", "Not checked"
CHECKED = (READ, REGULATOR, SECONDARY, NOT_CHECKED)
"""How far a rule was held against its source: the text of the law or a copy of it, which may not be the
latest; the regulator's own words about it; somebody else's words, who is named; not at all, and why."""

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `calls` attempts at one number within any `within`, by all campaigns of a tenant."""

    calls: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """`days`: what is allowed on Monday … Sunday; `eve`: what is allowed on the day before a holiday besides,
    None when it is as other days; `dates`: the same of days of the year, by (month, day). `country`: ISO
    3166-1, "" in the rule for countries that have none of their own. `regions`: as `Place.region`; none: all.
    `checked` begins with one of `CHECKED`."""

    id: str
    name: str
    country: str
    regions: tuple[str, ...]
    days: tuple[Day, ...]
    no_holidays: bool
    source: str
    note: str
    checked: str
    eve: Day | None = None
    dates: tuple[tuple[tuple[int, int], Day], ...] = ()
    caps: tuple[Cap, ...] = ()

    def on(self, date: date, *, eve: bool) -> Day:
        """What is allowed on `date`, the day before a holiday when `eve`, when it is no holiday itself."""
        allowed = self.days[date.weekday()]
        if eve and self.eve is not None:
            allowed = both(allowed, self.eve)
        for when, special in self.dates:
            if when == (date.month, date.day):
                allowed = both(allowed, special)
        return allowed


@lru_cache(maxsize=4_096)
def both(one: Day, other: Day) -> Day:
    """What is in each of two."""
    return tuple((max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) < min(b, d))


def day(text: str) -> Day:
    """Of "10:00-13:00 14:00-20:00"; nothing is allowed in ""."""
    return tuple((_minute(a), _minute(b)) for a, _, b in (part.partition("-") for part in text.split()))


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def rule(
    id: str,
    name: str,
    hours: str | tuple[str, str, str],
    source: str,
    *,
    checked: str,
    holidays: bool = True,
    note: str = "",
    eve: str | None = None,
    dates: dict[tuple[int, int], str] | None = None,
    caps: tuple[Cap, ...] = (),
) -> Rule:
    """`hours`: of every day, or of weekdays, Saturday and Sunday. `holidays`: calls on them are allowed. The
    id begins with the country's code; one of a state ends with the state's."""
    weekday, saturday, sunday = (hours, hours, hours) if isinstance(hours, str) else hours
    country, _, rest = id.partition("_")
    return Rule(
        id=id,
        name=name,
        country={"uk": "GB", "other": ""}.get(country, country.upper()),
        regions=(rest.upper(),) if country == "us" and len(rest) == 2 else (),
        days=(*[day(weekday)] * 5, day(saturday), day(sunday)),
        no_holidays=not holidays,
        source=source,
        note=" ".join(filter(None, (note, *map(_words, caps)))),
        checked=checked,
        eve=None if eve is None else day(eve),
        dates=tuple((date, day(text)) for date, text in (dates or {}).items()),
        caps=caps,
    )


def _words(cap: Cap) -> str:
    calls = "one call" if cap.calls == 1 else f"{cap.calls} calls"
    hours = cap.within // HOUR
    span = f"{hours // 24} days" if hours > 24 else f"{hours} hours"
    return f"At most {calls} to a number within {span}: campaigns keep to it."
