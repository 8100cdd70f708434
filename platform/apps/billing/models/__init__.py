"""Tables of money."""

from __future__ import annotations

from apps.billing.models.ledger import CURRENCY, Hold, Movement, MovementKind, Wallet
from apps.billing.models.rates import MinutesUsed, Plan, PlanOfTenant, Rate, RateOf, Rounding

__all__ = [
    "CURRENCY",
    "Hold",
    "MinutesUsed",
    "Movement",
    "MovementKind",
    "Plan",
    "PlanOfTenant",
    "Rate",
    "RateOf",
    "Rounding",
    "Wallet",
]
