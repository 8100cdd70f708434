"""Whose days are counted, and what stands on invoices."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps.calls.stats import zone_named
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


def change_settings(*, zone: str, bill_to: str) -> StatementSettings:
    """InvalidInput when there is no such time zone. With another one all days are counted anew, by the next
    round of `counting`; invoices that were made stay, and the next one begins where the last one ended."""
    info = zone_named(zone)
    kept = get_settings(lock=True)
    if kept.timezone != zone:
        kept.ends_at = month_end(kept.starts_at, info)
    kept.timezone, kept.bill_to = zone, bill_to.strip()
    kept.save(update_fields=["timezone", "bill_to", "ends_at", "updated_at"])
    return kept
