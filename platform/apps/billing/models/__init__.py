"""Tables of money."""

from __future__ import annotations

from apps.billing.models.holds import CallCharge, ChargeLine, Hold, HoldSubject
from apps.billing.models.ledger import CURRENCY, AccountKind, Entry, EntryKind, Posting, Wallet
from apps.billing.models.limits import LimitPeriod, LimitScope, OutboundStop, Spend, SpendLimit, StopKind
from apps.billing.models.rates import MinutesUsed, Plan, PlanOfTenant, Rate, RateOf, Rounding

__all__ = [
    "CURRENCY",
    "AccountKind",
    "CallCharge",
    "ChargeLine",
    "Entry",
    "EntryKind",
    "Hold",
    "HoldSubject",
    "LimitPeriod",
    "LimitScope",
    "MinutesUsed",
    "OutboundStop",
    "Plan",
    "PlanOfTenant",
    "Posting",
    "Rate",
    "RateOf",
    "Rounding",
    "Spend",
    "SpendLimit",
    "StopKind",
    "Wallet",
]
