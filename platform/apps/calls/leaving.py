"""What calls have to do with the end of a tenant: running ones keep it, their files go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.db.models import QuerySet

from apps.calls.models import Call, Capture, FileToDelete, Recording
from apps.calls.services.call_files import recording_storage
from apps.calls.states import CallState
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.tables import StoredFile

PAGE = 500


def keep_while_calls_run(sender: object, tenant: Tenant, **_: object) -> None:
    """Receiver of `tenant_leaving`. Conflict while a call has not ended."""
    running = Call.objects.filter(tenant=tenant).exclude(state=CallState.ENDED).count()
    if running:
        calls = "1 call has" if running == 1 else f"{running} calls have"
        raise Conflict(f"{calls} not ended yet: end them first, or wait.", code="calls_running")


def recordings(sender: object, tenant: Tenant, **_: object) -> Iterator[StoredFile]:
    """Receiver of `tenant_files`: recordings and captured RTP, each under the id of its call, and what is
    to be deleted anyway."""
    yield from _files(tenant.pk, Recording.objects.all, "recordings/{}.wav")
    yield from _files(tenant.pk, Capture.objects.all, "captures/{}.pcap")
    with tenant_scope(tenant.pk):
        left = list(FileToDelete.objects.values_list("storage_key", flat=True))
    storage = recording_storage()
    for key in left:
        yield StoredFile("", partial(_gone, key), partial(storage.delete, key))


def _gone(key: str) -> IO[bytes]:
    """Nobody may have what is to be deleted, or to be silenced first, not even in an export."""
    raise FileNotFoundError(key)


def _files(tenant_id: UUID, all_rows: Callable[[], QuerySet[Any]], named: str) -> Iterator[StoredFile]:
    storage = recording_storage()
    after: UUID | None = None
    while True:
        with tenant_scope(tenant_id):
            rows = all_rows().select_related("call").order_by("pk")
            page = list((rows if after is None else rows.filter(pk__gt=after))[:PAGE])
        for row in page:
            key = row.storage_key
            name = named.format(row.call.public_id)
            opened = partial(_gone if getattr(row, "sealed", False) else storage.open, key)
            yield StoredFile(name, opened, partial(storage.delete, key))
        if len(page) < PAGE:
            return
        after = page[-1].pk
