"""What a call costs is reckoned in whole micro-units: never less than it comes to, never a unit too much."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from apps.billing.prices import (
    Tariff,
    Telephony,
    Usage,
    held_at_first,
    lines_of,
    platform_seconds,
    price_of,
    with_margin,
)

MINUTE = 60_000
OWN_TRUNK = Tariff(plan="Pay as you go", rounding_s=1, platform_micros_per_minute=50_000, margin_percent=20)
MANAGED = replace(OWN_TRUNK, telephony=Telephony("twilio to +44", 12_000, first_s=30, step_s=6))
TOKENS = Usage("llm", "OpenAI small", 12_345, "input_token", 150_000, 10**6)

amounts, durations = st.integers(0, 10**7), st.integers(0, 10**8)
tariffs = st.builds(
    Tariff,
    plan=st.just("P"),
    rounding_s=st.sampled_from([1, 6, 60]),
    platform_micros_per_minute=amounts,
    margin_percent=st.integers(0, 300),
    telephony=st.none()
    | st.builds(
        Telephony,
        what=st.just("x"),
        micros_per_minute=amounts,
        first_s=st.integers(1, 60),
        step_s=st.integers(1, 60),
    ),
    vendor_micros_per_minute=amounts,
    included_ms=durations,
)
usages = st.lists(
    st.builds(
        Usage,
        component=st.sampled_from(["stt", "llm", "tts"]),
        what=st.just("x"),
        quantity=st.integers(0, 10**9),
        unit=st.just("character"),
        cost_micros=amounts,
        per=st.integers(1, 10**6),
        own_key=st.booleans(),
    ),
    max_size=4,
)


def told(*lines: Any) -> list[tuple[str, int, int]]:
    return [(line.component, line.quantity, line.amount_micros) for line in lines]


def test_a_begun_second_is_paid_in_the_steps_of_the_plan() -> None:
    prices = [price_of(duration_ms=61_500, per_minute=60_000, rounding_s=step) for step in (1, 6, 60)]
    assert prices == [62_000, 66_000, 120_000]
    assert price_of(duration_ms=0, per_minute=60_000, rounding_s=60) == 0


@given(durations, amounts, st.sampled_from([1, 6, 60]))
def test_no_fraction_is_lost_and_none_is_paid_twice(duration_ms: int, per_minute: int, step: int) -> None:
    price = price_of(duration_ms=duration_ms, per_minute=per_minute, rounding_s=step)
    seconds = -(-duration_ms // 1000)
    assert price * 60 >= seconds * per_minute
    assert (price - 1) * 60 < (seconds + step - 1) * per_minute or price == 0


@pytest.mark.parametrize(("seconds", "paid"), [(0, 0), (1, 30), (30, 30), (31, 36), (36, 36), (37, 42)])
def test_a_carrier_has_its_first_seconds_and_its_steps(seconds: int, paid: int) -> None:
    assert MANAGED.telephony is not None
    assert MANAGED.telephony.seconds(seconds) == paid


def test_an_own_trunk_has_no_telephony_and_a_carrier_has() -> None:
    own = lines_of(OWN_TRUNK, duration_ms=80_000)
    managed = lines_of(MANAGED, duration_ms=80_000)
    assert told(*own) == [("platform", 80, 66_667)]
    assert told(*managed) == [("platform", 80, 66_667), ("telephony", 84, 16_800)]
    assert managed[1].what == "twilio to +44"


def test_included_minutes_are_a_line_that_costs_nothing() -> None:
    part = lines_of(OWN_TRUNK, duration_ms=80_000, included_s=50)
    assert told(*part) == [("included", 50, 0), ("platform", 30, 25_000)]
    assert told(*lines_of(OWN_TRUNK, duration_ms=80_000, included_s=500)) == [("included", 80, 0)]


def test_vendors_are_paid_at_cost_and_margin_or_by_the_own_key() -> None:
    paid, own = lines_of(OWN_TRUNK, duration_ms=0, usage=[TOKENS, replace(TOKENS, own_key=True)])
    assert (paid.price_micros, paid.per, paid.amount_micros) == (180_000, 10**6, 2_223)
    assert (own.price_micros, own.amount_micros, own.own_key, own.quantity) == (0, 0, True, 12_345)


@given(amounts, st.integers(1, 10**6), st.integers(0, 300))
def test_a_margin_is_exact(cost: int, per: int, percent: int) -> None:
    price, of = with_margin(cost, per, percent)
    assert Fraction(price, of) == Fraction(cost, per) * Fraction(100 + percent, 100)


@given(tariffs, durations, usages, st.integers(0, 10**5))
def test_lines_are_whole_and_never_below_what_they_come_to(
    tariff: Tariff, duration_ms: int, usage: list[Usage], included_s: int
) -> None:
    lines = lines_of(tariff, duration_ms=duration_ms, usage=usage, included_s=included_s)
    for line in lines:
        assert type(line.amount_micros) is int
        exact = Fraction(line.quantity * line.price_micros, line.per)
        assert exact <= line.amount_micros < exact + 1
    minutes = [line for line in lines if line.component in ("included", "platform")]
    assert sum(line.quantity for line in minutes) == platform_seconds(tariff, duration_ms)


@given(tariffs)
def test_a_tariff_is_kept_as_json_and_comes_back(tariff: Tariff) -> None:
    import json

    assert Tariff.of(json.loads(json.dumps(tariff.as_dict()))) == tariff


@given(tariffs, durations)
def test_a_hold_of_the_whole_call_covers_its_minutes(tariff: Tariff, duration_ms: int) -> None:
    """What vendors do comes besides; of the rest nothing is ever written off that was held to the end."""
    without = replace(tariff, vendor_micros_per_minute=0, included_ms=0)
    cost = sum(line.amount_micros for line in lines_of(without, duration_ms=duration_ms))
    # Platform and carrier round each for itself: by less than a step and a unit.
    slack = without.at_most(60_000) + 2
    assert cost <= without.at_most(duration_ms) + slack


def test_a_call_holds_its_first_slice_or_all_of_a_short_one() -> None:
    with override_settings(HOLD_SLICE_MS=2 * MINUTE):
        long, short = OWN_TRUNK.hold(30 * MINUTE), OWN_TRUNK.hold(MINUTE)
    assert (long.first_ms, long.most_ms, held_at_first(long)) == (2 * MINUTE, 30 * MINUTE, 100_000)
    assert (short.first_ms, short.most_ms, held_at_first(short)) == (MINUTE, MINUTE, 50_000)
    assert Tariff.of(long.tariff) == OWN_TRUNK


def test_a_plan_with_minutes_enough_for_the_whole_call_holds_the_rest_only() -> None:
    tariff = replace(MANAGED, included_ms=30 * MINUTE, vendor_micros_per_minute=1_000)
    wish = tariff.hold(30 * MINUTE)
    assert (wish.per_minute_micros, wish.included_ms, wish.instead_micros) == (13_000, 30 * MINUTE, 50_000)
    wish = tariff.hold(31 * MINUTE)
    assert (wish.per_minute_micros, wish.included_ms, wish.instead_micros) == (63_000, 0, 0)
    assert replace(OWN_TRUNK, included_ms=30 * MINUTE).hold(30 * MINUTE).per_minute_micros == 0


def test_what_a_call_costs_at_most_does_not_count_on_the_plans_minutes() -> None:
    assert replace(OWN_TRUNK, included_ms=30 * MINUTE).at_most(30 * MINUTE) == OWN_TRUNK.at_most(30 * MINUTE)
