"""A tenant that pays, for tests: pages are filled in at the Stripe server, events come as they were told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.test import Client
from django.utils import timezone

from apps.billing.models import AccountKind, Posting, Wallet
from apps.billing.selectors import get_wallet
from apps.payments.models import Customer, Payment, Recharge, StripeEvent
from apps.payments.services.customers import choose_card, customer_of
from apps.payments.services.events import due_events, take
from apps.payments.services.looking import look
from apps.payments.services.top_ups import begin_top_up, top_up_url
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.fakes import stripe_server_state as cards
from tests.fakes.stripe_server import StripeServer

USD = 1_000_000
GIVEN = 5 * USD


def wallet_of(tenant: Tenant) -> Wallet:
    with tenant_scope(tenant.pk):
        return get_wallet()


def open_top_up(tenant: Tenant, amount: int = 20 * USD, *, save_card: bool = False) -> tuple[Payment, str]:
    """A payment and the address of its page."""
    with tenant_scope(tenant.pk):
        payment = begin_top_up(amount_micros=amount, save_card=save_card)
    return payment, top_up_url(tenant_id=tenant.pk, payment_id=payment.pk)


def fresh(payment: Payment) -> Payment:
    with tenant_scope(payment.tenant_id):
        return Payment.objects.get(pk=payment.pk)


def paid_top_up(stripe: StripeServer, tenant: Tenant, amount: int = 20 * USD, **options: Any) -> Payment:
    """One that was paid on its page, and whose events have come."""
    payment, url = open_top_up(tenant, amount, save_card=options.pop("save_card", False))
    stripe.pay_at(url, **options)
    hear(stripe)
    return fresh(payment)


def tell(stripe: StripeServer, event: dict[str, Any], **options: Any) -> int:
    """Sends an event as Stripe does; the status of the answer."""
    body, signature = stripe.signed(event, **options)
    answer = Client().post(
        "/webhooks-in/stripe", body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return answer.status_code


def hear(stripe: StripeServer) -> None:
    """All events that were not told yet, in their order, and what follows of them."""
    with platform_scope():
        known = set(StripeEvent.objects.values_list("event_id", flat=True))
    for event in list(stripe.account.events):
        if event["id"] not in known:
            assert tell(stripe, event) == 204
    take_all()


def take_all(now: datetime | None = None) -> None:
    with platform_scope():
        waiting = due_events(now=now or timezone.now())
    for event_id in waiting:
        take(event_id=event_id)


def later(**time: float) -> None:
    """A look at all that is due when so much time has gone by (`timedelta`)."""
    with time_machine.travel(timezone.now() + timedelta(**time)):
        look(now=timezone.now())


def save_card(stripe: StripeServer, tenant: Tenant, number: str = cards.GOOD) -> Customer:
    """The tenant has a saved card."""
    customer = customer_of(tenant.pk)
    card = stripe.account.save_card(customer.stripe_id, number, default=False)
    choose_card(tenant.pk, card["id"])
    return customer


def set_up_recharge(tenant: Tenant, **changes: Any) -> Recharge:
    """Twenty dollars whenever less than ten are free."""
    values = {"enabled": True, "threshold_micros": 10 * USD, "amount_micros": 20 * USD} | changes
    with tenant_scope(tenant.pk):
        return Recharge.objects.create(**values)


def at_stripe(tenant: Tenant) -> int:
    """What the ledger says is at Stripe of the tenant's money."""
    with tenant_scope(tenant.pk):
        rows = Posting.objects.filter(account=AccountKind.STRIPE).values_list("amount_micros", flat=True)
        return -sum(rows)


def stripe_holds(stripe: StripeServer) -> int:
    """What Stripe's own books say, in micro-units, without its fees."""
    return 10_000 * sum(row["amount"] for row in stripe.account.all("balance_transaction"))
