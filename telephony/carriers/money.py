"""Carriers write money as decimal texts; here it is whole micro-units, never a float."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal, InvalidOperation

from telephony.carriers.base import CarrierDown


def price(text: str | Decimal | None) -> int:
    """The same of what is sold: CarrierDown where the carrier names no price, since nothing is free."""
    if text is None or not str(text).strip():
        raise CarrierDown("The carrier names no price for what it sells.")
    return micros(text)


def micros(text: str | Decimal | None) -> int:
    """ "1.15" is 1150000; what is finer is rounded up. CarrierDown for what is no amount."""
    try:
        amount = Decimal(text or "0") * 1_000_000
        return int(amount.to_integral_value(ROUND_CEILING))
    except (InvalidOperation, TypeError, ValueError, OverflowError):
        raise CarrierDown(f"The carrier told an amount that is none: {str(text)[:40]!r}.") from None
