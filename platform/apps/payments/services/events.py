"""What Stripe tells of: taken once, looked into by asking Stripe what there is now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from apps.payments.errors import StripeDown
from apps.payments.gateway import checkout, customers
from apps.payments.gateway.facts import SessionFacts
from apps.payments.models import GIVEN_UP, Payment, StripeEvent
from apps.payments.services.customers import choose_saved_card, refresh_card, tenant_of
from apps.payments.services.pages import PAGE, next_look_at_page
from apps.payments.services.refreshing import by_public_id, refresh, refresh_by_intent
from apps.payments.services.subscriptions import refresh_invoice, refresh_subscription
from tenants.errors import DomainError
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

TAKE = "payments.take_event"
LEASE = timedelta(minutes=2)
RETRY_AFTER = [timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1)]
"""The last one from then on."""

MOST_ATTEMPTS = 75
"""Which is three days; then it is for staff."""

KEPT = timedelta(days=60)
"""Longer than Stripe tells the same again, by far."""

AT_ONCE = 200


class _StillOpen(Exception):
    """Nobody has done anything on a page so far."""


def receive(event: Mapping[str, Any]) -> bool:
    """Writes down that Stripe has told of something; False when it has told that already. The signature is
    checked by the caller. What is to be done about it is done after the commit."""
    about = event["data"]["object"]
    if event.get("account"):  # of an account that is only connected to ours: nothing there is ours
        return False
    before = event["data"].get("previous_attributes") or {}  # a card that was taken away has no customer now
    with platform_scope():
        row, new = StripeEvent.objects.get_or_create(
            event_id=event["id"],
            defaults={
                "type": str(event["type"])[:100],
                "object_kind": str(about.get("object") or ""),
                "object_id": str(about.get("id") or ""),
                "intent_id": _reference(about.get("payment_intent")),
                "customer_id": _reference(about.get("customer") or before.get("customer")),
                "next_at": timezone.now(),
            },
        )
        if new:
            transaction.on_commit(lambda: _enqueue(row.pk), robust=True)
    return new


def _reference(value: Any) -> str:
    return str(value.get("id") or "") if isinstance(value, Mapping) else str(value or "")


def _enqueue(event_id: UUID) -> None:
    """A broker that is down does no harm: beat finds what nobody takes."""
    try:
        current_app.send_task(TAKE, args=(str(event_id),))
    except BrokerDown as error:
        log.warning("payment_event_delayed", event_row=str(event_id), error=type(error).__name__)


def due_events(*, now: datetime) -> list[UUID]:
    """Those that wait for somebody. In the platform's scope."""
    rows = StripeEvent.objects.filter(done_at=None, next_at__lte=now).order_by("next_at")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])


def take(*, event_id: UUID) -> bool:
    """Looks into what an event is about, if nobody else does. Twice does no harm. Outside any transaction.
    False when Stripe cannot be asked now."""
    now = timezone.now()
    with platform_scope():
        event = _lease(event_id, now=now)
    if event is None:
        return True
    try:
        _look_into(event)
    except StripeDown as error:
        _later(event, error.detail, now=now)
        return False
    except _StillOpen:
        _put_off(event, next_look_at_page(event, now=now), attempts=0)
    except DomainError as error:  # nothing that another try would change
        _done(event, problem=error.detail)
    except Exception as error:
        log.exception("payment_event_failed", event_row=str(event_id))
        _later(event, f"Something went wrong here ({type(error).__name__}): see the log.", now=now)
    else:
        _done(event)
    return True


def _lease(event_id: UUID, *, now: datetime) -> StripeEvent | None:
    rows = StripeEvent.objects.select_for_update(no_key=True, skip_locked=True)
    event = rows.filter(pk=event_id, done_at=None, next_at__lte=now).first()
    if event is not None:
        event.attempts += 1
        event.next_at = now + LEASE
        event.save(update_fields=["attempts", "next_at", "updated_at"])
    return event


def _look_into(event: StripeEvent) -> None:
    """By the kind of object; others mean nothing to us."""
    match event.object_kind:
        case "checkout.session":
            _look_into_page(event)
        case "payment_intent":
            refresh_by_intent(event.object_id)
        case "charge" | "refund" | "dispute":
            if event.intent_id:
                refresh_by_intent(event.intent_id)
        case "invoice":
            refresh_invoice(event.object_id)
        case "subscription":
            refresh_subscription(event.object_id)
        case "customer" | "payment_method" | "setup_intent":
            _look_into_customer(event)


def _look_into_page(event: StripeEvent) -> None:
    found = checkout.session(event.object_id)
    if event.type == PAGE and found.state == "open":
        raise _StillOpen
    tenant_id = tenant_of(found.customer_id)
    if tenant_id is None:
        return
    if found.mode == "setup":
        _save_card(tenant_id, found)
    elif found.mode == "subscription":
        if found.subscription_id:
            refresh_subscription(found.subscription_id)
    else:
        _look_into_payment_page(found)


def _look_into_payment_page(found: SessionFacts) -> None:
    known = by_public_id(found.ours)
    if known is None:
        return
    with platform_scope():  # the page's maker may have died before it wrote this down
        Payment.objects.filter(pk=known[1], session_id="").update(session_id=found.id)
    refresh(tenant_id=known[0], payment_id=known[1])


def _save_card(tenant_id: UUID, found: SessionFacts) -> None:
    card_id = customers.saved_by(found.setup_intent_id) if found.setup_intent_id else ""
    if card_id:
        choose_saved_card(tenant_id, card_id)


def _look_into_customer(event: StripeEvent) -> None:
    customer_id = event.object_id if event.object_kind == "customer" else event.customer_id
    tenant_id = tenant_of(customer_id) if customer_id else None
    if tenant_id is not None:
        refresh_card(tenant_id)


def _later(event: StripeEvent, problem: str, *, now: datetime) -> None:
    if event.attempts >= MOST_ATTEMPTS:
        _done(event, problem=problem)
    else:
        _put_off(event, now + RETRY_AFTER[min(event.attempts, len(RETRY_AFTER)) - 1], problem)


def _put_off(event: StripeEvent, until: datetime, problem: str = "", *, attempts: int | None = None) -> None:
    with platform_scope():
        StripeEvent.objects.filter(pk=event.pk).update(
            next_at=until,
            problem=problem[:500],
            attempts=event.attempts if attempts is None else attempts,
            updated_at=timezone.now(),
        )


def _done(event: StripeEvent, *, problem: str = "") -> None:
    now = timezone.now()
    with platform_scope():
        StripeEvent.objects.filter(pk=event.pk).update(
            done_at=now, next_at=None, problem=problem[:500], updated_at=now
        )


def try_again(*, event_ids: Collection[UUID]) -> int:
    """Staff have done what was needed: events that were given up are looked into anew. How many. In the
    platform's scope."""
    rows = StripeEvent.objects.filter(GIVEN_UP, pk__in=event_ids)
    now = timezone.now()
    return rows.update(done_at=None, next_at=now, attempts=0, problem="", updated_at=now)


def forget_old(*, now: datetime) -> None:
    """Events that are over, after so long that Stripe tells none of them again; those that were given up,
    too."""
    with platform_scope():
        StripeEvent.objects.filter(done_at__lt=now - KEPT).delete()
