"""Outbound calls are stopped by what is not like the tenant, and go on when somebody has looked at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from apps.billing.models import Hold, OutboundStop
from apps.billing.selectors import outbound_stopped
from apps.billing.services import anomalies
from apps.billing.services.stops import lift_stop, lift_stops, stop_outbound
from apps.billing.tasks import stop_for_premium
from tenants.errors import Conflict, NotFound
from tenants.ids import first_id_at, new_id
from tenants.mail import SEND_MAIL
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.billing.conftest import Sent
from tests.apps.webhooks.listening import heard, listen
from tests.tenancy import make_member, make_tenant

pytestmark = pytest.mark.django_db
USD = 1_000_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Committing = Callable[..., Any]


@pytest.fixture
def tenant(db: None, settings: Settings) -> Tenant:
    settings.ANOMALY_HOUR_MICROS = 10 * USD
    settings.ANOMALY_DAY_MICROS = 100 * USD
    settings.ANOMALY_FACTOR = 4
    return make_tenant()


def cost(tenant: Tenant, micros: int, at: datetime, *, settled: bool = True, subject: str = "call") -> None:
    """A call that began then, as the ledger keeps it."""
    hold = Hold(
        id=UUID(int=first_id_at(at).int | new_id().int & (1 << 76) - 1),
        tenant=tenant,
        subject=subject,
        subject_id=new_id(),
        amount_micros=micros,
    )
    if settled:
        hold.settled_micros, hold.settled_at = micros, at
    with tenant_scope(tenant.pk):
        hold.save(force_insert=True)
        if not settled:
            Hold.objects.filter(pk=hold.pk).update(created_at=at)


def why(tenant: Tenant) -> str:
    with tenant_scope(tenant.pk):
        return outbound_stopped()


def test_an_hour_that_costs_more_than_ever_stops_the_calls(tenant: Tenant) -> None:
    now = timezone.now()
    cost(tenant, 8 * USD, now - HOUR / 2)
    assert anomalies.look(now=now) == 0
    cost(tenant, 3 * USD, now - HOUR / 4, settled=False)
    assert anomalies.look(now=now) == 1
    assert "last hour cost 11.00 USD" in why(tenant)
    assert anomalies.look(now=now) == 1
    with tenant_scope(tenant.pk):
        assert OutboundStop.objects.count() == 1


@pytest.mark.parametrize(("past", "stops"), [(3 * USD, False), (2 * USD, True)])
def test_what_is_usual_for_a_tenant_is_not_sudden(tenant: Tenant, past: int, stops: bool) -> None:
    now = timezone.now()
    cost(tenant, past, now - 50 * HOUR, settled=False)
    cost(tenant, 12 * USD, now - HOUR / 2)
    assert bool(anomalies.look(now=now)) is stops


def test_a_day_is_looked_at_too(tenant: Tenant) -> None:
    now = timezone.now()
    for hours in range(1, 14):
        cost(tenant, 9 * USD, now - hours * HOUR - HOUR / 2)
    assert anomalies.look(now=now) == 1
    assert "last day cost 117.00 USD" in why(tenant)


def test_orders_of_numbers_are_no_calls_and_other_tenants_are_not_stopped(tenant: Tenant) -> None:
    now, other = timezone.now(), make_tenant("Other")
    cost(tenant, 50 * USD, now - HOUR / 2, subject="number_order")
    cost(other, 50 * USD, now - HOUR / 2)
    assert anomalies.look(now=now) == 1
    assert why(tenant) == ""
    assert why(other) != ""


def test_what_somebody_has_let_pass_is_not_sudden_any_more(tenant: Tenant) -> None:
    now = timezone.now()
    cost(tenant, 12 * USD, now - HOUR / 2)
    assert anomalies.look(now=now) == 1
    with tenant_scope(tenant.pk):
        lift_stop(stop_id=OutboundStop.objects.get().pk)
    assert anomalies.look(now=now) == 0
    cost(tenant, 37 * USD, now - HOUR / 4)
    assert anomalies.look(now=now) == 1


def test_zero_turns_it_off(tenant: Tenant, settings: Settings) -> None:
    settings.ANOMALY_HOUR_MICROS = settings.ANOMALY_DAY_MICROS = 0
    cost(tenant, 1_000 * USD, timezone.now() - HOUR / 2)
    assert anomalies.look(now=timezone.now()) == 0


def test_a_stop_is_told_once_and_mailed_to_those_who_pay(
    tenant: Tenant, sent_tasks: Sent, django_capture_on_commit_callbacks: Committing
) -> None:
    owner = make_member(tenant)
    make_member(tenant, "analyst")
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(tenant.pk):
        endpoint = listen("billing.*")
        stop = stop_outbound(kind="hour", words="Look at it.")
        assert stop_outbound(kind="hour", words="Again.") == stop
        lifted = lift_stop(stop_id=stop.pk)
        assert lifted.lifted_at is not None
        assert lift_stop(stop_id=stop.pk).lifted_at == lifted.lifted_at
        events = [(event.type, event.data["stop"]) for event in heard(endpoint)]
        assert events == [
            ("billing.outbound_stopped", stop.public_id),
            ("billing.outbound_resumed", stop.public_id),
        ]
        assert outbound_stopped() == ""
    mails = [told for name, told in sent_tasks if name == SEND_MAIL]
    assert [mail["to"] for mail in mails] == [owner.email]
    assert "Look at it." in mails[0]["text"]
    assert f"/t/{tenant.slug}/billing?tab=limits" in mails[0]["text"]


def test_a_debt_is_lifted_by_being_paid_only(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        stop = stop_outbound(kind="debt", words="You owe 20.00 USD.")
        with pytest.raises(Conflict, match="Pay what is owed"):
            lift_stop(stop_id=stop.pk)
        lift_stops(kind="debt")
        assert outbound_stopped() == ""


def test_stops_of_others_are_nobodys(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        stop = stop_outbound(kind="hour", words="Look at it.")
    with tenant_scope(make_tenant("Other").pk), pytest.raises(NotFound):
        lift_stop(stop_id=stop.pk)
    assert why(tenant) == "Look at it."


def test_whoever_tries_premium_numbers_is_stopped(tenant: Tenant, sent_tasks: Sent) -> None:
    cache.clear()
    for _ in range(anomalies.PREMIUM_TRIES + 5):
        anomalies.premium_refused(tenant.pk)
    assert sent_tasks == [(anomalies.STOP_FOR_PREMIUM, [str(tenant.pk)])]
    stop_for_premium(str(tenant.pk))
    assert "stolen a key" in why(tenant)
