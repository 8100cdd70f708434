"""A person adds money by a card, on Stripe's page."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.payments.errors import PaymentsNotSetUp, StripeRefused
from apps.payments.gateway import checkout
from apps.payments.gateway.client import is_set_up
from apps.payments.models import Payment, PaymentKind, PaymentState
from apps.payments.money import CENT, cents_of, in_words
from apps.payments.services.customers import back_to, with_customer
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope

PAGE_LIVES = timedelta(hours=2)
"""Of Stripe's page; then nobody can pay there any more."""

NO_PAGE = timedelta(minutes=5)
"""After which nobody is making the page of a payment any more that has none."""

FIRST_LOOK = timedelta(seconds=30)
"""After which a payment that nobody told us of is looked after."""


def begin_top_up(*, amount_micros: int, save_card: bool) -> Payment:
    """Writes down that somebody is about to pay. InvalidInput for an amount that cannot be paid."""
    if not is_set_up():
        raise PaymentsNotSetUp
    check_amount(amount_micros, field="amount_micros")
    return Payment.objects.create(
        kind=PaymentKind.TOP_UP,
        amount_micros=amount_micros,
        saves_card=save_card,
        next_at=timezone.now() + NO_PAGE,
    )


def check_amount(amount_micros: int, *, field: str) -> None:
    """InvalidInput unless a card can be charged with it."""
    least, most = settings.TOP_UP_LEAST_MICROS, settings.TOP_UP_MOST_MICROS
    if not least <= amount_micros <= most:
        raise InvalidInput(f"Give an amount from {in_words(least)} to {in_words(most)}.", field=field)
    if amount_micros % CENT:
        raise InvalidInput("Give an amount in whole cents.", field=field)


def top_up_url(*, tenant_id: UUID, payment_id: UUID) -> str:
    """The address of Stripe's page for a payment. Outside any transaction; asked for again, the same page."""
    with tenant_scope(tenant_id):
        payment = Payment.objects.get(pk=payment_id)
        tenant = Tenant.objects.get(pk=tenant_id)
    found = with_customer(
        tenant_id,
        lambda customer_id: checkout.top_up(
            payment=payment.public_id,
            customer_id=customer_id,
            cents=cents_of(payment.amount_micros),
            product=f"{settings.PRODUCT_NAME} balance",
            save_card=payment.saves_card,
            until=payment.created_at + PAGE_LIVES,
            back=back_to(tenant.slug, tab="balance", of="paid"),
        ),
    )
    with tenant_scope(tenant_id):
        Payment.objects.filter(pk=payment_id, session_id="").update(
            session_id=found.id,
            pay_url=found.url,
            next_at=timezone.now() + FIRST_LOOK,
            updated_at=timezone.now(),
        )
    return found.url


def give_up(payment: Payment, *, words: str) -> None:
    """Nobody was given the page of this payment. In its tenant's scope."""
    payment.state, payment.problem, payment.next_at = PaymentState.CANCELLED, words, None
    payment.save(update_fields=["state", "problem", "next_at", "updated_at"])


def cancel_page(session_id: str) -> None:
    """Nobody can pay there any more, unless somebody has."""
    with suppress(StripeRefused):
        checkout.expire(session_id)


def next_look(payment: Payment, *, now: datetime) -> datetime:
    """When an open payment is looked at again: soon while somebody may sit before the page, rarely later."""
    age = now - payment.created_at
    return now + min(max(FIRST_LOOK, age / 4), timedelta(hours=1))
