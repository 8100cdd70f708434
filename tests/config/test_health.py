"""Platform health: what is told, and that one broken part does not hide the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.calls.models import Call
from apps.calls.states import CallState
from apps.payments.models import StripeReconciliation
from apps.statements.models import Reconciliation
from apps.webhooks.services.endpoints import create as create_endpoint
from apps.webhooks.services.trying import send_test
from config.health import Part, health
from config.nights import Night
from media_workers.contract.calls import Heartbeat
from media_workers.contract.events import EndReason
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from tenants.scope import platform_scope, tenant_scope
from tests.config.test_admin import make_staff
from tests.tenancy import make_tenant
from tests.tenants.services.test_delete_tenant import furnish

pytestmark = pytest.mark.django_db


def parts(**options: Any) -> dict[str, Part]:
    return {part.name: part for part in health(**options)["parts"]}


def heartbeat(name: str, active: int) -> None:
    told = Heartbeat(
        node=name,
        boot_id=UUID(int=1),
        sip_address="127.0.0.1:5060",
        lines=2,
        capacity=8,
        active=active,
        calls=[],
    )
    record_heartbeat(ensure_node(name, new_token()), told)


def test_everything_is_told() -> None:
    make_tenant()
    found = parts()

    assert found["Database"].ok
    assert "PostgreSQL" in found["Database"].told
    assert found["Redis"].ok
    assert "dial 0" in found["Queues"].told
    assert found["Tenants"].told.startswith("1,")
    assert (found["Calls now"].told, found["Oldest queued call"].told) == ("none", "none waits")


def test_no_worker_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.health.celery.control.ping", lambda **_: [])

    assert parts()["Celery workers"].ok is False


def test_a_queued_call_that_waits_is_a_fault() -> None:
    call = furnish(make_tenant(), state=CallState.QUEUED)

    soon, late = (parts(now=call.queued_at + timedelta(seconds=s)) for s in (5, 300))  # type: ignore[operator]

    assert (soon["Oldest queued call"].ok, late["Oldest queued call"].ok) == (True, False)
    assert late["Oldest queued call"].told == "waits for 5 min"
    assert late["Calls now"].told == "queued 1"


def test_deliveries_that_nobody_takes_are_a_fault() -> None:
    with tenant_scope(make_tenant().pk):
        endpoint, _ = create_endpoint(url="https://hooks.example.com/")
        send_test(endpoint=endpoint)

    soon, late = (parts(now=timezone.now() + timedelta(seconds=s))["Webhooks"] for s in (5, 300))

    assert (soon.ok, late.ok) == (True, False)
    assert "0 of 0 requests of the last hour were taken, 1 deliveries wait" in late.told


def test_nodes_and_their_leases() -> None:
    heartbeat("node-1", 3)
    ensure_node("node-2", new_token())

    now, later = (health(now=timezone.now() + timedelta(seconds=s))["nodes"] for s in (0, 60))

    assert [(n["name"], n["alive"], n["active"], n["silent"]) for n in now] == [
        ("node-1", True, 3, "0 s ago"),
        ("node-2", False, 0, "never"),
    ]
    assert not any(n["alive"] for n in later)


def test_failures_of_the_last_hour() -> None:
    call = furnish(make_tenant())
    with platform_scope():
        assert health()["failures"] == []  # a busy phone is nobody's fault
        Call.objects.filter(pk=call.pk).update(end_reason=EndReason.NODE_LOST)

    assert health()["failures"] == [("node_lost", 1)]
    assert health(now=timezone.now() + timedelta(hours=2))["failures"] == []


def test_a_part_that_cannot_be_asked_hides_no_other(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = parts()

    assert (found["Redis"].ok, found["Redis"].told) == (False, "cannot be reached")
    assert found["Database"].ok


def test_the_page_shows_it() -> None:
    heartbeat("node-1", 3)
    furnish(make_tenant())
    with platform_scope():
        Call.objects.update(end_reason=EndReason.NODE_LOST)
    client = Client()
    client.force_login(make_staff(superuser=True))

    shown = client.get("/admin/").content.decode()

    for words in ("Celery workers", "node-1", "3 of 8", "The media node that carried the call died."):
        assert words in shown


def test_the_last_nights_of_carriers_and_of_stripe_are_told_together() -> None:
    now = timezone.now()
    today = now.date()
    with platform_scope():
        for days, name in ((1, "twilio"), (30, "twilio")):
            Reconciliation.objects.create(
                carrier=name, day=today - timedelta(days=days), theirs_calls=9, differences=2, problem="Down."
            )
        StripeReconciliation.objects.create(
            day=today - timedelta(days=1), finished_at=now, checked=4, differences=1
        )

    assert health(now=now)["nights"] == [
        Night(today - timedelta(days=1), "Stripe", "4 movements", 1, ""),
        Night(today - timedelta(days=1), "Twilio", "9 calls, 0 without a price", 2, "Down."),
    ]
