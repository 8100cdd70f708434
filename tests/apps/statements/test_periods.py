"""Days and months by the clocks of a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from apps.statements.periods import bounds, last_day, midnight, month_end

BERLIN, KATHMANDU, AUCKLAND = map(ZoneInfo, ("Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"))


@pytest.mark.parametrize(
    ("start", "zone", "end"),
    [
        ("2026-10-01T00:00+00:00", "UTC", "2026-11-01T00:00+00:00"),
        ("2026-12-01T00:00+00:00", "UTC", "2027-01-01T00:00+00:00"),
        # Summer time ends within the month.
        ("2026-09-30T22:00+00:00", "Europe/Berlin", "2026-10-31T23:00+00:00"),
        ("2026-09-30T18:15+00:00", "Asia/Kathmandu", "2026-10-31T18:15+00:00"),
        # A month that ended by the clocks of UTC, seen from New York: not a period of four hours.
        ("2026-11-01T00:00+00:00", "America/New_York", "2026-12-01T05:00+00:00"),
        ("2026-10-31T09:00+00:00", "UTC", "2026-12-01T00:00+00:00"),
        ("2026-10-12T09:00+00:00", "UTC", "2026-11-01T00:00+00:00"),
    ],
)
def test_a_month_ends_when_the_next_one_begins(start: str, zone: str, end: str) -> None:
    assert month_end(datetime.fromisoformat(start), ZoneInfo(zone)) == datetime.fromisoformat(end)


def test_days_are_as_long_as_they_are() -> None:
    ends = bounds(date(2026, 10, 24), date(2026, 10, 26), BERLIN)

    assert [later - earlier for earlier, later in pairwise(ends)] == [
        timedelta(hours=24),
        timedelta(hours=25),
        timedelta(hours=24),
    ]


@pytest.mark.parametrize("zone", [BERLIN, KATHMANDU, AUCKLAND])
def test_the_last_day_is_the_one_before_the_midnight(zone: ZoneInfo) -> None:
    end = midnight(date(2026, 11, 1), zone)

    assert last_day(end, zone) == date(2026, 10, 31)
    assert end.astimezone(zone).hour == 0
    assert end.tzinfo is UTC
