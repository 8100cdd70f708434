"""Keeps the figures of trunks by quarter of an hour, so that a month of calls need not be counted anew.

What is read is right at any moment, whatever has been summed: slots that are not, or whose calls changed
since (`TrunkSlotMark`), are counted from the calls.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.calls.models import TrunkSlot, TrunkSlotMark, TrunkSummed
from apps.calls.trunk_slots import KEEP_SLOTS, Span, slot_of, spans_of, values_of
from telephony.trunks.models import Trunk
from tenants.scope import platform_scope, tenant_scope

SETTLES = timedelta(hours=5)
"""A slot is summed this long after it ended: its calls are over, and a change from then on leaves a mark."""

KEPT = timedelta(days=32)
AT_ONCE = timedelta(days=1)
"""Summed in one transaction."""


def sum_trunks(*, now: datetime | None = None) -> None:
    """Brings every trunk's slots up to date. Two at once do no harm."""
    now = now or timezone.now()
    with platform_scope():
        trunks = list(Trunk.objects.order_by("pk").values_list("tenant_id", "pk"))
    for tenant_id, trunk_id in trunks:
        while not sum_trunk(tenant_id, trunk_id, now=now):
            pass


def sum_trunk(tenant_id: UUID, trunk_id: UUID, *, now: datetime) -> bool:
    """Sums the next slots of a trunk, a day at most, and those that changed. True: it is up to date."""
    with tenant_scope(tenant_id):
        oldest, newest = slot_of(now - KEPT), slot_of(now - SETTLES)
        TrunkSummed.objects.get_or_create(trunk_id=trunk_id, defaults={"upto": oldest})
        done = TrunkSummed.objects.select_for_update().get(trunk_id=trunk_id)
        TrunkSlot.objects.filter(trunk_id=trunk_id, begins__lt=oldest).delete()
        # Marks go before the calls are read: a change that commits after this leaves one for the next time.
        again = [slot for slot in _take_marks(trunk_id) if oldest <= slot < done.upto]
        start = max(done.upto, oldest)
        end = min(start + AT_ONCE, newest)
        for span in [*spans_of(again), *([Span(start, end)] if start < end else [])]:
            _keep(trunk_id, span)
        done.upto = max(start, end)
        done.save(update_fields=["upto", "updated_at"])
        return end >= newest


def _take_marks(trunk_id: UUID) -> list[datetime]:
    with connection.cursor() as cursor:
        table = TrunkSlotMark._meta.db_table
        cursor.execute(f"DELETE FROM {table} WHERE trunk_id = %s RETURNING begins", [trunk_id])  # noqa: S608
        return sorted({begins for (begins,) in cursor.fetchall()})


def _keep(trunk_id: UUID, span: Span) -> None:
    TrunkSlot.objects.filter(trunk_id=trunk_id, begins__gte=span.start, begins__lt=span.end).delete()
    with connection.cursor() as cursor:
        cursor.execute(KEEP_SLOTS, values_of(trunk_id, span))
