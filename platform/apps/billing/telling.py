"""What tenants are told of their money. The wallet's row is locked by the caller."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from pydantic import Field

from apps.billing.models import CURRENCY, Wallet
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import anybody_wants, publish
from tenants.ids import to_public
from tenants.models import Tenant


class OfWallet(EventData):
    """Money in millionths of `currency`."""

    tenant: str = Field(pattern=PUBLIC_ID)
    balance_micros: int
    held_micros: int = Field(description="Of the balance: promised to calls that have not ended.")
    currency: str


class Credited(OfWallet):
    amount_micros: int
    why: str


class BalanceLow(OfWallet):
    threshold_micros: int = Field(description="The balance has just come below it.")


def credited(wallet: Wallet, *, amount_micros: int, why: str) -> None:
    """`billing.credited`."""
    if anybody_wants("billing.credited", tenant_id=wallet.tenant_id):
        _tell("billing.credited", Credited(**_of(wallet), amount_micros=amount_micros, why=why), wallet)


def charged(wallet: Wallet, *, before_micros: int) -> None:
    """`billing.balance_low`, when a charge has taken the balance from `before_micros` below the threshold."""
    threshold = settings.BALANCE_LOW_MICROS
    if wallet.balance_micros < threshold <= before_micros and anybody_wants(
        "billing.balance_low", tenant_id=wallet.tenant_id
    ):
        _tell("billing.balance_low", BalanceLow(**_of(wallet), threshold_micros=threshold), wallet)


def _tell(name: str, data: OfWallet, wallet: Wallet) -> None:
    publish(name, data, key=data.tenant, at=timezone.now(), tenant_id=wallet.tenant_id)


def _of(wallet: Wallet) -> dict[str, Any]:
    return {
        "tenant": to_public(Tenant.id_prefix, wallet.tenant_id),
        "balance_micros": wallet.balance_micros,
        "held_micros": wallet.held_micros,
        "currency": wallet.currency,
    }


_WALLET = {
    "tenant": "ten_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "balance_micros": 25_000_000,
    "held_micros": 0,
    "currency": CURRENCY,
}


def register_events() -> None:
    """Called as applications start."""
    register(
        EventType(
            "billing.credited",
            "Money was added to the balance.",
            Credited,
            Tenant.id_prefix,
            {**_WALLET, "amount_micros": 20_000_000, "why": "Invoice 2026-014"},
        ),
        EventType(
            "billing.balance_low",
            "A charge has taken the balance below the platform's threshold; told once each time.",
            BalanceLow,
            Tenant.id_prefix,
            {**_WALLET, "balance_micros": 980_000, "threshold_micros": 1_000_000},
        ),
    )
