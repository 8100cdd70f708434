"""Tables of payments."""

from __future__ import annotations

from apps.payments.models.customers import Customer, Recharge, Subscription, SubscriptionState
from apps.payments.models.payments import (
    OPEN,
    Dispute,
    Payment,
    PaymentKind,
    PaymentState,
    Refund,
    RefundState,
)
from apps.payments.models.platform import Difference, DifferenceKind, Reconciliation, StripeEvent

__all__ = [
    "OPEN",
    "Customer",
    "Difference",
    "DifferenceKind",
    "Dispute",
    "Payment",
    "PaymentKind",
    "PaymentState",
    "Recharge",
    "Reconciliation",
    "Refund",
    "RefundState",
    "StripeEvent",
    "Subscription",
    "SubscriptionState",
]
