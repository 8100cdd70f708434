"""Files of the storage `recordings` that must go: their rows first, the files after the commit, or later."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from apps.calls.models import FileToDelete
from tenants.scope import current_tenant_id, platform_scope, tenant_scope

log = structlog.get_logger(__name__)

BATCH = 100
WRITTEN_WITHIN = timedelta(hours=2)
"""A file that was announced and has no row by then never gets one."""


def delete_after_commit(storage_key: str) -> None:
    """The file goes once this transaction, which took its reference away, is committed."""
    row = FileToDelete.objects.create(storage_key=storage_key, due_at=timezone.now())
    transaction.on_commit(partial(_delete, current_tenant_id(), row.pk), robust=True)


def announce(storage_key: str) -> None:
    """A file of this name is about to be written. Until `keep` it is one that must go."""
    FileToDelete.objects.create(storage_key=storage_key, due_at=timezone.now() + WRITTEN_WITHIN)


def keep(storage_key: str) -> bool:
    """In the transaction that refers to the announced file. False: it took too long, and the file is gone."""
    deleted, _ = FileToDelete.objects.filter(storage_key=storage_key).delete()
    return bool(deleted)


def delete_due() -> int:
    """Deletes what is due, of every tenant; how many files. Twice at once does no harm."""
    with platform_scope():
        due = FileToDelete.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
        found = list(due.values_list("tenant_id", "pk")[:BATCH])
    for tenant_id, pk in found:
        _delete(tenant_id, pk)
    return len(found)


def _delete(tenant_id: UUID, pk: UUID) -> None:
    """The file, then its row. The lock keeps `keep` waiting, so that no row comes to a file that goes."""
    with tenant_scope(tenant_id):
        row = FileToDelete.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None:
            return
        storages["recordings"].delete(row.storage_key)
        row.delete()
    log.info("call_file_deleted", tenant_id=str(tenant_id))
