"""Orders in tests."""

from __future__ import annotations

import time

from django.utils import timezone

from apps.billing.models import Entry, Hold, Wallet
from apps.numbers.models import OPEN, NumberOrder, OrderState
from apps.numbers.services.completing import complete_order
from tenants.scope import tenant_scope
from tests.fakes.twilio_server.server import TwilioServer

E164 = "+12025550823"
MONTHLY = 2_000_000
"""Agreed to; it costs `COSTS`, and what the plan takes."""

COSTS = 1_150_000
DEADLINE_S = 30.0


def complete(order: NumberOrder) -> NumberOrder:
    """The order, after a worker has had it."""
    complete_order(tenant_id=order.tenant_id, order_id=order.pk)
    return again(order)


def again(order: NumberOrder) -> NumberOrder:
    """The order as it is now."""
    with tenant_scope(order.tenant_id):
        return NumberOrder.objects.get(pk=order.pk)


def due(order: NumberOrder) -> None:
    """As when the lease of whoever had it has run out, or the time of its next attempt has come."""
    with tenant_scope(order.tenant_id):
        NumberOrder.objects.filter(pk=order.pk, next_at__isnull=False).update(next_at=timezone.now())


def until_done(order: NumberOrder) -> NumberOrder:
    """A server may take a moment until it knows that a dead worker is gone, with its locks."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        due(order)
        fresh = complete(order)
        if fresh.state not in OPEN:
            return fresh
        time.sleep(0.05)
    raise AssertionError(f"it never came to its end: {again(order).problem}")


def money(order: NumberOrder) -> tuple[int, int, list[int]]:
    """Of its tenant: the balance, what is held of it, and what charges for numbers there were."""
    with tenant_scope(order.tenant_id):
        wallet = Wallet.objects.get()
        charged = Entry.objects.filter(reference__startswith="rental:").order_by("pk")
        amounts = [-entry.postings.get(account="wallet").amount_micros for entry in charged]
        return wallet.balance_micros, wallet.held_micros, amounts


def held_for(order: NumberOrder) -> int | None:
    """What is held for the order now; None: nothing any more."""
    with tenant_scope(order.tenant_id):
        hold = Hold.objects.filter(subject_id=order.pk, settled_micros=None).first()
        return hold and hold.amount_micros


def about_to_buy(shop: TwilioServer, order: NumberOrder) -> None:
    """The carrier goes down as it is asked whether the number is ours already."""
    shop.trouble("GET", "/IncomingPhoneNumbers.json", status=503, times=99)
    assert complete(order).state == OrderState.BUYING
    shop.troubles.clear()
