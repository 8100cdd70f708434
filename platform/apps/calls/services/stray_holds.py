"""Money that is held for calls that are over. There is none: a call is settled in the transaction that ends
it. Should there be some all the same, it is found here, and named."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Exists, OuterRef, QuerySet

from apps.billing.models import Hold, HoldSubject
from apps.billing.services import settle
from apps.calls.models import Call
from apps.calls.services.pricing import settle_call
from apps.calls.states import CallState
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

SETTLED_WITHIN = timedelta(minutes=15)


def stray_holds(*, now: datetime) -> QuerySet[Hold]:
    """Open holds of calls that have ended, or that are not there; in the scope in force."""
    goes_on = Call.objects.filter(pk=OuterRef("subject_id")).exclude(state=CallState.ENDED)
    rows = Hold.objects.filter(subject=HoldSubject.CALL, settled_micros=None)
    return rows.filter(~Exists(goes_on), created_at__lt=now - SETTLED_WITHIN).order_by("pk")


def settle_strays(*, now: datetime) -> int:
    """Charges what such calls have cost and frees the rest of what is held; how many there were. Twice at
    once does no harm."""
    with platform_scope():
        found = list(stray_holds(now=now).values_list("tenant_id", "subject_id"))
    for tenant_id, call_id in found:
        _settle(tenant_id, call_id)
    return len(found)


def _settle(tenant_id: UUID, call_id: UUID) -> None:
    with tenant_scope(tenant_id):
        call = Call.objects.select_for_update(no_key=True, of=("self",)).filter(pk=call_id).first()
        if call is None:
            charged = settle(tenant_id=tenant_id, call_id=call_id, lines=[])
        elif call.state == CallState.ENDED:
            charged = settle_call(call)
        else:
            return
    log.error("stray_hold", tenant=str(tenant_id), call=str(call_id), charged_micros=charged)
