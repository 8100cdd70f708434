"""What somebody should look at for the money of calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.conf import settings

from apps.billing.selectors import get_wallet, outbound_stopped
from apps.billing.services.posting import in_words
from apps.calls.attention import LOOKING_BACK, Notice
from apps.calls.models import Call
from apps.calls.search import created
from media_workers.contract.events import EndReason


def money_notices(permissions: Collection[str], now: datetime) -> Iterator[Notice]:
    """Of the tenant in force, for somebody with these permissions."""
    if "billing.read" not in permissions:
        return
    if words := outbound_stopped():
        yield Notice("outbound_stopped", "error", "Outbound calls are stopped", words, "billing?tab=limits")
    free = get_wallet().available_micros
    if free < settings.BALANCE_LOW_MICROS:
        detail = "Calls are refused without money, and those in progress end. Top the balance up."
        yield Notice(
            "balance_low", "warning", f"The balance is low: {in_words(free)} are free", detail, "billing"
        )
    ended = created(Call.objects.filter(end_reason=EndReason.MONEY_ENDED), after=now - LOOKING_BACK).count()
    if ended:
        some = "1 call" if ended == 1 else f"{ended} calls"
        yield Notice(
            "money_ended",
            "warning",
            f"{some} had no money, or no more, in the last 24 hours",
            "Callers were turned away, or agents said goodbye early. Top the balance up, or raise a limit.",
            f"calls?end_reason={EndReason.MONEY_ENDED}",
        )
