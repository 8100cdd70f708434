"""Cents, as Stripe counts, and micro-units, as we do. Integers only."""

from __future__ import annotations

CENT = 10_000
"""Micro-units of one."""

CURRENCY = "usd"


def cents_of(micros: int) -> int:
    """ValueError for what is no whole number of cents."""
    cents, rest = divmod(micros, CENT)
    if rest:
        raise ValueError("no whole number of cents")
    return cents


def micros_of(cents: int) -> int:
    return cents * CENT


def in_words(micros: int) -> str:
    """An amount of whole cents for people: ``20.00 USD``."""
    whole, part = divmod(abs(micros) // CENT, 100)
    return f"{'-' if micros < 0 else ''}{whole:,}.{part:02d} USD"
