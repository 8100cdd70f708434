"""The choice of a caller number: limits are never exceeded, and the nearest free number calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.caller_pool import Caller, Pool, Wanted, home_of
from apps.campaigns.config import CallerNumbers
from tenants.ids import new_id

NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
NUMBERS = ["+12125550100", "+13155550101", "+14155550102", "+442079460018", "+493023125000"]


def callers(*e164s: str) -> list[Caller]:
    return [Caller(new_id(), e164) for e164 in e164s]


def test_a_number_tells_its_home() -> None:
    assert (home_of("+12125550100").area, home_of("+12125550100").country) == ("1212", "US")
    assert home_of("+442079460018").area == "4420"
    assert home_of("+10").country == ""


def test_local_is_the_area_then_the_state_then_the_country() -> None:
    config = CallerNumbers(daily_cap=1)
    pool = Pool(config, callers(*reversed(NUMBERS)))
    order = [pool.choose(Wanted("+12125550199"), now=NOW) for _ in range(3)]
    assert [caller.e164 for caller in order if caller] == NUMBERS[:3]


def test_rotation_takes_the_one_that_rested_longest() -> None:
    pool = Pool(CallerNumbers(strategy="rotate"), callers(*NUMBERS))
    times = [NOW + timedelta(seconds=n) for n in range(10)]
    chosen = [caller.e164 for now in times if (caller := pool.choose(Wanted("+12125550199"), now=now))]
    assert chosen[:5] == chosen[5:]
    assert sorted(chosen[:5]) == sorted(NUMBERS)


def test_another_number_than_the_last_when_there_is_one() -> None:
    near, far = callers(NUMBERS[0], NUMBERS[4])
    config = CallerNumbers(daily_cap=1)
    wanted = Wanted("+12125550199", other_than=near.id)
    pool = Pool(config, [near, far])
    assert [pool.choose(wanted, now=NOW), pool.choose(wanted, now=NOW)] == [far, near]


def test_why_there_is_none_is_told_and_when_there_will_be() -> None:
    assert "no caller number" in Pool(CallerNumbers(), []).why(now=NOW)
    resting, capped = callers(*NUMBERS[:2])
    resting.resting_until, capped.today = NOW + timedelta(hours=1), 200
    pool = Pool(CallerNumbers(), [resting, capped])
    assert pool.choose(Wanted(NUMBERS[0]), now=NOW) is None
    assert pool.why(now=NOW) == (
        "No caller number is free: 1 set to rest, 1 called from as often as a day allows."
    )
    assert pool.free_at(now=NOW) == resting.resting_until


def test_a_number_given_back_is_as_before() -> None:
    pool = Pool(CallerNumbers(daily_cap=1, rest_s=60), callers(NUMBERS[0]))
    first = pool.choose(Wanted(NUMBERS[1]), now=NOW)
    assert first is not None
    assert pool.choose(Wanted(NUMBERS[1]), now=NOW) is None
    pool.give_back(first, before=None)
    assert pool.choose(Wanted(NUMBERS[1]), now=NOW) is first


@given(
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 5),
    st.sampled_from(["rotate", "local"]),
    st.lists(st.sampled_from(NUMBERS), max_size=40),
    st.integers(0, 10),
)
def test_no_limit_is_ever_exceeded(
    daily_cap: int, concurrent: int, rest_s: int, strategy: str, wanted: list[str], room: int
) -> None:
    config = CallerNumbers(daily_cap=daily_cap, max_concurrent=concurrent, rest_s=rest_s, strategy=strategy)
    pool = Pool(config, callers(*NUMBERS), {None: room})
    begun: dict[object, list[datetime]] = {}
    for n, e164 in enumerate(wanted):
        now = NOW + timedelta(seconds=n)
        caller = pool.choose(Wanted(e164), now=now)
        if caller is None:
            assert pool.why(now=now)
        else:
            begun.setdefault(caller.id, []).append(now)
    for times in begun.values():
        assert len(times) <= min(daily_cap, concurrent)
        assert all((b - a).total_seconds() >= rest_s for a, b in pairwise(times))
    assert sum(map(len, begun.values())) <= room
