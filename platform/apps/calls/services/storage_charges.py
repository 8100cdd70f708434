"""Recordings that are kept cost money: each day that has ended is charged once, by what is kept of it."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import structlog
from django.db.models import Sum

from apps.billing.errors import NotEnoughMoney
from apps.billing.models import AccountKind, Entry, EntryKind
from apps.billing.services import charge
from apps.billing.services.rates import plan_of
from apps.calls.models import Recording
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

GIGABYTE = 10**9


def charge_storage(*, now: datetime) -> int:
    """Charges every tenant the recordings that it kept yesterday (UTC); how many tenants were charged.

    Safe to repeat, and by two at once. A wallet without the money is asked again until the day after is
    over; then that day is let go.
    """
    day = now.astimezone(UTC).date() - timedelta(days=1)
    with platform_scope():
        tenants = list(Tenant.objects.filter(deleting_at=None).values_list("pk", flat=True))
    return sum(_charge(tenant_id, day) for tenant_id in tenants)


def price_of_day(*, size_bytes: int, month_micros: int, day: date) -> int:
    """Of a day, when a gigabyte costs `month_micros` for the month that it is in."""
    return -(-size_bytes * month_micros // (GIGABYTE * monthrange(day.year, day.month)[1]))


def _charge(tenant_id: UUID, day: date) -> bool:
    reference = f"storage:{day}"
    with tenant_scope(tenant_id):
        if Entry.objects.filter(reference=reference).exists():
            return False
        size, month_micros = _kept(day), plan_of().storage_micros
        amount = price_of_day(size_bytes=size, month_micros=month_micros, day=day)
        if not amount:
            return False
        try:
            charge(
                tenant_id=tenant_id,
                reference=reference,
                kind=EntryKind.STORAGE,
                account=AccountKind.STORAGE,
                amount_micros=amount,
                why=f"Recordings kept on {day}: {size} bytes",
            )
        except NotEnoughMoney as error:
            log.info("storage_not_paid", tenant_id=str(tenant_id), day=str(day), detail=error.detail)
            return False
    return True


def _kept(day: date) -> int:
    """Bytes of recordings of real calls that were there when the day ended."""
    ended = datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)
    kept = Recording.objects.filter(created_at__lt=ended, call__test=False)
    return int(kept.aggregate(size=Sum("size_bytes"))["size"] or 0)
