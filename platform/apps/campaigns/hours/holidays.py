"""Public holidays of callees."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, lru_cache

import holidays

_TOWNS = {"IT": ["BZ"]}
"""Countries whose parts are towns with the feasts of their patron saints: the parts that count where the
callee's is not known, or there would be a hundred holidays a year."""


@cache
def _countries() -> dict[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


def known(country: str) -> bool:
    """Whether we have the holidays of `country` (ISO 3166-1); of others none is kept."""
    return country in _countries()


def holiday(day: date, *, country: str, region: str) -> str:
    """The name of the public holiday on `day`, or "". Where the region is unknown, or not one of the country,
    a holiday of any region counts. In the United States federal holidays are ones of every state."""
    return _of_year(country, region, day.year).get(day, "") if known(country) else ""


@lru_cache(maxsize=1_024)
def _of_year(country: str, region: str, year: int) -> dict[date, str]:
    parts = _countries()[country]
    subdivisions = [region] if region in parts else [None, *_TOWNS.get(country, parts)]
    if country == "US":
        subdivisions = list(dict.fromkeys([None, *subdivisions]))
    days: dict[date, str] = {}
    for part in subdivisions:
        days = dict(holidays.country_holidays(country, subdiv=part, years=year)) | days
        if (country, part) == ("US", "PA"):
            days = _of_pennsylvania(year) | days
    return {day: name for day, name in days.items() if day.year == year}


def _of_pennsylvania(year: int) -> dict[date, str]:
    """Legal holidays (44 P.S. § 11) that the library leaves out, being no days off: elections are held in
    November of every year."""
    of_louisiana = holidays.country_holidays("US", subdiv="LA", years=year, language="en_US")
    good_friday = {day: name for day, name in of_louisiana.items() if name == "Good Friday"}
    first_monday = next(
        day for day in (date(year, 11, 1) + timedelta(days=n) for n in range(7)) if day.weekday() == 0
    )
    flag_day, election_day = date(year, 6, 14), first_monday + timedelta(days=1)
    return good_friday | {flag_day: "Flag Day", election_day: "Election Day"}
