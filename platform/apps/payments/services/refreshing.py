"""What Stripe knows of a payment becomes what we know of it.

Whoever has a reason to asks: an event, a person who comes back, the look at open payments, the night. What is
applied only ever goes forward (a payment that has succeeded stays so, a refund that has failed stays so), so
that answers may be applied late, twice, and in any order.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.utils import timezone

from apps.payments import telling
from apps.payments.errors import StripeRefused
from apps.payments.gateway import checkout, customers, invoices
from apps.payments.gateway import payments as stripe_payments
from apps.payments.gateway.facts import (
    DisputeFacts,
    IntentFacts,
    InvoiceFacts,
    RefundFacts,
    SessionFacts,
)
from apps.payments.models import Payment, PaymentKind, PaymentState
from apps.payments.money import CURRENCY, micros_of
from apps.payments.services import entries
from apps.payments.services.came_back import apply_disputes, apply_refunds
from apps.payments.services.customers import choose_saved_card
from apps.payments.services.debts import note_debt
from apps.payments.services.top_ups import cancel_page, next_look, top_up_url
from apps.payments.words import AUTHENTICATION, NOT_BOOKED, decline_in_words
from tenants.ids import from_public
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

_FOR_GOOD = (PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.CANCELLED)
_REFUSED = ("requires_payment_method", "canceled")
"""States of the intent of a page that is complete: the bank did not pay."""

_LEFT = "The payment page was left, or has expired. Begin again."
_NOT_PAID = "The payment was not made. Pay otherwise, or save another card."
_NOT_CONFIRMED = (
    "Nobody confirmed the payment at the card's bank in time. Pay otherwise, or save another card."
)
_PAID_ELSEWHERE = (
    "This was noted as paid without the card, so nothing was added to the balance. Ask support to credit it."
)


@dataclass
class Found:
    """What Stripe says of one payment; None where there is no such object."""

    session: SessionFacts | None = None
    invoice: InvoiceFacts | None = None
    intent: IntentFacts | None = None
    refunds: list[RefundFacts] = field(default_factory=list)
    disputes: list[DisputeFacts] = field(default_factory=list)


def refresh(*, tenant_id: UUID, payment_id: UUID) -> Payment:
    """Asks Stripe about a payment and writes down what it says. Outside any transaction. StripeDown."""
    with tenant_scope(tenant_id):
        payment = Payment.objects.get(pk=payment_id)
    found = _ask(payment)
    with tenant_scope(tenant_id):
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
        _apply(payment, found, now=timezone.now())
    if payment.state == PaymentState.SUCCEEDED:
        note_debt(tenant_id=tenant_id)
        if payment.saves_card and found.intent is not None:
            _save_card(payment, found.intent)
    return payment


def _ask(payment: Payment) -> Found:
    found = Found()
    session_id = payment.session_id
    if payment.kind == PaymentKind.TOP_UP and not session_id:
        session_id = _lost_page(payment)
    if session_id:
        found.session = checkout.session(session_id)
    invoice_id = payment.invoice_id or (found.session.invoice_id if found.session else "")
    if invoice_id:
        found.invoice = invoices.invoice(invoice_id)
    intent_id = payment.intent_id or (found.session.intent_id if found.session else "")
    if invoice_id and not intent_id:
        intent_id = invoices.intent_of(invoice_id)
    if intent_id:
        found.intent = stripe_payments.intent(intent_id)
        if found.intent.succeeded:
            found.refunds = stripe_payments.refunds_of(intent_id)
            found.disputes = stripe_payments.disputes_of(intent_id)
    return found


def _lost_page(payment: Payment) -> str:
    """The page that was being made when whoever made it died: the same one by its key. Nobody has seen its
    address, so it is closed. Empty where there is none."""
    with suppress(StripeRefused):
        top_up_url(tenant_id=payment.tenant_id, payment_id=payment.pk)
    with tenant_scope(payment.tenant_id):
        session_id = Payment.objects.values_list("session_id", flat=True).get(pk=payment.pk)
    if session_id:
        cancel_page(session_id)
    return session_id


def _apply(payment: Payment, found: Found, *, now: datetime) -> None:
    _note_ids(payment, found)
    if found.intent is not None:
        _note_intent(payment, found.intent)
    if payment.state not in _FOR_GOOD or (found.intent and found.intent.succeeded):
        _note_state(payment, found, now=now)
    payment.save()
    if payment.state == PaymentState.SUCCEEDED:
        apply_refunds(payment, found.refunds)
        apply_disputes(payment, found.disputes)


def _note_ids(payment: Payment, found: Found) -> None:
    if found.session is not None:
        payment.session_id = found.session.id
        payment.tax_micros = max(payment.tax_micros, micros_of(found.session.tax_cents))
        payment.pay_url = found.session.url if payment.is_open else ""
    if found.invoice is not None:
        payment.invoice_id = found.invoice.id
        payment.invoice_url = found.invoice.page_url
        if found.session is None:
            payment.tax_micros = micros_of(found.invoice.tax_cents)


def _note_intent(payment: Payment, intent: IntentFacts) -> None:
    payment.intent_id = intent.id
    payment.charge_id = intent.charge_id or payment.charge_id
    payment.card_brand = intent.card_brand or payment.card_brand
    payment.card_last4 = intent.card_last4 or payment.card_last4
    payment.receipt_url = intent.receipt_url or payment.receipt_url


def _note_state(payment: Payment, found: Found, *, now: datetime) -> None:
    intent = found.intent
    if intent is not None and intent.succeeded:
        _succeed(payment, intent, found.invoice, now=now)
        return
    if intent is not None and (intent.decline or intent.wants_a_person):
        payment.problem_code = AUTHENTICATION if intent.wants_a_person else intent.decline
        payment.problem = decline_in_words(payment.problem_code, own=intent.decline_words)
    if _is_over(payment, found):
        _end(payment, page=found.session)
    elif intent is not None and intent.state == "processing":
        payment.state, payment.problem = PaymentState.PROCESSING, ""
    elif found.invoice is not None and payment.kind == PaymentKind.SUBSCRIPTION:
        _note_unpaid_plan(payment, found.invoice, intent)
    elif found.invoice is not None and found.invoice.state == "paid":
        _paid_without_card(payment, found.invoice, now=now)
    elif payment.state == PaymentState.PROCESSING:  # the bank has refused it, days later
        payment.state = PaymentState.PENDING
    payment.next_at = _next(payment, now=now)


def _next(payment: Payment, *, now: datetime) -> datetime | None:
    """A recharge's is set by `recharging`, which tries it."""
    if not payment.is_open:
        return None
    return payment.next_at if payment.kind == PaymentKind.RECHARGE else next_look(payment, now=now)


def _is_over(payment: Payment, found: Found) -> bool:
    if found.session is not None:
        refused = found.intent is not None and found.intent.state in _REFUSED
        return found.session.state == "expired" or (found.session.state == "complete" and refused)
    if found.invoice is not None:
        return found.invoice.state in ("void", "uncollectible", "deleted")
    return payment.kind == PaymentKind.TOP_UP  # there never was a page


def _end(payment: Payment, *, page: SessionFacts | None) -> None:
    """Not paid, for good. A page that is complete was paid by way of a bank, which has refused it since."""
    left = payment.kind == PaymentKind.TOP_UP and not (page and page.state == "complete")
    payment.state = PaymentState.CANCELLED if left else PaymentState.FAILED
    if payment.problem_code == AUTHENTICATION:
        payment.problem = _NOT_CONFIRMED
    payment.problem = payment.problem or (_LEFT if left else _NOT_PAID)
    payment.next_at, payment.pay_url = None, ""
    if not left:
        telling.failed(payment)


def _paid_without_card(payment: Payment, invoice: InvoiceFacts, *, now: datetime) -> None:
    """Stripe has taken all of it out of the credit that it keeps of a plan; or somebody has noted in its
    dashboard that it was paid otherwise, and nobody here can know of that money."""
    payment.next_at, payment.pay_url = None, ""
    if invoice.due_cents > 0:
        payment.state, payment.problem = PaymentState.FAILED, _PAID_ELSEWHERE
        telling.failed(payment)
        return
    payment.amount_micros, payment.tax_micros = micros_of(invoice.net_cents), 0
    payment.state, payment.succeeded_at = PaymentState.SUCCEEDED, now
    payment.problem = payment.problem_code = ""
    entries.covered(payment, invoice.id, payment.amount_micros)
    telling.succeeded(payment)


def _note_unpaid_plan(payment: Payment, invoice: InvoiceFacts, intent: IntentFacts | None) -> None:
    """Stripe itself tries again, as its settings say; we tell."""
    wants = intent is not None and intent.wants_a_person
    state = PaymentState.ACTION_NEEDED if wants else PaymentState.FAILING
    if intent is None or not (wants or intent.decline):
        return
    payment.pay_url = invoice.page_url
    if payment.state != state:
        payment.state = state
        (telling.action_needed if wants else telling.failing)(payment)


def _succeed(payment: Payment, intent: IntentFacts, invoice: InvoiceFacts | None, *, now: datetime) -> None:
    if payment.state == PaymentState.SUCCEEDED:
        return
    received = micros_of(intent.received_cents)
    if intent.currency != CURRENCY or received <= payment.tax_micros or not payment.charge_id:
        # Never credited by guess: the night's comparison shows it to staff.
        log.error("payment_not_understood", payment=str(payment.pk), currency=intent.currency)
        payment.problem = NOT_BOOKED
        payment.next_at = _next(payment, now=now)
        return
    payment.amount_micros = received - payment.tax_micros
    payment.state, payment.succeeded_at = PaymentState.SUCCEEDED, now
    payment.problem = payment.problem_code = payment.pay_url = ""
    payment.next_at = None
    entries.paid(payment, plan=invoice.plan if invoice else "")
    if payment.kind == PaymentKind.RECHARGE and invoice is not None:
        entries.covered(payment, invoice.id, micros_of(invoice.net_cents) - payment.amount_micros)
    telling.succeeded(payment)


def _save_card(payment: Payment, intent: IntentFacts) -> None:
    """The card of a payment is the one that is charged by itself from now on."""
    card_id = customers.method_of(intent.id)
    if card_id:
        choose_saved_card(payment.tenant_id, card_id)
    with tenant_scope(payment.tenant_id):
        Payment.objects.filter(pk=payment.pk).update(saves_card=False, updated_at=timezone.now())


def refresh_by_intent(intent_id: str) -> bool:
    """Asks about the payment that a PaymentIntent is for; False if that is none of ours so far."""
    with platform_scope():
        known = Payment.objects.filter(intent_id=intent_id).values_list("tenant_id", "pk").first()
    if known is None:
        known = by_public_id(stripe_payments.intent(intent_id).ours)
    if known is not None:
        refresh(tenant_id=known[0], payment_id=known[1])
    return known is not None


def by_public_id(text: str) -> tuple[UUID, UUID] | None:
    """Whose payment it is, and its id; None of one that is not ours."""
    try:
        payment_id = from_public(Payment.id_prefix, text)
    except ValueError:
        return None
    with platform_scope():
        return Payment.objects.filter(pk=payment_id).values_list("tenant_id", "pk").first()


def put_off(*, tenant_id: UUID, payment_id: UUID) -> None:
    """The next look at an open payment, should this one come to nothing."""
    with tenant_scope(tenant_id):
        payment = Payment.objects.get(pk=payment_id)
        Payment.objects.filter(pk=payment_id, next_at=payment.next_at).update(
            next_at=next_look(payment, now=timezone.now())
        )
