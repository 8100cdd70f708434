"""What a call takes of a minute changes while it lasts: its hold follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test.utils import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.billing import services
from apps.billing.errors import NotEnoughMoney
from apps.billing.growing import amount_for, reach_ms, turn
from apps.billing.models import AccountKind, EntryKind, Hold, MinutesUsed, Plan, SpendLimit
from apps.billing.prices import Tariff
from apps.billing.selectors import available, get_wallet, spent
from apps.billing.services import rates
from apps.billing.services.rates import put_on_plan, use_included
from apps.billing.values import HoldRequest, Spent
from tenants.errors import LimitReached
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.money import ensure_adds_up, line, set_balance
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db
CENT = 10_000
MINUTE = 60_000
LEG = "leg-of-a-transfer"


@pytest.fixture(autouse=True)
def slices() -> Iterator[None]:
    with override_settings(HOLD_SLICE_MS=MINUTE):
        yield


@pytest.fixture
def tenant(db: None) -> Iterator[Tenant]:
    with override_settings(FREE_CREDIT_MICROS=100 * CENT):
        tenant = make_tenant()
    with tenant_scope(tenant.pk):
        yield tenant


def begin(cents_a_minute: int = 6, **request: Any) -> UUID:
    call = new_id()
    wish = HoldRequest(cents_a_minute * CENT, MINUTE, 30 * MINUTE, {"test": True})
    assert services.hold_many(holds={call: replace(wish, **request)})
    return call


def held(call: UUID) -> Hold:
    ensure_adds_up()
    return Hold.objects.get(subject_id=call)


def leg(call: UUID, at_s: int, cents: int, *, key: str = LEG, begun_s: int = 0) -> None:
    services.hold_leg(
        call_id=call, key=key, at_ms=1000 * at_s, per_minute_micros=cents * CENT, begun_s=begun_s
    )


def paid_ms(call: UUID, needed_s: int, spent_s: int = 0, cents: int = 0) -> int:
    spent = {call: Spent(1000 * spent_s, cents * CENT)}
    return services.extend_holds(needed={call: 1000 * needed_s}, spent=spent)[call]


# --- further legs -------------------------------------------------------------------------------------


def test_a_leg_joins_what_a_minute_takes_and_leaves_it(tenant: Tenant) -> None:
    call = begin()
    for _ in range(2):
        leg(call, 30, 12)
        hold = held(call)
        # Half a minute alone, then a slice of both.
        assert (hold.held_ms, hold.amount_micros) == (90_000, 3 * CENT + 18 * CENT)
    assert paid_ms(call, 120) == 120_000
    assert held(call).amount_micros == 3 * CENT + 27 * CENT
    for _ in range(2):
        services.free_leg(call_id=call, key=LEG, at_ms=60_000)
        assert held(call).amount_micros == 3 * CENT + 9 * CENT + 6 * CENT
    assert held(call).legs == {}
    assert paid_ms(call, 180) == 180_000
    assert held(call).amount_micros == 24 * CENT


def test_two_legs_at_once_are_both_paid(tenant: Tenant) -> None:
    call = begin()
    leg(call, 0, 12)
    leg(call, 0, 24, key="another-leg")
    assert held(call).amount_micros == 42 * CENT
    services.free_leg(call_id=call, key=LEG, at_ms=0)
    assert held(call).amount_micros == 30 * CENT


def test_a_leg_whose_first_minute_is_paid_whole_holds_it_at_once(tenant: Tenant) -> None:
    call = begin()
    leg(call, 0, 12, begun_s=60)
    assert held(call).amount_micros == 6 * CENT + 24 * CENT


def test_a_leg_without_money_is_refused_in_words_and_changes_nothing(tenant: Tenant) -> None:
    call = begin()
    set_balance(tenant, 17 * CENT)
    before = Hold.objects.values().get()
    with pytest.raises(NotEnoughMoney, match=r"somebody else needs 0\.12 USD.* 0\.11 USD are free"):
        leg(call, 0, 12)
    assert Hold.objects.values().get() == before
    set_balance(tenant, 18 * CENT)
    leg(call, 0, 12)
    assert available() == 0


def test_a_leg_counts_on_the_limits_of_its_call(tenant: Tenant) -> None:
    day = SpendLimit.objects.create(scope="tenant", period="day", amount_micros=18 * CENT)
    call = begin()
    with pytest.raises(LimitReached, match=r"leaves 0\.12 USD"):
        leg(call, 0, 13)
    leg(call, 0, 12)
    assert spent(day, timezone.now().date()) == 18 * CENT
    services.free_leg(call_id=call, key=LEG, at_ms=30_000)
    assert spent(day, timezone.now().date()) == 12 * CENT


def test_a_call_that_took_nothing_holds_a_slice_of_its_leg_not_half_an_hour(tenant: Tenant) -> None:
    call = begin(0)
    assert held(call).held_ms == 30 * MINUTE
    leg(call, 30, 12)
    assert (held(call).held_ms, held(call).amount_micros) == (90_000, 12 * CENT)
    services.free_leg(call_id=call, key=LEG, at_ms=60_000)
    assert held(call).amount_micros == 6 * CENT
    assert paid_ms(call, 29 * 60) == 29 * MINUTE
    assert held(call).amount_micros == 6 * CENT


def test_a_call_that_is_over_or_that_holds_nothing_takes_no_leg(tenant: Tenant) -> None:
    call = begin()
    services.settle(tenant_id=tenant.pk, call_id=call, lines=[])
    for one in (call, new_id()):
        leg(one, 0, 12)
        services.free_leg(call_id=one, key=LEG, at_ms=0)
    assert available() == 100 * CENT


@given(
    per_minute=st.integers(0, 10**7),
    rounding_s=st.sampled_from([1, 6, 60]),
    turns=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**7)), max_size=4),
    amount=st.integers(0, 10**10),
)
def test_what_an_amount_reaches_for_is_paid_whatever_the_minutes_took(
    per_minute: int, rounding_s: int, turns: list[tuple[int, int]], amount: int
) -> None:
    hold = Hold(tenant_id=new_id(), per_minute_micros=per_minute, rounding_s=rounding_s, most_ms=10**15)
    for at_ms, micros in turns:
        before = amount_for(hold, max(at_ms, hold.from_ms))
        turn(hold, at_ms=at_ms, per_minute_micros=micros)
        assert amount_for(hold, hold.from_ms) == before
    reach = reach_ms(hold, amount)
    assert amount_for(hold, reach) <= max(amount, hold.before_micros)
    assert reach == hold.most_ms or amount_for(hold, reach + 1) > amount


# --- more than was thought ----------------------------------------------------------------------------


def test_a_call_that_takes_more_than_was_thought_has_more_held(tenant: Tenant) -> None:
    call = begin()
    assert paid_ms(call, 90, spent_s=30, cents=10) == 90_000  # 7 more than the 3 that were thought
    assert held(call).amount_micros == 16 * CENT
    assert paid_ms(call, 90, spent_s=30, cents=10) == 90_000
    assert paid_ms(call, 120, spent_s=60, cents=11) == 120_000  # less than was thought: stays
    assert held(call).amount_micros == 19 * CENT


def test_a_call_that_took_the_money_already_is_paid_for_less_long(tenant: Tenant) -> None:
    call = begin()
    set_balance(tenant, 20 * CENT)
    assert paid_ms(call, 120, spent_s=30, cents=18) == 50_000
    assert held(call).amount_micros == 20 * CENT
    assert paid_ms(call, 120, spent_s=45, cents=40) == 0
    assert (held(call).amount_micros, available()) == (20 * CENT, 0)
    assert services.settle(tenant_id=tenant.pk, call_id=call, lines=[line(41 * CENT)]) == 20 * CENT
    ensure_adds_up()


# --- minutes of the plan ------------------------------------------------------------------------------


@pytest.fixture
def team(tenant: Tenant) -> Plan:
    with platform_scope():
        plan = Plan.objects.create(code="team", name="Team", included_minutes=70)
    put_on_plan(code="team", at=tenant.created_at)
    return plan


TARIFF = Tariff("Team", 1, 6 * CENT, 0, included_ms=70 * MINUTE)


def test_the_plans_minutes_are_promised_to_no_two_calls(tenant: Tenant, team: Plan) -> None:
    """Each reads that 70 are left: two calls of half an hour have them, the others need money."""
    calls = [new_id() for _ in range(4)]
    wishes = {call: TARIFF.hold(30 * MINUTE) for call in calls}
    assert services.hold_many(holds=wishes) == set(calls)
    assert [held(call).amount_micros for call in calls] == [0, 0, 6 * CENT, 6 * CENT]
    assert rates.unpromised_s(rates.plan_of(), at=timezone.now()) == 600
    set_balance(tenant, 12 * CENT)
    with pytest.raises(NotEnoughMoney) as no:
        services.hold_call(call_id=new_id(), request=TARIFF.hold(30 * MINUTE))
    assert no.value.needed_micros == 6 * CENT
    services.settle(tenant_id=tenant.pk, call_id=calls[0], lines=[])
    services.hold_call(call_id=new_id(), request=TARIFF.hold(30 * MINUTE))


def test_what_is_promised_to_others_is_not_used(tenant: Tenant, team: Plan) -> None:
    now = timezone.now()
    first, second = begin(0, included_ms=30 * MINUTE), begin(0, included_ms=30 * MINUTE)
    assert use_included(seconds=15 * 60, at=now) == 10 * 60
    for call in (first, second):
        assert use_included(seconds=40 * 60, at=now, own_s=30 * 60) == 30 * 60
        services.settle(tenant_id=tenant.pk, call_id=call, lines=[])
    assert MinutesUsed.objects.get().seconds == 70 * 60


def test_promises_are_of_the_month_in_which_the_call_began(tenant: Tenant, team: Plan) -> None:
    with platform_scope():
        Tenant.objects.update(created_at=datetime(2031, 1, 1, tzinfo=UTC))
    last, next_one = datetime(2031, 5, 31, 23, 59, tzinfo=UTC), datetime(2031, 6, 1, tzinfo=UTC)
    put_on_plan(code="team", at=last)
    with time_machine.travel(last, tick=False):
        begin(0, included_ms=30 * MINUTE)
    assert (rates.promised_s(at=last), rates.promised_s(at=next_one)) == (30 * 60, 0)


# --- the moment in which the day changes, and debts ----------------------------------------------------


def test_a_call_counts_on_the_day_that_its_limits_saw(tenant: Tenant) -> None:
    """Its row is written a moment later, perhaps on the next day."""
    day = SpendLimit.objects.create(scope="tenant", period="day", amount_micros=50 * CENT)
    last = datetime(2031, 5, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    with time_machine.travel(last, tick=False) as clock:
        real = rates.plan_of

        def slow(**how: Any) -> Plan:
            clock.shift(1)
            return real(**how)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("apps.billing.services.holds.plan_of", slow)
            call = begin(included_ms=MINUTE, instead_micros=1)
        services.settle(tenant_id=tenant.pk, call_id=call, lines=[line(2 * CENT)])
    assert spent(day, last.date()) == 2 * CENT
    assert spent(day, datetime(2031, 6, 1, tzinfo=UTC).date()) == 0


def test_what_becomes_free_pays_what_is_owed(tenant: Tenant) -> None:
    call = begin(90)
    services.take(
        tenant_id=tenant.pk,
        reference="stripe:txn_1",
        kind=EntryKind.DISPUTE,
        account=AccountKind.DISPUTES,
        amount_micros=50 * CENT,
        why="Taken back",
    )
    assert (get_wallet().debt_micros, available()) == (40 * CENT, 0)
    services.settle(tenant_id=tenant.pk, call_id=call, lines=[line(20 * CENT)])
    assert (get_wallet().debt_micros, available()) == (0, 30 * CENT)
    ensure_adds_up()
