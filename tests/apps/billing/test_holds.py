"""Money promised to calls: whole as they begin, more while they last, settled once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from apps.billing import services
from apps.billing.errors import NotEnoughMoney
from apps.billing.growing import amount_for, reach_ms
from apps.billing.models import AccountKind, CallCharge, ChargeLine, Hold, Posting, Wallet
from apps.billing.selectors import Cost, available, charges_of, cost_of, get_wallet, tariff_of
from apps.billing.values import HoldRequest, Line
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.money import ensure_adds_up, holds, line, set_balance
from tests.tenancy import make_tenant

CENT = 10_000
MINUTE_MS = 60_000


@pytest.fixture
def tenant(db: None) -> Tenant:
    with override_settings(FREE_CREDIT_MICROS=100 * CENT):
        return make_tenant()


def held(call: UUID) -> Hold:
    return Hold.objects.get(subject_id=call)


def settle(tenant: Tenant, call: UUID, *lines: Line) -> int:
    return services.settle(tenant_id=tenant.pk, call_id=call, lines=lines)


def test_calls_are_held_whole_as_far_as_the_money_reaches(tenant: Tenant) -> None:
    big, small, free = new_id(), new_id(), new_id()
    with tenant_scope(tenant.pk):
        wanted = {big: holds(101 * CENT), small: holds(60 * CENT), free: holds(0, minutes=30)}
        assert services.hold_many(holds=wanted) == {small, free}
        assert services.hold_many(holds={small: holds(60 * CENT), new_id(): holds(60 * CENT)}) == {small}
        assert available() == 40 * CENT
        assert (held(small).held_ms, held(free).held_ms) == (MINUTE_MS, 30 * MINUTE_MS)
        assert tariff_of(small) == {"test": True}
        assert tariff_of(big) is None
        ensure_adds_up()


def test_a_request_that_makes_no_sense_is_none() -> None:
    for wrong in ({"per_minute_micros": -1}, {"first_ms": -1}, {"first_ms": 2}, {"rounding_s": 0}):
        values: dict[str, Any] = {"per_minute_micros": 1, "first_ms": 1, "most_ms": 1} | wrong
        with pytest.raises(ValueError, match=r"call|negative"):
            HoldRequest(**values)
    with pytest.raises(ValueError, match="negative"):
        Line("platform", "", 1, "second", 1, 1, -1)


def test_a_call_without_money_is_refused_in_words(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        services.hold_call(call_id=new_id(), request=holds(99 * CENT))
        with pytest.raises(NotEnoughMoney, match=r"0\.50 USD.*0\.01 USD") as refused:
            services.hold_call(call_id=new_id(), request=holds(50 * CENT))
    assert refused.value.members == {"needed_micros": 50 * CENT, "available_micros": CENT}


def test_a_hold_grows_with_its_call_until_the_money_ends(tenant: Tenant) -> None:
    call = new_id()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={call: holds(30 * CENT, minutes=10)})
        assert services.extend_holds(needed={call: 90_001, new_id(): 1}) == {call: 91_000}
        assert held(call).amount_micros == 455_000
        assert services.extend_holds(needed={call: 1_000}) == {call: 91_000}  # never less
        assert services.extend_holds(needed={call: 5 * MINUTE_MS}) == {call: 200_000}  # a dollar's worth
        assert available() == 0
        assert services.extend_holds(needed={call: 5 * MINUTE_MS}) == {call: 200_000}
        ensure_adds_up()
        set_balance(tenant, 1_000 * CENT)
        assert services.extend_holds(needed={call: 60 * MINUTE_MS}) == {call: 10 * MINUTE_MS}
        assert held(call).amount_micros == 300 * CENT
        assert settle(tenant, call, line(7)) == 7
        assert services.extend_holds(needed={call: MINUTE_MS}) == {}
        ensure_adds_up()


@given(
    per_minute=st.integers(1, 10**7),
    rounding_s=st.sampled_from([1, 6, 60]),
    amount=st.integers(0, 10**9),
)
def test_what_an_amount_reaches_for_is_never_more_than_it_pays(
    per_minute: int, rounding_s: int, amount: int
) -> None:
    hold = Hold(tenant_id=new_id(), per_minute_micros=per_minute, rounding_s=rounding_s, most_ms=10**15)
    reach = reach_ms(hold, amount)
    assert amount_for(hold, reach) <= amount
    assert amount_for(hold, reach + 1) > amount


def test_a_call_is_settled_once_and_its_cost_kept_by_lines(tenant: Tenant) -> None:
    call = new_id()
    lines = [line(3 * CENT), line(2 * CENT, "telephony"), line(CENT, "llm"), line(CENT, "tts")]
    with tenant_scope(tenant.pk):
        services.hold_many(holds={call: holds(30 * CENT)})
        assert cost_of(call) == Cost(30 * CENT, False, ())
    with platform_scope():
        assert settle(tenant, call, *lines) == 7 * CENT
        assert settle(tenant, call, line(50 * CENT)) == 7 * CENT
        assert settle(tenant, new_id(), line(CENT)) == 0
    with tenant_scope(tenant.pk):
        cost = cost_of(call)
        assert cost is not None
        assert (cost.total_micros, cost.settled, list(cost.lines)) == (7 * CENT, True, lines)
        assert charges_of([call, new_id()]) == {call: 7 * CENT}
        assert services.hold_many(holds={call: holds(CENT)}) == set()
        posted = Posting.objects.filter(entry=CallCharge.objects.get().entry).values_list(
            "account", "amount_micros"
        )
        assert dict(posted) == {
            AccountKind.WALLET: -7 * CENT,
            AccountKind.CALLS: 3 * CENT,
            AccountKind.TELEPHONY: 2 * CENT,
            AccountKind.VENDORS: 2 * CENT,
        }
        assert available() == 93 * CENT
        ensure_adds_up()


def test_what_exceeds_the_hold_is_taken_from_what_is_free_and_the_rest_written_off(tenant: Tenant) -> None:
    over, other, bare = new_id(), new_id(), new_id()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={over: holds(30 * CENT), other: holds(60 * CENT)})
        assert settle(tenant, over, line(35 * CENT)) == 35 * CENT
        assert available() == 5 * CENT
        services.hold_many(holds={bare: holds(CENT)})
        assert settle(tenant, bare, line(20 * CENT)) == 5 * CENT
        charge = CallCharge.objects.get(call=bare)
        assert (charge.total_micros, charge.charged_micros, charge.written_off_micros) == (
            20 * CENT,
            5 * CENT,
            15 * CENT,
        )
        lost = Posting.objects.get(account=AccountKind.WRITTEN_OFF)
        assert (lost.amount_micros, lost.entry_id) == (-15 * CENT, charge.entry_id)
        assert (get_wallet().balance_micros, get_wallet().held_micros) == (60 * CENT, 60 * CENT)
        ensure_adds_up()


def test_a_call_that_cost_nothing_moves_nothing(tenant: Tenant) -> None:
    unanswered, included = new_id(), new_id()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={unanswered: holds(CENT), included: holds(0)})
        before = Posting.objects.count()
        assert settle(tenant, unanswered) == 0
        assert settle(tenant, included, line(0, "included")) == 0
        assert Posting.objects.count() == before
        assert [row.component for row in ChargeLine.objects.all()] == ["included"]
        assert available() == 100 * CENT
        ensure_adds_up()


def test_the_database_refuses_what_must_not_be(tenant: Tenant) -> None:
    call = new_id()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={call: holds(CENT)})
        for change in ({"held_micros": -1}, {"held_micros": 101 * CENT}):
            with pytest.raises(IntegrityError, match="never_negative"), transaction.atomic():
                Wallet.objects.update(**change)
        settle(tenant, call, line(1))
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Hold.objects.update(amount_micros=2 * CENT)
        for kept in (CallCharge, ChargeLine):
            with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
                kept._default_manager.update(updated_at=None)


@pytest.mark.django_db(transaction=True)
def test_holds_and_settlements_at_once_neither_lose_nor_make_money(tenant: Tenant) -> None:
    """Four threads hold more than there is, extend and settle each other's calls, and credit meanwhile."""
    calls = [[new_id() for _ in range(12)] for _ in range(4)]

    def play(own: int) -> None:
        try:
            for n, call in enumerate(calls[own]):
                with tenant_scope(tenant.pk):
                    wanted = {one: holds(9 * CENT, minutes=9) for one in (call, calls[own][n - 1])}
                    services.hold_many(holds=wanted)
                with tenant_scope(tenant.pk):
                    everybody = {one: (1 + n % 3) * MINUTE_MS for some in calls for one in some}
                    services.extend_holds(needed=everybody)
                for ended in (calls[own][n - 2], calls[(own + 1) % 4][n - 1]):
                    with tenant_scope(tenant.pk):
                        settle(tenant, ended, line((own + n) * CENT))
                if n % 4 == 0:
                    services.credit(tenant=tenant, amount_micros=CENT, why="Test")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(play, range(4)))
    with tenant_scope(tenant.pk):
        ensure_adds_up()
        charged = sum(charges_of([call for some in calls for call in some]).values())
        assert get_wallet().balance_micros == 100 * CENT + 12 * CENT - charged
        assert charged > 0
