"""A refund that a tenant's owner asks for: out of the wallet first, then back to the card."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from apps.billing.selectors import get_wallet
from apps.payments import selectors
from apps.payments.errors import PaymentsNotSetUp, StripeRefused
from apps.payments.gateway import payments as stripe_payments
from apps.payments.gateway.client import is_set_up
from apps.payments.gateway.facts import RefundFacts
from apps.payments.models import Payment, Refund, RefundState
from apps.payments.money import CENT, cents_of, in_words
from apps.payments.services import entries
from apps.payments.services.came_back import ASK_AGAIN, apply_refunds, tax_with, undo_refund
from apps.payments.services.refreshing import refresh
from tenants.errors import Conflict, InvalidInput
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

SEND = "payments.send_refund"
LEASE = timedelta(minutes=2)
"""Whoever sends a refund has so long before another one does."""

KEYS_LAST = timedelta(hours=20)
"""Stripe knows the key of a request for a day; after this the refunds that it has are asked for first."""


def ask_refund(*, payment_id: UUID, amount_micros: int, why: str) -> Payment:
    """Takes the amount out of the wallet and sends it to Stripe after the commit. In the tenant's scope.

    InvalidInput for more than can be sent back, NotEnoughMoney when calls have just taken it.
    """
    selectors.get_payment(payment_id)
    if not is_set_up():
        raise PaymentsNotSetUp
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    most = selectors.refundable(payment, wallet=get_wallet(), paid_in=selectors.paid_in())
    if not 0 < amount_micros <= most:
        raise InvalidInput(_most_in_words(payment, most), field="amount_micros")
    if amount_micros % CENT:
        raise InvalidInput("Give an amount in whole cents.", field="amount_micros")
    _check_recharge(free_micros=get_wallet().available_micros - amount_micros)
    row = Refund(payment=payment, asked_here=True, amount_micros=amount_micros, why=why.strip()[:300])
    row.tax_micros = tax_with(payment, amount_micros)
    row.next_at = timezone.now()
    row.save()
    payment.refunded_micros += amount_micros
    payment.save(update_fields=["refunded_micros", "updated_at"])
    entries.refund_asked(row)
    arguments = (str(row.tenant_id), str(row.pk))
    transaction.on_commit(lambda: _enqueue(arguments), robust=True)
    return payment


def _check_recharge(*, free_micros: int) -> None:
    """The card must not be charged with what it has just got back."""
    recharge = selectors.recharge()
    if recharge.enabled and not recharge.paused_at and free_micros < recharge.threshold_micros:
        raise Conflict(
            "Turn off the automatic recharge first: it would charge the card again at once.",
            code="recharge_on",
        )


def _most_in_words(payment: Payment, most: int) -> str:
    if most:
        return f"At most {in_words(most)} of this payment can be sent back: what is free in the balance."
    return (
        "Nothing of this payment can be sent back: it is spent, promised to calls, or was sent back before."
    )


def _enqueue(arguments: tuple[str, str]) -> None:
    """A broker that is down does no harm: beat finds what nobody sends."""
    try:
        current_app.send_task(SEND, args=arguments)
    except BrokerDown as error:
        log.warning("refund_delayed", refund=arguments[1], error=type(error).__name__)


def send_refund(*, tenant_id: UUID, refund_id: UUID) -> None:
    """Asks Stripe for a refund that waits. Twice, and after any crash, it is sent once. Outside any
    transaction. Raises StripeDown."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        row = _lease(refund_id, now=now)
    if row is None:
        return
    try:
        made = _known(row, now=now) or stripe_payments.give_back(
            row.payment.intent_id,
            refund=row.public_id,
            cents=cents_of(row.amount_micros + row.tax_micros),
        )
    except StripeRefused as error:
        with tenant_scope(tenant_id):
            _undo(refund_id, error)
        return
    with tenant_scope(tenant_id):
        payment = Payment.objects.select_for_update(no_key=True).get(pk=row.payment_id)
        apply_refunds(payment, [made])


def ask_about_refund(*, tenant_id: UUID, refund_id: UUID) -> None:
    """What became of one that Stripe has and has not finished. Outside any transaction. Raises StripeDown."""
    with tenant_scope(tenant_id):
        row = Refund.objects.get(pk=refund_id)
        Refund.objects.filter(pk=refund_id).update(next_at=timezone.now() + ASK_AGAIN)
    refresh(tenant_id=tenant_id, payment_id=row.payment_id)


def _lease(refund_id: UUID, *, now: datetime) -> Refund | None:
    rows = Refund.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    waiting = rows.filter(pk=refund_id, state=RefundState.PENDING, stripe_id="", next_at__lte=now)
    row = waiting.select_related("payment").first()
    if row is not None:
        row.next_at = now + LEASE
        row.save(update_fields=["next_at", "updated_at"])
    return row


def _known(row: Refund, *, now: datetime) -> RefundFacts | None:
    """What Stripe has of an old one: its answer may have been lost with the key of the request."""
    if now - row.created_at < KEYS_LAST:
        return None
    found = stripe_payments.refunds_of(row.payment.intent_id)
    return next((each for each in found if each.ours == row.public_id), None)


def _undo(refund_id: UUID, error: StripeRefused) -> None:
    """Stripe will not do it: the money is in the wallet again."""
    payment = Payment.objects.select_for_update(no_key=True).get(refunds=refund_id)
    row = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
    if row.stripe_id or row.state == RefundState.FAILED:
        return
    row.payment = payment
    undo_refund(payment, row, words=error.detail)
