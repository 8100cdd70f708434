"""Money: never negative, never lost, whatever happens at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.db.models import Sum
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from apps.billing import services
from apps.billing.models import Hold, Movement, Wallet
from apps.billing.prices import price_of, price_per_minute
from apps.billing.selectors import available, charges_of, get_wallet
from tenants.errors import InvalidInput
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant

CENT = 10_000


@pytest.fixture
def tenant(db: None) -> Tenant:
    with override_settings(FREE_CREDIT_MICROS=100 * CENT, CALL_PRICE_MICROS_PER_MINUTE=6 * CENT):
        return make_tenant()


def adds_up() -> None:
    """The movements are the balance, the open holds what is held."""
    wallet = get_wallet()
    open_holds = Hold.objects.filter(settled_micros=None).aggregate(sum=Sum("amount_micros"))["sum"] or 0
    moved = Movement.objects.aggregate(sum=Sum("amount_micros"))["sum"] or 0
    assert (wallet.held_micros, wallet.balance_micros) == (open_holds, moved)
    assert 0 <= wallet.held_micros <= wallet.balance_micros


@given(st.integers(0, 10**8), st.integers(0, 10**7))
def test_a_begun_second_is_paid_and_no_fraction_is_lost(duration_ms: int, per_minute: int) -> None:
    price = price_of(duration_ms=duration_ms, per_minute=per_minute)
    assert isinstance(price, int)
    assert price * 60_000 >= duration_ms * per_minute
    assert (price - 1) * 60 < (duration_ms + 999) // 1000 * per_minute or price == 0


def test_the_sandbox_costs_nothing() -> None:
    with override_settings(CALL_PRICE_MICROS_PER_MINUTE=7):
        assert (price_per_minute(test=True), price_per_minute(test=False)) == (0, 7)


def test_a_new_tenant_has_the_free_credit(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        assert available() == 100 * CENT
        assert services.open_wallet(tenant=tenant).balance_micros == 100 * CENT
        adds_up()


def test_calls_are_held_whole_as_far_as_the_money_reaches(tenant: Tenant) -> None:
    big, small, none = new_id(), new_id(), new_id()
    with tenant_scope(tenant.pk):
        assert services.hold_many(holds={big: 101 * CENT, small: 60 * CENT, none: 0}) == {small, none}
        assert services.hold_many(holds={small: 60 * CENT, new_id(): 60 * CENT}) == {small}
        assert available() == 40 * CENT
        adds_up()
        with pytest.raises(ValueError, match="negative"):
            services.hold_many(holds={new_id(): -1})


@override_settings(CALL_PRICE_MICROS_PER_MINUTE=6 * CENT)
def test_a_call_is_settled_once_by_the_second_within_its_hold(tenant: Tenant) -> None:
    call, long = new_id(), new_id()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={call: 30 * CENT, long: 10 * CENT})
        assert services.settle(tenant_id=tenant.pk, call_id=call, duration_ms=60_001) == 61_000
        assert services.settle(tenant_id=tenant.pk, call_id=call, duration_ms=600_000) == 61_000
        assert services.settle(tenant_id=tenant.pk, call_id=long, duration_ms=600_000) == 10 * CENT
        assert services.hold_many(holds={call: 30 * CENT}) == set()
        assert services.settle(tenant_id=tenant.pk, call_id=new_id(), duration_ms=600_000) == 0
        assert charges_of([call, long, new_id()]) == {call: 61_000, long: 10 * CENT}
        assert available() == 90 * CENT - 61_000
        adds_up()


def test_a_call_that_nobody_answered_costs_nothing(tenant: Tenant) -> None:
    call = new_id()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={call: CENT})
    with platform_scope():
        assert services.settle(tenant_id=tenant.pk, call_id=call, duration_ms=0) == 0
    with tenant_scope(tenant.pk):
        assert available() == 100 * CENT
        assert Movement.objects.count() == 1
        adds_up()


@pytest.mark.parametrize(("amount", "why"), [(0, "Gift"), (-1, "Gift"), (10**16, "Gift"), (1, " ")])
def test_a_credit_that_makes_no_sense_is_refused(tenant: Tenant, amount: int, why: str) -> None:
    with pytest.raises(InvalidInput):
        services.credit(tenant=tenant, amount_micros=amount, why=why)


def test_the_database_refuses_what_must_not_be(tenant: Tenant) -> None:
    call = new_id()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={call: CENT})
        for change in ({"held_micros": -1}, {"held_micros": 101 * CENT}, {"balance_micros": 0}):
            with pytest.raises(IntegrityError, match="never_negative"), transaction.atomic():
                Wallet.objects.update(**change)
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Movement.objects.update(amount_micros=1)
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            Movement.objects.all().delete()
        services.settle(tenant_id=tenant.pk, call_id=call, duration_ms=1)
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Hold.objects.update(amount_micros=2 * CENT)


@pytest.mark.django_db(transaction=True)
@override_settings(CALL_PRICE_MICROS_PER_MINUTE=6 * CENT)
def test_holds_and_settlements_at_once_neither_lose_nor_make_money(tenant: Tenant) -> None:
    """Four threads hold more than there is, settle each other's calls twice, and credit meanwhile."""
    calls = [[new_id() for _ in range(12)] for _ in range(4)]

    def play(own: int) -> None:
        try:
            for n, call in enumerate(calls[own]):
                with tenant_scope(tenant.pk):
                    services.hold_many(holds={call: 9 * CENT, calls[own][n - 1]: 9 * CENT})
                for ended in (calls[own][n - 2], calls[(own + 1) % 4][n - 1]):
                    end(ended, 1_000 * (own + n))
                if n % 4 == 0:
                    services.credit(tenant=tenant, amount_micros=CENT, why="Test")
        finally:
            connections.close_all()

    def end(call: UUID, duration_ms: int) -> None:
        with tenant_scope(tenant.pk):
            services.settle(tenant_id=tenant.pk, call_id=call, duration_ms=duration_ms)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(play, range(4)))
    with tenant_scope(tenant.pk):
        adds_up()
        charged = sum(charges_of([call for some in calls for call in some]).values())
        assert get_wallet().balance_micros == 100 * CENT + 12 * CENT - charged
        assert charged > 0
