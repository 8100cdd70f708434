"""Whoever works on a payment is killed with -9 at each step: paid once, credited once, refunded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from apps.payments.gateway import checkout, invoices
from apps.payments.gateway import payments as stripe_payments
from apps.payments.models import Payment, PaymentState, Refund, RefundState, StripeEvent
from apps.payments.services import entries, refreshing
from apps.payments.services.events import take
from apps.payments.services.looking import look
from apps.payments.services.refunds import ask_refund, send_refund
from apps.payments.services.top_ups import begin_top_up, top_up_url
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    fresh,
    later,
    open_top_up,
    paid_top_up,
    save_card,
    set_up_recharge,
    stripe_holds,
    tell,
    wallet_of,
)
from tests.fakes.stripe_server import StripeServer
from tests.killing import killed_in

pytestmark = pytest.mark.django_db(transaction=True)


def killed_at(place: Any, name: str, work: Callable[[], object], *, after: bool) -> None:
    """Runs `work` in a process that is killed as it calls `place.name`, or when that is done."""
    real = getattr(place, name)

    def dying(here: Callable[[], None]) -> None:
        def stop(*args: Any, **kwargs: Any) -> None:
            if after:
                real(*args, **kwargs)
            here()

        with patch.object(place, name, stop):
            work()

    killed_in(dying)


each_moment = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


@each_moment
def test_as_the_page_is_made(stripe: StripeServer, tenant: Tenant, after: bool) -> None:
    with tenant_scope(tenant.pk):
        payment = begin_top_up(amount_micros=20 * USD, save_card=False)
    killed_at(checkout, "top_up", lambda: top_up_url(tenant_id=tenant.pk, payment_id=payment.pk), after=after)
    later(minutes=10)
    assert fresh(payment).state == PaymentState.CANCELLED
    assert not any(page["status"] == "open" for page in stripe.account.all("checkout.session"))


@each_moment
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (stripe_payments, "intent"),
        (entries, "credit"),
        (refreshing.telling, "succeeded"),
        (refreshing, "note_debt"),
    ],
    ids=["asked", "credited", "told", "noted"],
)
def test_as_what_was_paid_is_written_down(
    stripe: StripeServer, tenant: Tenant, place: Any, name: str, after: bool
) -> None:
    payment, url = open_top_up(tenant)
    stripe.pay_at(url)
    killed_at(
        place, name, lambda: refreshing.refresh(tenant_id=tenant.pk, payment_id=payment.pk), after=after
    )
    later(minutes=10)
    assert fresh(payment).state == PaymentState.SUCCEEDED
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe)


@each_moment
@pytest.mark.parametrize("name", ["draft", "finalize", "pay", "invoice"])
def test_as_the_card_is_charged(stripe: StripeServer, tenant: Tenant, name: str, after: bool) -> None:
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    killed_at(invoices, name, lambda: look(now=timezone.now()), after=after)
    later(minutes=10)
    later(minutes=20)
    with tenant_scope(tenant.pk):
        payment = Payment.objects.get()
    assert payment.state == PaymentState.SUCCEEDED
    assert len(stripe.account.all("charge")) == 1
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe)


@each_moment
@pytest.mark.parametrize(
    ("place", "name"),
    [(stripe_payments, "give_back"), (entries, "refund_sent")],
    ids=["asked", "booked"],
)
def test_as_money_is_sent_back(
    stripe: StripeServer, tenant: Tenant, place: Any, name: str, after: bool
) -> None:
    payment = paid_top_up(stripe, tenant)
    with tenant_scope(tenant.pk):
        ask_refund(payment_id=payment.pk, amount_micros=5 * USD, why="")
        row = Refund.objects.get()
    killed_at(place, name, lambda: send_refund(tenant_id=tenant.pk, refund_id=row.pk), after=after)
    later(minutes=10)
    with tenant_scope(tenant.pk):
        assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert len(stripe.account.all("refund")) == 1
    assert wallet_of(tenant).balance_micros == GIVEN + 15 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 15 * USD


def test_as_an_event_is_looked_into(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    stripe.pay_at(url)
    assert tell(stripe, stripe.account.events[-1]) == 204
    with platform_scope():
        event = StripeEvent.objects.get()
    killed_at(checkout, "session", lambda: take(event_id=event.pk), after=False)
    later(minutes=10)
    with platform_scope():
        assert StripeEvent.objects.get().done_at is not None
    assert fresh(payment).state == PaymentState.SUCCEEDED
