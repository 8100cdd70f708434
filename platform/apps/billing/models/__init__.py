"""Tables of money."""

from __future__ import annotations

from apps.billing.models.ledger import CURRENCY, Hold, Movement, MovementKind, Wallet

__all__ = ["CURRENCY", "Hold", "Movement", "MovementKind", "Wallet"]
