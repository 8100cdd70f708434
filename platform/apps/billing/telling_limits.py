"""What tenants are told of their limits and of what stopped their calls."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from pydantic import AwareDatetime, Field

from apps.billing.models import CURRENCY, OutboundStop, Spend, SpendLimit
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import publish
from tenants.ids import to_public
from tenants.models import Tenant


class LimitNear(EventData):
    """Money in millionths of `currency`."""

    tenant: str = Field(pattern=PUBLIC_ID)
    limit: str = Field(pattern=PUBLIC_ID)
    scope: str = Field(description="tenant, api_key, campaign or trunk.")
    period: str = Field(description="day or month.")
    amount_micros: int
    spent_micros: int = Field(description="With what is held for calls that have not ended.")
    currency: str
    resets_at: AwareDatetime


class Stopped(EventData):
    tenant: str = Field(pattern=PUBLIC_ID)
    stop: str = Field(pattern=PUBLIC_ID)
    kind: str = Field(description="hour, day, premium or debt.")
    words: str = Field(description="Why, and what to do.")


class GoesOn(EventData):
    tenant: str = Field(pattern=PUBLIC_ID)
    stop: str = Field(pattern=PUBLIC_ID)
    lifted_by: str


def limit_near(limit: SpendLimit, spend: Spend, *, ends_at: datetime, now: datetime) -> None:
    """`billing.limit_near`, once in a period; in any scope that sees the tenant."""
    data = LimitNear(
        tenant=_tenant(limit.tenant_id),
        limit=limit.public_id,
        scope=limit.scope,
        period=limit.period,
        amount_micros=limit.amount_micros,
        spent_micros=spend.micros,
        currency=CURRENCY,
        resets_at=ends_at,
    )
    publish("billing.limit_near", data, key=data.tenant, at=now, tenant_id=limit.tenant_id)


def outbound_stopped(stop: OutboundStop) -> None:
    """`billing.outbound_stopped`."""
    tenant = _tenant(stop.tenant_id)
    data = Stopped(tenant=tenant, stop=stop.public_id, kind=stop.kind, words=stop.words)
    publish("billing.outbound_stopped", data, key=tenant, at=timezone.now(), tenant_id=stop.tenant_id)


def outbound_goes_on(stop: OutboundStop) -> None:
    """`billing.outbound_resumed`."""
    tenant = _tenant(stop.tenant_id)
    data = GoesOn(tenant=tenant, stop=stop.public_id, lifted_by=stop.lifted_by)
    publish("billing.outbound_resumed", data, key=tenant, at=timezone.now(), tenant_id=stop.tenant_id)


def _tenant(tenant_id: UUID) -> str:
    return to_public(Tenant.id_prefix, tenant_id)


_TENANT = "ten_01937b2ee7c07a3f9d2b4c5d6e7f8091"
_STOP = "stop_01937b2ee7c07a3f9d2b4c5d6e7f80a2"


def register_events() -> None:
    """Called as applications start."""
    register(
        EventType(
            "billing.limit_near",
            "Nine tenths of a spend limit are spent or held; told once in its period.",
            LimitNear,
            Tenant.id_prefix,
            {
                "tenant": _TENANT,
                "limit": "lim_01937b2ee7c07a3f9d2b4c5d6e7f80a1",
                "scope": "tenant",
                "period": "day",
                "amount_micros": 50_000_000,
                "spent_micros": 45_120_000,
                "currency": CURRENCY,
                "resets_at": "2026-05-05T00:00:00Z",
            },
        ),
        EventType(
            "billing.outbound_stopped",
            "Outbound calls are stopped until somebody lifts it: something costs much more than ever before,"
            " or premium-rate numbers were tried.",
            Stopped,
            Tenant.id_prefix,
            {
                "tenant": _TENANT,
                "stop": _STOP,
                "kind": "hour",
                "words": "The calls of the last hour cost 82.40, and the dearest hour of the last week 6.10.",
            },
        ),
        EventType(
            "billing.outbound_resumed",
            "A stop of outbound calls was lifted.",
            GoesOn,
            Tenant.id_prefix,
            {"tenant": _TENANT, "stop": _STOP, "lifted_by": "owner@example.com"},
        ),
    )
