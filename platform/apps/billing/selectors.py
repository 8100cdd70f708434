"""Reads of money, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.billing.models import Hold, Wallet


def get_wallet(*, lock: bool = False) -> Wallet:
    """The tenant's. `lock` holds it until the transaction ends: lock it last of all."""
    rows = Wallet.objects.all()
    return (rows.select_for_update(no_key=True) if lock else rows).get()


def available() -> int:
    """What the tenant may still spend: not promised to any call."""
    return get_wallet().available_micros


def charges_of(call_ids: Collection[UUID]) -> dict[UUID, int]:
    """What each of the calls cost; one that nothing was held for, or that is not settled, is missing."""
    rows = Hold.objects.filter(call__in=call_ids, settled_micros__isnull=False)
    return {call: int(charge or 0) for call, charge in rows.values_list("call", "settled_micros")}
