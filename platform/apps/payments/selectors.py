"""Reads of payments, in the tenant's scope."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from apps.billing.models import Wallet
from apps.payments.models import (
    OPEN,
    Customer,
    Payment,
    PaymentKind,
    PaymentState,
    Recharge,
    Subscription,
    SubscriptionState,
)
from tenants.errors import NotFound


def customer() -> Customer | None:
    """The tenant at Stripe; None before its first visit there."""
    return Customer.objects.first()


def payments() -> QuerySet[Payment]:
    """With what came back of each."""
    return Payment.objects.prefetch_related("refunds", "disputes")


def get_payment(payment_id: UUID) -> Payment:
    found = payments().filter(pk=payment_id).first()
    if found is None:
        raise NotFound("There is no such payment.")
    return found


def recharge() -> Recharge:
    """As it is set; as it would be, where nothing is."""
    return Recharge.objects.first() or Recharge()


def subscription() -> Subscription | None:
    """The one that lives; None without one."""
    return Subscription.objects.exclude(
        state__in=[SubscriptionState.CANCELLED, SubscriptionState.NONE]
    ).first()


def recharged(*, now: datetime) -> tuple[int, int]:
    """What the card was charged with by itself, or is about to be, this day and this month (UTC)."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Payment.objects.filter(kind=PaymentKind.RECHARGE, state__in=[*OPEN, PaymentState.SUCCEEDED])

    def since(begin: datetime) -> int:
        return int(rows.filter(created_at__gte=begin).aggregate(sum=Sum("amount_micros"))["sum"] or 0)

    return since(day), since(day.replace(day=1))


def next_day(now: datetime) -> datetime:
    """When a limit of a day ends."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def refundable(payment: Payment, *, wallet: Wallet, paid_in: int) -> int:
    """What of a payment can be sent back to its card: no more than is free in the wallet, and nothing that
    was given. What was given is spent first: of the balance, only what is above `paid_in` is a gift."""
    if payment.state != PaymentState.SUCCEEDED or payment.kind == PaymentKind.SUBSCRIPTION:
        return 0
    if not payment.charge_id:  # paid with what was left of a plan: there is no card to send it to
        return 0
    left = payment.amount_micros - payment.refunded_micros - payment.disputed_micros
    given = max(0, wallet.balance_micros - paid_in)
    return max(0, min(left, wallet.available_micros - given) if not wallet.debt_micros else 0)


def paid_in() -> int:
    """What the tenant has paid into its wallet and not got back."""
    rows = Payment.objects.filter(
        state=PaymentState.SUCCEEDED, kind__in=[PaymentKind.TOP_UP, PaymentKind.RECHARGE]
    ).exclude(charge_id="")
    of = F("amount_micros") - F("refunded_micros") - F("disputed_micros")
    return int(rows.aggregate(sum=Sum(of))["sum"] or 0)
