"""What privacy has to do with the end of a tenant: holds keep it; exports, and files on their way out, go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.db.models import QuerySet

from apps.privacy.errors import Held
from apps.privacy.models import Erased, PersonRequest
from apps.privacy.selectors import live_holds, named
from apps.privacy.services.exporting import EXPORTS
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.tables import StoredFile

PAGE = 500


def keep_held_tenant(sender: object, tenant: Tenant, **_: object) -> None:
    """Receiver of `tenant_leaving`. Held while anything is held."""
    holds = live_holds().rows
    if holds:
        raise Held(f"Legal holds keep data of this workspace: release {named(holds)} first.")


def exports(sender: object, tenant: Tenant, **_: object) -> Iterator[StoredFile]:
    """Receiver of `tenant_files`: what people asked for, and files whose rows went before them."""
    for request in _pages(tenant.pk, PersonRequest.objects.all):
        yield _file(f"exports/{request.public_id}.zip", EXPORTS, request.storage_key)
    for row in _pages(tenant.pk, _files_left):
        yield _file(f"deleted/{row.pk.hex}", row.storage, row.storage_key)


def _files_left() -> QuerySet[Erased]:
    return Erased.objects.filter(file_gone_at=None)


def _pages(tenant_id: UUID, all_rows: Callable[[], QuerySet[Any]]) -> Iterator[Any]:
    after: UUID | None = None
    while True:
        with tenant_scope(tenant_id):
            rows = all_rows().exclude(storage_key="").order_by("pk")
            page = list((rows if after is None else rows.filter(pk__gt=after))[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].pk


def _file(name: str, storage: str, key: str) -> StoredFile:
    kept = storages[storage]
    return StoredFile(name, partial(kept.open, key), partial(kept.delete, key))
