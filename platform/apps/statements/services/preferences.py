"""Whose days are counted, and what stands on invoices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from apps.calls.stats import zone_named
from apps.statements.jobs import RECOUNT
from apps.statements.models import StatementSettings
from apps.statements.periods import month_end
from apps.statements.selectors import get_settings
from tenants.models import Tenant


def begin_statements(*, tenant: Tenant, **_: Any) -> None:
    """Receiver of `tenants.signals.tenant_made`."""
    starts_at = tenant.created_at or timezone.now()
    ends_at = month_end(starts_at, ZoneInfo("UTC"))
    StatementSettings.objects.get_or_create(
        tenant=tenant, defaults={"starts_at": starts_at, "ends_at": ends_at}
    )


def change_settings(*, zone: str, bill_to: str, now: datetime | None = None) -> StatementSettings:
    """InvalidInput when there is no such time zone. With another one all days are counted anew, in the
    background; invoices that were made stay, and the next one begins where the last one ended."""
    info = zone_named(zone)
    kept = get_settings(lock=True)
    moved = kept.timezone != zone
    kept.timezone, kept.bill_to = zone, bill_to.strip()
    if moved:
        kept.ends_at = month_end(kept.starts_at, info)
    kept.save(update_fields=["timezone", "bill_to", "ends_at", "updated_at"])
    if moved:
        tenant_id = str(kept.tenant_id)
        transaction.on_commit(lambda: _ask(tenant_id))
    return kept


def _ask(tenant_id: str) -> None:
    from celery import current_app

    current_app.send_task(RECOUNT, args=[tenant_id])
