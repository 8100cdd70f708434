"""Public holidays of callees."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

import holidays


@cache
def _countries() -> dict[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


def known(country: str) -> bool:
    """Whether we have the holidays of `country` (ISO 3166-1); of others none is kept."""
    return country in _countries()


def holiday(day: date, *, country: str, region: str) -> str:
    """The name of the public holiday on `day`, or "". Where the region is unknown, a holiday of any region
    counts."""
    return _of_year(country, region, day.year).get(day, "") if known(country) else ""


@lru_cache(maxsize=1_024)
def _of_year(country: str, region: str, year: int) -> dict[date, str]:
    parts = _countries()[country]
    subdivisions = [region] if region in parts else [None] if region else [None, *parts]
    days: dict[date, str] = {}
    for part in subdivisions:
        days = dict(holidays.country_holidays(country, subdiv=part, years=year)) | days
    return {day: name for day, name in days.items() if day.year == year}
