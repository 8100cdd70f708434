"""Recordings that were kept yesterday are charged once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from apps.billing.models import Entry
from apps.billing.selectors import get_wallet
from apps.calls.models import Call, Recording
from apps.calls.services.storage_charges import charge_storage, price_of_day
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.money import ensure_adds_up, set_balance

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
GIGABYTE = 10**9
Keep = Callable[..., None]


@pytest.fixture
def keep(queued: Call) -> Keep:
    """A recording of a call, made at a time."""

    def make(size_bytes: int, *, at: datetime, test: bool = False) -> None:
        with tenant_scope(queued.tenant_id):
            Call.objects.filter(pk=queued.pk).update(test=test)
            row = Recording.objects.create(
                call=queued, storage_key="x", duration_ms=1, size_bytes=size_bytes, sha256="0" * 64
            )
            Recording.objects.filter(pk=row.pk).update(created_at=at)

    return make


def charges(tenant: Tenant) -> list[tuple[str, str]]:
    with tenant_scope(tenant.pk):
        ensure_adds_up()
        return list(Entry.objects.filter(kind="storage").values_list("reference", "why"))


@override_settings(STORAGE_MICROS_PER_GB_MONTH=300_000)
def test_yesterday_is_charged_once(tenant: Tenant, keep: Keep) -> None:
    keep(3 * GIGABYTE, at=NOW - timedelta(days=9))
    assert [charge_storage(now=NOW + timedelta(hours=h)) for h in (0, 1)] == [1, 0]
    assert charges(tenant) == [("storage:2026-11-21", "Recordings kept on 2026-11-21: 3000000000 bytes")]
    with tenant_scope(tenant.pk):
        assert get_wallet().balance_micros == 5_000_000 - 30_000
    assert charge_storage(now=NOW + timedelta(days=1)) == 1


def test_what_was_made_today_or_in_the_sandbox_is_not_charged(tenant: Tenant, keep: Keep) -> None:
    keep(GIGABYTE, at=NOW - timedelta(hours=1))
    assert charge_storage(now=NOW) == 0
    with tenant_scope(tenant.pk):
        Recording.objects.all().delete()
    keep(GIGABYTE, at=NOW - timedelta(days=9), test=True)
    assert charge_storage(now=NOW) == 0


def test_a_wallet_without_money_is_asked_again_while_the_day_lasts(tenant: Tenant, keep: Keep) -> None:
    keep(GIGABYTE, at=NOW - timedelta(days=9))
    set_balance(tenant, 0)
    assert charge_storage(now=NOW) == 0
    assert charges(tenant) == []
    set_balance(tenant, 10_000_000)
    assert charge_storage(now=NOW + timedelta(hours=1)) == 1


@given(st.integers(0, 10**14), st.integers(0, 10**8))
def test_a_month_of_days_is_the_price_of_a_month_and_hardly_more(size: int, price: int) -> None:
    days = [price_of_day(size_bytes=size, month_micros=price, day=date(2026, 11, d)) for d in range(1, 31)]
    assert 0 <= sum(days) * GIGABYTE - size * price < 30 * GIGABYTE
