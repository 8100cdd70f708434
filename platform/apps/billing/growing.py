"""What a call's hold must be for the call to last, and for how long an amount pays it.

Pure: over the values of a `Hold`, integer micro-units, milliseconds from the call's answer.
"""

from __future__ import annotations

from apps.billing.models import Hold
from apps.billing.prices import price_of


def amount_for(hold: Hold, ms: int) -> int:
    """What must be held for a call that lasts `ms`."""
    further_ms = max(0, ms - hold.from_ms)
    return hold.before_micros + price_of(
        duration_ms=further_ms, per_minute=hold.per_minute_micros, rounding_s=hold.rounding_s
    )


def reach_ms(hold: Hold, micros: int) -> int:
    """For how long a call can be paid with so much, in whole steps, at most its longest. One that has taken
    more already is not paid beyond `from_ms`."""
    left = micros - hold.before_micros
    if left >= 0 and not hold.per_minute_micros:
        return hold.most_ms
    steps = left * 60 // (hold.per_minute_micros * hold.rounding_s) if left > 0 else 0
    return min(hold.from_ms + steps * hold.rounding_s * 1000, hold.most_ms)


def turn(hold: Hold, *, at_ms: int, per_minute_micros: int) -> None:
    """From `at_ms` on, now, a minute of the call takes so much."""
    at_ms = max(at_ms, hold.from_ms)
    hold.before_micros, hold.from_ms = amount_for(hold, at_ms), at_ms
    hold.per_minute_micros = per_minute_micros
