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
from apps.payments.models.platform import (
    GIVEN_UP,
    DifferenceKind,
    StripeDifference,
    StripeEvent,
    StripeReconciliation,
)

__all__ = [
    "GIVEN_UP",
    "OPEN",
    "Customer",
    "DifferenceKind",
    "Dispute",
    "Payment",
    "PaymentKind",
    "PaymentState",
    "Recharge",
    "Refund",
    "RefundState",
    "StripeDifference",
    "StripeEvent",
    "StripeReconciliation",
    "Subscription",
    "SubscriptionState",
]
