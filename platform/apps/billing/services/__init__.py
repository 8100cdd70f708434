"""Writes of money. Every change locks the wallet, and writes what changed it in the same transaction."""

from __future__ import annotations

from apps.billing.services.holds import extend_holds, free_leg, hold_call, hold_leg, hold_many
from apps.billing.services.orders import free_hold, hold_amount, settle_hold
from apps.billing.services.posting import (
    FREE_CREDIT,
    MOST_MICROS,
    charge,
    credit,
    open_wallet,
    open_wallet_of_new_tenant,
    post,
    refund,
    take,
)
from apps.billing.services.settling import settle

__all__ = [
    "FREE_CREDIT",
    "MOST_MICROS",
    "charge",
    "credit",
    "extend_holds",
    "free_hold",
    "free_leg",
    "hold_amount",
    "hold_call",
    "hold_leg",
    "hold_many",
    "open_wallet",
    "open_wallet_of_new_tenant",
    "post",
    "refund",
    "settle",
    "settle_hold",
    "take",
]
