from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.numbers.services.months import month_after, next_month, rental_reference

NUMBER = UUID(int=7)


@pytest.mark.parametrize(
    ("began", "ends"),
    [
        ((2026, 1, 31), [(2026, 2, 28), (2026, 3, 31), (2026, 4, 30), (2026, 5, 31)]),
        ((2024, 1, 30), [(2024, 2, 29), (2024, 3, 30)]),
        ((2026, 11, 15), [(2026, 12, 15), (2027, 1, 15)]),
    ],
)
def test_months_end_on_the_day_of_the_first(
    began: tuple[int, int, int], ends: list[tuple[int, int, int]]
) -> None:
    began_at = until = datetime(*began, 13, 5, tzinfo=UTC)
    for end in ends:
        until = next_month(began_at, until)
        assert until == datetime(*end, 13, 5, tzinfo=UTC)


@given(
    began=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    months=st.integers(0, 60),
)
def test_no_two_months_have_one_reference_and_none_is_left_out(began: datetime, months: int) -> None:
    ends = [month_after(began, n) for n in range(months + 1)]
    assert ends[0] == began
    assert all(next_month(began, ends[n]) == ends[n + 1] for n in range(months))
    assert len({rental_reference(NUMBER, at) for at in ends}) == len(ends)
