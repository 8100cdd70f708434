"""Days and months of limits: of the calendar, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from apps.billing.models import LimitPeriod


def start_of(period: str, at: datetime) -> date:
    """The first day of the period that `at` is in."""
    day = at.astimezone(UTC).date()
    return day if period == LimitPeriod.DAY else day.replace(day=1)


def ends_at(period: str, at: datetime) -> datetime:
    """When the period ends that `at` is in."""
    start = start_of(period, at)
    after = start + timedelta(days=1 if period == LimitPeriod.DAY else 32)
    if period == LimitPeriod.MONTH:
        after = after.replace(day=1)
    return datetime(after.year, after.month, after.day, tzinfo=UTC)
