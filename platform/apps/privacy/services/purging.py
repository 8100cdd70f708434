"""The nightly purge of a tenant: what is older than its kind is kept goes, in small transactions.

It may die anywhere and be begun again: what went is written down in the transaction that took it (`Erased`),
files go after that, and the proof is computed at the end from what was written down and from what is there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as dt_time
from typing import Any
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from apps.privacy.models import Kind, Purge, Retention
from apps.privacy.selectors import end_of_time_kept, live_holds, retention_now
from apps.privacy.services.erasing import delete_files, erasing, write_down
from apps.privacy.services.kinds import WORKS
from apps.privacy.services.proof import prove
from apps.privacy.services.works import Work
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

BATCH = 100
FROM_HOUR = 2
"""UTC: nobody's purge begins before this."""

SLICE_S = 240
"""So long a job works on one tenant, then others have their turn; the next round goes on."""

PROBLEM_LENGTH = 1_000


def tenants_to_purge(now: datetime) -> list[UUID]:
    """Those that keep something for a time only, and whose purge of today has not ended. What was set after
    tonight's time has come counts from the next night on: people were told so, and may think again."""
    begins = datetime.combine(now.date(), dt_time(FROM_HOUR), tzinfo=UTC)
    if now < begins:
        return []
    with platform_scope():
        ended = Purge.objects.filter(day=now.date(), ended_at__isnull=False).values("tenant")
        rows = Retention.objects.filter(updated_at__lt=begins, tenant__deleting_at=None)
        rows = rows.exclude(tenant__in=ended)
        return list(rows.order_by("tenant").values_list("tenant", flat=True).distinct())


def purge_tenant(tenant_id: UUID, *, day: date, slice_s: float = SLICE_S) -> Purge | None:
    """Purges, or goes on with the purge of `day`. None: another process is at it, or there is no such tenant.

    `ended_at` of the answer is empty when time was up, or when something that was due is still there.
    """
    with _alone(tenant_id) as alone:
        if not alone or not _stays(tenant_id):
            return None
        purge = _purge_of(tenant_id, day)
        if purge.ended_at is not None:
            return purge
        until = time.monotonic() + slice_s
        problems: list[str] = []
        finished = all(_erase_kind(purge, kind, until, problems) for kind in WORKS)
        left = delete_files(tenant_id)
        if left:
            problems.append(f"{left} files could not be deleted.")
        if finished:
            return prove(purge, problems=problems, last=day < timezone.now().date())
        return purge


def close_former(tenant_id: UUID, *, day: date) -> None:
    """Purges of former days that never came to their end are tried once more, and then tell what is left."""
    with tenant_scope(tenant_id):
        days = list(Purge.objects.filter(day__lt=day, ended_at=None).order_by("day").values_list("day"))
    for (former,) in days:
        purge_tenant(tenant_id, day=former)


def _erase_kind(purge: Purge, kind: Kind, until: float, problems: list[str]) -> bool:
    """Whether all of it was gone through before the time was up."""
    return all(_erase(purge, kind, work, until, problems) for work in WORKS[kind])


def _erase(purge: Purge, kind: Kind, work: Work, until: float, problems: list[str]) -> bool:
    after: UUID | None = None
    size = BATCH
    while True:
        if time.monotonic() > until:
            return False
        try:
            after, more = _batch(purge, kind, work, after, size)
        except Exception as error:  # one row that cannot go must not keep the others
            log.exception("purge_failed", tenant_id=str(purge.tenant_id), kind=str(kind))
            if size > 1:
                size = 1
                continue
            skipped = _next_of(purge, kind, work, after)
            if skipped is None:
                return True
            problems.append(f"{kind}: a row could not go ({type(error).__name__}).")
            after, more = skipped, True
        if not more:
            return True
        delete_files(purge.tenant_id)


def _batch(purge: Purge, kind: Kind, work: Work, after: UUID | None, size: int) -> tuple[UUID | None, bool]:
    """Erases the next `size` rows; the last one's id, and whether there may be more."""
    with erasing(purge.tenant_id):
        days = retention_now().get(kind)
        if days is None:
            return after, False
        rows = work.not_held(end_of_time_kept(purge.day, days), live_holds()).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        page = list(rows.select_for_update(of=("self",))[:size])
        if not page:
            return after, False
        last: UUID = page[-1].pk
        write_down(work.take(page), purge=purge, kind=kind)
    return last, len(page) == size


def _next_of(purge: Purge, kind: Kind, work: Work, after: UUID | None) -> UUID | None:
    with tenant_scope(purge.tenant_id):
        days = retention_now().get(kind)
        if days is None:
            return None
        rows = work.not_held(end_of_time_kept(purge.day, days), live_holds()).order_by("pk")
        rows = rows if after is None else rows.filter(pk__gt=after)
        return rows.values_list("pk", flat=True).first()


def _purge_of(tenant_id: UUID, day: date) -> Purge:
    with tenant_scope(tenant_id):
        return Purge.objects.get_or_create(day=day)[0]


def _stays(tenant_id: UUID) -> bool:
    with platform_scope():
        return Tenant.objects.filter(pk=tenant_id, deleting_at=None).exists()


@contextmanager
def _alone(tenant_id: UUID) -> Iterator[bool]:
    """Whether no other process purges this tenant: an advisory lock of the session."""
    key: list[Any] = [f"purging:{tenant_id.hex}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 42))", key)
        (alone,) = cursor.fetchone()
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 42))", key)
