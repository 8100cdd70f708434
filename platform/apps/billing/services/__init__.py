"""Writes of money. Every change locks the wallet, and writes what changed it in the same transaction."""

from __future__ import annotations

from apps.billing.services.holds import (
    FREE_CREDIT,
    MOST_MICROS,
    credit,
    hold_many,
    open_wallet,
    open_wallet_of_new_tenant,
    settle,
)

__all__ = [
    "FREE_CREDIT",
    "MOST_MICROS",
    "credit",
    "hold_many",
    "open_wallet",
    "open_wallet_of_new_tenant",
    "settle",
]
