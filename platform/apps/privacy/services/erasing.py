"""A transaction in which things go for good, and what is written down of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pgtrigger
import structlog
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from apps.privacy.models import Erased, Purge
from tenants.scope import current_tenant_id, tenant_scope

log = structlog.get_logger(__name__)

FILES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class File:
    """Something in the storage of this name."""

    storage: str
    key: str
    size_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that goes, the time that its age is counted from, and its files."""

    row: UUID
    at: datetime
    files: tuple[File, ...] = ()


@contextmanager
def erasing(tenant_id: UUID) -> Iterator[None]:
    """A transaction of the tenant in which append-only tables give way and no trigger writes down what goes.

    It is the only one of the tenant: a legal hold (`in_line`) is either seen by it or waits for its end.
    """
    with tenant_scope(tenant_id), pgtrigger.ignore():
        in_line()
        yield


def in_line() -> None:
    """Until the transaction ends, nothing else of the tenant in force is erased or held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 41))", [f"erasing:{current_tenant_id().hex}"]
        )


def write_down(gone: Iterable[Gone], *, purge: Purge | None, kind: str) -> None:
    """In the transaction that takes the rows: one entry for each file, or one for a row without any."""
    rows = []
    for one in gone:
        for file in one.files or (None,):
            entry = Erased(purge=purge, kind=kind, row=one.row, at=one.at)
            if file is not None:
                entry.storage, entry.storage_key = file.storage, file.key
                entry.size_bytes, entry.sha256 = file.size_bytes, file.sha256
            if file is not None or purge is not None:
                rows.append(entry)
    Erased.objects.bulk_create(rows)


def delete_files(tenant_id: UUID) -> int:
    """Deletes the files whose rows went, those of former times that were left too; how many are left.

    Outside any scope. A storage that fails keeps its file on the list: the next round asks again.
    """
    after: UUID | None = None
    left = 0
    while True:
        with tenant_scope(tenant_id):
            rows = Erased.objects.filter(file_gone_at=None).exclude(storage="").order_by("pk")
            page = list((rows if after is None else rows.filter(pk__gt=after))[:FILES_AT_ONCE])
        gone = [row for row in page if _is_gone(row)]
        left += len(page) - len(gone)
        if gone:
            _note(tenant_id, gone)
        if len(page) < FILES_AT_ONCE:
            return left
        after = page[-1].pk


def _is_gone(row: Erased) -> bool:
    """Deletes the file, and asks for it again."""
    storage = storages[row.storage]
    try:
        storage.delete(row.storage_key)
        return not storage.exists(row.storage_key)
    except Exception as error:  # each storage fails in its own ways; the file stays on the list
        log.error("file_not_deleted", storage=row.storage, key=row.storage_key, error=type(error).__name__)
        return False


def _note(tenant_id: UUID, rows: list[Erased]) -> None:
    with tenant_scope(tenant_id):
        kept = [row.pk for row in rows if row.purge_id]
        Erased.objects.filter(pk__in=kept).update(file_gone_at=timezone.now())
        Erased.objects.filter(pk__in=[row.pk for row in rows if not row.purge_id]).delete()
