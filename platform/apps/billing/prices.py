"""What a call costs. Integer micro-units of the wallet's currency."""

from __future__ import annotations

from django.conf import settings


def price_per_minute(*, test: bool) -> int:
    """Of a call; one that stays in the sandbox costs nothing."""
    return 0 if test else int(settings.CALL_PRICE_MICROS_PER_MINUTE)


def price_of(*, duration_ms: int, per_minute: int) -> int:
    """By the second: a second that has begun is paid, and a fraction of a micro-unit is a whole one."""
    seconds = -(-max(0, duration_ms) // 1000)
    return -(-seconds * per_minute // 60)
