"""No hold outlives its call; one that does is settled and named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from apps.billing.models import Hold
from apps.billing.prices import Tariff
from apps.billing.selectors import cost_of, get_wallet
from apps.billing.services import hold_many
from apps.calls.models import Call
from apps.calls.services.stray_holds import SETTLED_WITHIN, settle_strays
from config.needing import needs
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import execute
from tests.money import ensure_adds_up

pytestmark = pytest.mark.django_db
LATE = SETTLED_WITHIN + timedelta(minutes=1)


def test_what_is_held_for_calls_that_are_over_is_settled_and_named(
    tenant: Tenant, answered: Call, queued: Call
) -> None:
    now, gone = timezone.now(), new_id()
    with tenant_scope(tenant.pk):
        wish = Tariff("P", 1, 60_000, 0).hold(600_000)
        assert len(hold_many(holds=dict.fromkeys((answered.pk, queued.pk, gone), wish))) == 3
        Hold.objects.update(created_at=now - LATE)
        Call.objects.filter(pk=answered.pk).update(
            state="ended", end_reason="caller_hung_up", ended_at=now, duration_ms=30_000
        )
    told = [need.why for need in needs() if need.what.startswith("Hold")]
    assert len(told) == 2
    assert "0.12 USD are held for what is over (call " in told[0]
    with capture_logs() as logs:
        assert (settle_strays(now=now), settle_strays(now=now)) == (2, 0)
    assert [(log["event"], log["charged_micros"]) for log in logs if log["event"] == "stray_hold"] == [
        ("stray_hold", 30_000),
        ("stray_hold", 0),
    ]
    assert not [need for need in needs() if need.what.startswith("Hold")]
    with tenant_scope(tenant.pk):
        ensure_adds_up()
        cost = cost_of(answered.pk)
        assert cost is not None
        assert (cost.total_micros, cost.settled) == (30_000, True)
        assert get_wallet().held_micros == 120_000


def test_a_call_that_has_just_ended_is_let_be(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        hold_many(holds={new_id(): Tariff("P", 1, 60_000, 0).hold(600_000)})
    assert settle_strays(now=timezone.now()) == 0


def test_a_wallet_that_does_not_add_up_is_named(tenant: Tenant) -> None:
    assert not [need for need in needs() if need.what == "Wallet"]
    with platform_scope():
        execute(f"UPDATE billing_wallet SET held_micros = 10000 WHERE tenant_id = '{tenant.pk}'")  # noqa: S608
    [need] = [need for need in needs() if need.what == "Wallet"]
    assert (need.whose, need.why) == (
        tenant.name,
        "0.01 USD are held, and its holds sum up to 0.00 USD.",
    )
