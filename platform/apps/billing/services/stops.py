"""Stopping a tenant's outbound calls, and letting them go on."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from apps.billing import telling_limits as telling
from apps.billing.models import OutboundStop, StopKind
from apps.billing.notices import mail_to_payers
from tenants.audit.context import actor_now
from tenants.errors import Conflict, NotFound
from tenants.scope import current_tenant_id

log = structlog.get_logger(__name__)


def stop_outbound(*, kind: StopKind | str, words: str, spent_micros: int = 0) -> OutboundStop:
    """Stops the outbound calls of the tenant in force, for `words`: its people are mailed and its webhooks
    told, once as long as the stop lasts. Calls in progress go on; those that wait are withdrawn."""
    with transaction.atomic():
        stop, new = OutboundStop.objects.get_or_create(
            kind=kind, lifted_at=None, defaults={"words": words[:500], "spent_micros": spent_micros}
        )
        if new:
            telling.outbound_stopped(stop)
            mail_to_payers(
                "mail/outbound_stopped", {"reason": stop.words}, tenant_id=stop.tenant_id, tab="limits"
            )
            log.warning("outbound_stopped", tenant=str(current_tenant_id()), kind=stop.kind)
    return stop


def lift_stop(*, stop_id: UUID) -> OutboundStop:
    """Lets outbound calls go on. NotFound; Conflict for a debt, which is lifted by paying it. One that was
    lifted stays as it is."""
    stop = OutboundStop.objects.select_for_update(no_key=True).filter(pk=stop_id).first()
    if stop is None:
        raise NotFound("There is no such stop.")
    if stop.kind == StopKind.DEBT and stop.lifted_at is None:
        raise Conflict("Pay what is owed: outbound calls go on then by themselves.", code="debt")
    return _lift(stop)


def lift_stops(*, kind: StopKind | str) -> None:
    """What stopped the tenant's outbound calls is over by itself (a debt that was paid)."""
    for stop in OutboundStop.objects.select_for_update(no_key=True).filter(kind=kind, lifted_at=None):
        _lift(stop)


def _lift(stop: OutboundStop) -> OutboundStop:
    if stop.lifted_at is None:
        stop.lifted_at, stop.lifted_by = timezone.now(), actor_now()["actor_label"][:300]
        stop.save(update_fields=["lifted_at", "lifted_by", "updated_at"])
        telling.outbound_goes_on(stop)
    return stop
