"""What tenants are told of payments: events, and mails to those who may do something about it."""

from __future__ import annotations

from typing import Any, Literal

from django.utils import timezone
from pydantic import Field

from apps.billing.models import CURRENCY
from apps.billing.notices import mail_to_payers
from apps.payments.models import Dispute, Payment, PaymentKind, Recharge, Refund
from apps.payments.money import in_words
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import publish


class PaymentTold(EventData):
    """Money in millionths of `currency`."""

    payment: str = Field(pattern=PUBLIC_ID)
    kind: Literal["top_up", "recharge", "subscription"]
    state: str
    amount_micros: int = Field(description="Without tax: what a top-up adds to the balance.")
    tax_micros: int
    refunded_micros: int
    currency: str
    problem: str = Field(description="Why it has not been paid, with what to do; else empty.")


class PaymentRefunded(PaymentTold):
    refund_micros: int = Field(description="Of this refund.")


class PaymentDisputed(PaymentTold):
    dispute_state: str = Field(description="As the card networks call it: needs_response, won, lost, ...")
    reason: str
    dispute_micros: int


def succeeded(payment: Payment) -> None:
    """`payment.succeeded`."""
    publish("payment.succeeded", _told(payment), key=payment.public_id, at=timezone.now())


def failed(payment: Payment) -> None:
    """`payment.failed`: for good; and a mail where somebody has paid on a page, days ago."""
    publish("payment.failed", _told(payment), key=payment.public_id, at=timezone.now())
    if payment.kind == PaymentKind.TOP_UP:
        _mail("mail/payment_failed", payment)


def action_needed(payment: Payment) -> None:
    """`payment.action_needed`, and a mail with the page where it can be paid."""
    publish("payment.action_needed", _told(payment), key=payment.public_id, at=timezone.now())
    _mail("mail/payment_action_needed", payment, pay_url=payment.pay_url)


def failing(payment: Payment) -> None:
    """A mail: the card did not pay and is tried again."""
    _mail("mail/payment_failing", payment, pay_url=payment.pay_url)


def recharge_kept(recharge: Recharge) -> None:
    """A mail: the balance is low, and a limit or the want of a card keeps it from filling itself."""
    context = {"problem": recharge.problem}
    mail_to_payers("mail/recharge_kept", context, tenant_id=recharge.tenant_id, tab="balance")


def recharge_paused(recharge: Recharge) -> None:
    """A mail: the balance does not fill itself any more."""
    context = {"problem": recharge.problem}
    mail_to_payers("mail/recharge_paused", context, tenant_id=recharge.tenant_id, tab="balance")


def refunded(payment: Payment, refund: Refund) -> None:
    """`payment.refunded`."""
    told = PaymentRefunded(**_told(payment).model_dump(), refund_micros=refund.amount_micros)
    publish("payment.refunded", told, key=payment.public_id, at=timezone.now())


def refund_failed(payment: Payment, refund: Refund) -> None:
    """A mail: what was to go back to the card has not gone there."""
    _mail("mail/refund_failed", payment, refunded=in_words(refund.amount_micros), why=refund.problem)


def disputed(payment: Payment, dispute: Dispute, *, mailed: bool) -> None:
    """`payment.disputed`, at each step of it; `mailed`: with a mail, as the first time, and when the bank
    takes the money."""
    told = PaymentDisputed(
        **_told(payment).model_dump(),
        dispute_state=dispute.state,
        reason=dispute.reason,
        dispute_micros=dispute.amount_micros,
    )
    publish("payment.disputed", told, key=payment.public_id, at=timezone.now())
    if mailed:
        _mail(
            "mail/payment_disputed",
            payment,
            reason=dispute.reason.replace("_", " "),
            taken=dispute.withdrawn_micros > dispute.returned_micros,
        )


def _mail(template: str, payment: Payment, **context: Any) -> None:
    context |= {
        "amount": in_words(payment.total_micros),
        "problem": payment.problem,
        "of_plan": payment.kind == PaymentKind.SUBSCRIPTION,
    }
    tab = "plans" if payment.kind == PaymentKind.SUBSCRIPTION else "balance"
    mail_to_payers(template, context, tenant_id=payment.tenant_id, tab=tab)


def _told(payment: Payment) -> PaymentTold:
    return PaymentTold(
        payment=payment.public_id,
        kind=payment.kind,
        state=payment.state,
        amount_micros=payment.amount_micros,
        tax_micros=payment.tax_micros,
        refunded_micros=payment.refunded_micros,
        currency=payment.currency,
        problem=payment.problem,
    )


_PAYMENT = {
    "payment": "pay_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "kind": "recharge",
    "state": "succeeded",
    "amount_micros": 20_000_000,
    "tax_micros": 0,
    "refunded_micros": 0,
    "currency": CURRENCY,
    "problem": "",
}
_EXPIRED = "The card has expired. Save the new one."
_CONFIRM = "The card's bank wants you to confirm this payment: open the payment page."


def register_events() -> None:
    """Called as applications start."""
    prefix = Payment.id_prefix
    register(
        EventType("payment.succeeded", "A payment has arrived.", PaymentTold, prefix, _PAYMENT),
        EventType(
            "payment.failed",
            "A payment has failed for good: the card is not tried again.",
            PaymentTold,
            prefix,
            _PAYMENT | {"state": "failed", "problem": _EXPIRED},
        ),
        EventType(
            "payment.action_needed",
            "A person has to confirm a payment, or pay it otherwise.",
            PaymentTold,
            prefix,
            _PAYMENT | {"state": "action_needed", "problem": _CONFIRM},
        ),
        EventType(
            "payment.refunded",
            "A payment, or a part of it, was sent back to the card.",
            PaymentRefunded,
            prefix,
            _PAYMENT | {"refunded_micros": 5_000_000, "refund_micros": 5_000_000},
        ),
        EventType(
            "payment.disputed",
            "The card's holder disputes a payment at the bank; told at each step of that.",
            PaymentDisputed,
            prefix,
            _PAYMENT
            | {"dispute_state": "needs_response", "reason": "fraudulent", "dispute_micros": 20_000_000},
        ),
    )
