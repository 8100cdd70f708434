"""Background work of imports. Each may run twice, at once too, and after a restart again."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from apps.campaigns.jobs import COMMIT, READ, RESUME, enqueue
from apps.campaigns.models import Import, ImportState
from apps.campaigns.services.committing import commit
from apps.campaigns.services.reading_imports import LEASE, read_import
from tenants.scope import platform_scope, tenant_scope

RESUMED = 100


@shared_task(name=READ, ignore_result=True)
def read(tenant_id: str, import_id: str) -> None:
    """Reads a file of which the columns were chosen."""
    read_import(UUID(tenant_id), UUID(import_id))


@shared_task(name=COMMIT, ignore_result=True, time_limit=1800)
def commit_rows(tenant_id: str, import_id: str) -> None:
    """Imports what was read."""
    commit(UUID(tenant_id), UUID(import_id))


@shared_task(name=RESUME, ignore_result=True)
def resume() -> None:
    """Begins again what got lost with Valkey or a worker. Beat asks every 30 s."""
    stale = timezone.now() - LEASE
    lost = Q(heartbeat_at__lt=stale) | Q(heartbeat_at=None, updated_at__lt=stale)
    jobs = {ImportState.READING: READ, ImportState.COMMITTING: COMMIT}
    with platform_scope():
        rows = Import.objects.filter(lost, state__in=list(jobs)).order_by("id")[:RESUMED]
        found = [(row.tenant_id, row) for row in rows]
    for tenant_id, row in found:
        with tenant_scope(tenant_id):
            enqueue(jobs[ImportState(row.state)], row)
