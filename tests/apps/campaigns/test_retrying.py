"""When a contact is dialed again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.config import Attempts, Hours, Retry, Window
from apps.campaigns.hours.windows import PlaceKey, next_opening
from apps.campaigns.outcomes import Outcome
from apps.campaigns.retrying import next_at, other_time_of_day

NOW = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)
ZONES = ["", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
times = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def again(retry: Retry, *, same: int = 1, dialed: int = 1, contact: int = 1, **rules: int) -> datetime | None:
    return next_at(
        Outcome.BUSY,
        rules=Attempts(retries={"busy": retry}, **rules),
        same=same,
        dialed=dialed,
        contact_id=UUID(int=contact),
        last=NOW,
        now=NOW,
        zone="Europe/Berlin",
    )


def test_each_wait_is_longer_by_the_backoff() -> None:
    rule = Retry(times=3, after_s=600, backoff=2, jitter=0)
    waits = [again(rule, same=n, dialed=n, max_per_contact=10) for n in (1, 2, 3, 4)]
    assert waits == [NOW + timedelta(seconds=s) for s in (600, 1_200, 2_400)] + [None]


def test_no_more_than_the_campaign_allows() -> None:
    rule = Retry(times=9, after_s=600)
    assert again(rule, dialed=3, max_per_contact=4) is not None
    assert again(rule, dialed=4, max_per_contact=4) is None


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.OPTED_OUT, Outcome.INVALID_NUMBER])
def test_outcomes_without_a_rule_are_final(outcome: Outcome) -> None:
    rest = {"same": 1, "dialed": 1, "contact_id": UUID(int=1), "last": NOW, "now": NOW, "zone": ""}
    assert next_at(outcome, rules=Attempts(), **rest) is None  # type: ignore[arg-type]


@given(contact=st.integers(0, 2**128 - 1), dialed=st.integers(1, 3), jitter=st.floats(0, 0.5))
def test_jitter_stays_within_its_share_and_is_the_same_again(
    contact: int, dialed: int, jitter: float
) -> None:
    rule = Retry(times=5, after_s=1_000, backoff=1, jitter=jitter)
    at = again(rule, contact=contact, dialed=dialed)
    assert at is not None
    assert at == again(rule, contact=contact, dialed=dialed)
    assert abs((at - NOW).total_seconds() - 1_000) <= 1_000 * jitter + 1e-3


@given(at=times, last=times, zone=st.sampled_from(ZONES))
def test_another_time_of_day_is_three_hours_away_and_never_earlier(
    at: datetime, last: datetime, zone: str
) -> None:
    moved = other_time_of_day(at, last=last, zone=zone)
    place = ZoneInfo(zone or "UTC")
    clocks = [t.astimezone(place) for t in (moved, last)]
    first, second = (c.hour * 3_600 + c.minute * 60 + c.second + c.microsecond / 1e6 for c in clocks)
    away = abs(first - second)
    assert min(away, 86_400 - away) >= 3 * 3_600 - 1e-3
    assert at <= moved <= at + timedelta(hours=8)


BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("09:00", "20:00", "2026-05-05T12:30"),  # 04:30 is another time, but rings at 09:00: moved on
        ("09:00", "11:00", "2026-05-05T04:30"),  # hours without another time: whenever they open
        ("15:00", "20:00", "2026-05-05T15:00"),
    ],
)
def test_another_time_of_day_is_inside_the_hours(start: str, end: str, expected: str) -> None:
    last = datetime(2026, 5, 4, 9, 30, tzinfo=BERLIN)
    hours = Hours(windows=[Window(days=DAYS, start=start, end=end)], rules=[], skip_holidays=False)
    at = next_at(
        Outcome.BUSY,
        rules=Attempts(retries={"busy": Retry(after_s=19 * 3_600, jitter=0, other_time_of_day=True)}),
        same=1,
        dialed=1,
        contact_id=UUID(int=1),
        last=last,
        now=last,
        zone="Europe/Berlin",
        opening=lambda when: next_opening(PlaceKey(("Europe/Berlin",), "DE"), hours, when),
    )
    assert at == datetime.fromisoformat(expected).replace(tzinfo=BERLIN)
