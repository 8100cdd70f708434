"""Days and months as clocks of a time zone show them. Instants are UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHORTEST = timedelta(days=2)
"""A period is longer than this: one that begins on the last evening of a month, because the time zone was
changed or the tenant is that new, goes to the end of the next month."""


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When `day` begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def bounds(first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of the days from `first` to `last`, and the end of `last`."""
    return [midnight(first + timedelta(days=n), zone) for n in range((last - first).days + 2)]


def month_end(start: datetime, zone: ZoneInfo) -> datetime:
    """When the period that begins at `start` ends: the first beginning of a month after `SHORTEST`."""
    day = (start + SHORTEST).astimezone(zone).date()
    year, month = divmod(day.year * 12 + day.month, 12)
    return midnight(date(year, month + 1, 1), zone)


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """The day before the midnight `end`."""
    return (end - timedelta(hours=1)).astimezone(zone).date()
