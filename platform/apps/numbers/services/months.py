"""Months of rent."""

from __future__ import annotations

import calendar
from datetime import datetime
from uuid import UUID


def month_after(began_at: datetime, months: int) -> datetime:
    """The end of month number `months` of what began at `began_at`: the same day of the month and time, or
    the month's last day where it has no such day. Counted from the beginning, so that a 31st comes back."""
    year, month = divmod(began_at.year * 12 + began_at.month - 1 + months, 12)
    day = min(began_at.day, calendar.monthrange(year, month + 1)[1])
    return began_at.replace(year=year, month=month + 1, day=day)


def next_month(began_at: datetime, paid_until: datetime) -> datetime:
    """The end of the month that begins at `paid_until`."""
    gone = (paid_until.year - began_at.year) * 12 + paid_until.month - began_at.month
    return month_after(began_at, gone + 1)


def rental_reference(number_id: UUID, begins_at: datetime) -> str:
    """Of the ledger's entry for the month that begins then: no two months of a number begin in the same
    one."""
    return f"rental:{number_id}:{begins_at:%Y-%m}"
