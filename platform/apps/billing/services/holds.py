"""Writes of money. Every change locks the wallet, and writes what changed it in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.billing import telling
from apps.billing.models import Hold, Movement, MovementKind, Wallet
from apps.billing.prices import price_of, price_per_minute
from apps.billing.selectors import get_wallet
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope

FREE_CREDIT = "Free credit"
MOST_MICROS = 10**15
"""A billion: more at once is a slip of the hand."""


def open_wallet_of_new_tenant(*, tenant: Tenant, **_: Any) -> None:
    """Receiver of `tenants.signals.tenant_made`."""
    open_wallet(tenant=tenant)


def open_wallet(*, tenant: Tenant) -> Wallet:
    """The tenant's wallet, with the free credit in it when it is new."""
    wallet, new = Wallet.objects.get_or_create(tenant=tenant)
    if new and settings.FREE_CREDIT_MICROS:
        _move(wallet, MovementKind.CREDIT, settings.FREE_CREDIT_MICROS, why=FREE_CREDIT)
        wallet.save(update_fields=["balance_micros", "updated_at"])
    return wallet


def credit(*, tenant: Tenant, amount_micros: int, why: str) -> Wallet:
    """Adds to the tenant's balance. InvalidInput unless 0 < amount <= `MOST_MICROS` and there is a reason."""
    if not 0 < amount_micros <= MOST_MICROS:
        raise InvalidInput("Give an amount above zero, at most a billion.", field="amount_micros")
    if not why.strip():
        raise InvalidInput("Say what the credit is for.", field="why")
    with tenant_scope(tenant.pk):
        wallet = get_wallet(lock=True)
        _move(wallet, MovementKind.CREDIT, amount_micros, why=why.strip()[:300])
        wallet.save(update_fields=["balance_micros", "updated_at"])
        telling.credited(wallet, amount_micros=amount_micros, why=why.strip()[:300])
    return wallet


def hold_many(*, holds: Mapping[UUID, int]) -> set[UUID]:
    """Promises money to calls (micro-units by call id); answers those that have it, each whole or not at all.

    In the mapping's order, as far as the money reaches. A call that has a hold keeps it, one that was settled
    gets no other, one that costs nothing needs none. In the caller's scope and transaction, locked last.
    """
    if any(amount < 0 for amount in holds.values()):
        raise ValueError("a hold cannot be negative")
    held = {call for call, amount in holds.items() if amount == 0}
    if len(held) == len(holds):
        return held
    with transaction.atomic():
        wallet = get_wallet(lock=True)
        known = dict(Hold.objects.filter(call__in=holds).values_list("call", "settled_micros"))
        held |= {call for call, settled in known.items() if settled is None}
        new = {call: amount for call, amount in holds.items() if amount and call not in known}
        rows = _fitting(wallet, new)
        Hold.objects.bulk_create(rows)
        wallet.save(update_fields=["held_micros", "updated_at"])
    return held | {row.call for row in rows}


def settle(*, tenant_id: UUID, call_id: UUID, duration_ms: int) -> int:
    """Charges a call that has ended by the second, at the price of its hold and never above it, and frees the
    rest; the charge.

    In the transaction that ends the call. Without a hold nothing is charged; a second time changes nothing,
    also when the call's end is corrected later (a node that was presumed lost): what was charged stays.
    """
    hold = Hold.objects.filter(tenant_id=tenant_id, call=call_id).select_for_update(no_key=True).first()
    if hold is None:
        return 0
    if hold.settled_micros is not None:
        return hold.settled_micros
    price = price_of(duration_ms=duration_ms, per_minute=hold.per_minute_micros)
    hold.settled_micros, hold.settled_at = min(price, hold.amount_micros), timezone.now()
    wallet = Wallet.objects.select_for_update(no_key=True).get(tenant_id=tenant_id)
    wallet.held_micros -= hold.amount_micros
    before = wallet.balance_micros
    if hold.settled_micros:
        _move(wallet, MovementKind.CHARGE, -hold.settled_micros, why="Call", call=call_id)
    hold.save(update_fields=["settled_micros", "settled_at", "updated_at"])
    wallet.save(update_fields=["balance_micros", "held_micros", "updated_at"])
    telling.charged(wallet, before_micros=before)
    return hold.settled_micros


def _fitting(wallet: Wallet, wanted: Mapping[UUID, int]) -> list[Hold]:
    rows, per_minute = [], price_per_minute(test=False)
    for call, amount in wanted.items():
        if amount <= wallet.available_micros:
            wallet.held_micros += amount
            row = Hold(tenant_id=wallet.tenant_id, call=call, amount_micros=amount)
            row.per_minute_micros = per_minute
            rows.append(row)
    return rows


def _move(wallet: Wallet, kind: MovementKind, amount: int, *, why: str, call: UUID | None = None) -> None:
    wallet.balance_micros += amount
    Movement.objects.create(tenant_id=wallet.tenant_id, kind=kind, amount_micros=amount, why=why, call=call)
