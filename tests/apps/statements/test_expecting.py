"""What a carrier should take for a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.billing.models import Rate
from apps.statements.expecting import Costs, cost
from tests.apps.statements.test_matching import record

YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def rate(prefix: str, per_minute: int | None, **more: object) -> Rate:
    values = {"carrier": "c", "direction": "outbound", "micros_per_minute": 20_000, "effective_from": YEAR}
    return Rate(**values | {"prefix": prefix, "cost_micros_per_minute": per_minute} | more)


@pytest.mark.parametrize(
    ("seconds", "first_s", "step_s", "micros"),
    [
        (0, 60, 60, 0),
        (1, 1, 1, 100),
        (61, 1, 1, 6_100),
        (1, 60, 60, 6_000),
        (61, 60, 60, 12_000),
        (7, 6, 6, 1_200),
    ],
)
def test_calls_cost_by_steps(seconds: int, first_s: int, step_s: int, micros: int) -> None:
    assert cost(seconds, rate("1", 6_000, first_s=first_s, step_s=step_s)) == micros


def test_a_fraction_of_a_micro_unit_is_a_whole_one() -> None:
    assert cost(1, rate("1", 61)) == 2


def test_the_longest_prefix_that_is_in_force_counts() -> None:
    old = rate("1202", 1_000, effective_until=YEAR + timedelta(days=1))
    costs = Costs([rate("", 9_000), rate("1", 6_000), old, rate("12025550", 3_000, direction="inbound")])
    call = record("x", datetime(2026, 10, 5, tzinfo=UTC))

    assert costs.expected(call) == 6_000
    assert costs.expected(record("x", YEAR)) == 1_000
    assert costs.expected(record("x", call.started_at, direction="inbound")) == 3_000
    assert costs.expected(record("x", call.started_at, to="+442071838750")) == 9_000


def test_nothing_is_expected_where_no_rate_says_what_it_costs() -> None:
    assert Costs([]).expected(record("x")) is None
    assert Costs([rate("1", None)]).expected(record("x")) is None
