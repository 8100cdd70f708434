"""Which of our calls is which of a carrier's records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from apps.statements.matching import NEAR, OurCall, Pair, pairs
from telephony.carriers.values import CallRecord
from tenants.ids import new_id

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
OURS, THEM = "+12025551000", "+12025550184"
TENANT = UUID(int=1)


def call(
    at: datetime = NOON, *, to: str = THEM, seconds: int = 60, sip: str = "", direction: str = "outbound"
) -> OurCall:
    return OurCall(new_id(), TENANT, direction, OURS, to, at, seconds, sip, 10_000)


def record(
    name: str, at: datetime = NOON, *, to: str = THEM, sip: str = "", direction: str = "outbound"
) -> CallRecord:
    return CallRecord(
        id=name,
        direction=direction,  # type: ignore[arg-type]
        from_number=OURS,
        to_number=to,
        started_at=at,
        duration_s=60,
        status="completed",
        cost_micros=7_000,
        sip_call_id=sip,
    )


def together(found: list[Pair]) -> set[tuple[UUID | None, str | None]]:
    return {(ours and ours.id, theirs and theirs.id) for ours, theirs in found}


def test_the_sip_call_id_wins_over_the_time() -> None:
    first, second = call(sip="a"), call(NOON + timedelta(seconds=10), sip="b")
    told = [record("late", NOON + timedelta(seconds=11), sip="a"), record("early", NOON, sip="b")]

    assert together(list(pairs([first, second], told))) == {(first.id, "late"), (second.id, "early")}


def test_an_id_that_a_carrier_tells_twice_is_one_call() -> None:
    ours = call(sip="a")
    told = [record("one", sip="a"), record("two", NOON + timedelta(hours=3), sip="a")]

    assert together(list(pairs([ours], told))) == {(ours.id, "one"), (None, "two")}


def test_without_ids_calls_between_the_same_numbers_go_by_time() -> None:
    first, second = call(), call(NOON + timedelta(minutes=5))
    told = [record("b", NOON + timedelta(minutes=5, seconds=2)), record("a", NOON + timedelta(seconds=1))]

    assert together(list(pairs([first, second], told))) == {(first.id, "a"), (second.id, "b")}


def test_what_is_far_apart_in_time_is_not_the_same_call() -> None:
    ours, told = call(), record("x", NOON + NEAR + timedelta(seconds=1))

    assert together(list(pairs([ours], [told]))) == {(ours.id, None), (None, "x")}
    assert together(list(pairs([ours], [record("y", NOON + NEAR)]))) == {(ours.id, "y")}


def test_another_direction_or_number_is_another_call() -> None:
    ours = call()
    told = [record("in", direction="inbound"), record("other", to="+12025550185")]

    assert together(list(pairs([ours], told))) == {(ours.id, None), (None, "in"), (None, "other")}


def test_numbers_are_the_same_however_they_are_written() -> None:
    ours = call(to="+1 (202) 555-0184")
    told = record("x", to="sip:+12025550184@carrier.example")

    assert together(list(pairs([ours], [told]))) == {(ours.id, "x")}


offsets = st.lists(st.integers(0, 86_400), max_size=40)


@given(offsets=offsets, jitter=st.data())
def test_the_same_calls_on_both_sides_all_find_each_other(offsets: list[int], jitter: st.DataObject) -> None:
    """Numbers that nobody else has, shuffled, each up to NEAR late: nothing is left over."""
    mine = [call(NOON + timedelta(seconds=at), to=f"+1202{n:07}") for n, at in enumerate(offsets)]
    late = [jitter.draw(st.integers(0, int(NEAR.total_seconds()))) for _ in mine]
    told = [
        record(str(n), one.started_at + timedelta(seconds=late[n]), to=one.to_number)
        for n, one in enumerate(mine)
    ]
    shuffled = jitter.draw(st.permutations(told))

    assert together(list(pairs(mine, shuffled))) == {(one.id, str(n)) for n, one in enumerate(mine)}


@given(ours=offsets, theirs=offsets)
def test_each_call_and_each_record_is_told_once(ours: list[int], theirs: list[int]) -> None:
    """All between the same two numbers, so that any may be any."""
    mine = [call(NOON + timedelta(seconds=at)) for at in ours]
    told = [record(str(n), NOON + timedelta(seconds=at)) for n, at in enumerate(theirs)]

    found = list(pairs(mine, told))

    assert sorted(o.id for o, _ in found if o) == sorted(one.id for one in mine)
    assert sorted(t.id for _, t in found if t) == sorted(one.id for one in told)
    assert all(abs(o.started_at - t.started_at) <= NEAR for o, t in found if o and t)
    assert sum(1 for o, t in found if o and t) == most_pairs(sorted(ours), sorted(theirs))


def most_pairs(ours: list[int], theirs: list[int]) -> int:
    """As many as can be, by trying: the longest common subsequence of what is near."""
    near = int(NEAR.total_seconds())
    best = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for m, one in enumerate(ours, start=1):
        for n, other in enumerate(theirs, start=1):
            paired = best[m - 1][n - 1] + 1 if abs(one - other) <= near else 0
            best[m][n] = max(best[m - 1][n], best[m][n - 1], paired)
    return best[-1][-1]
