"""Failures of money."""

from __future__ import annotations

from tenants.errors import PaymentRequired


class NotEnoughMoney(PaymentRequired):
    """The wallet has less than is needed. In micro-units."""

    code = "not_enough_money"

    def __init__(self, detail: str, *, needed_micros: int, available_micros: int) -> None:
        super().__init__(detail)
        self.needed_micros, self.available_micros = needed_micros, available_micros
        self.members = {"needed_micros": needed_micros, "available_micros": available_micros}


class ReferenceTaken(ValueError):
    """An entry with this reference is in the ledger, and moved other amounts: a bug of who posts."""
