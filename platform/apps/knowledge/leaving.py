"""What knowledge bases have to do with the end of a tenant: the documents' files go with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from uuid import UUID

from apps.knowledge.models import Document
from apps.knowledge.storage import document_storage
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.tables import StoredFile

PAGE = 500


def documents(sender: object, tenant: Tenant, **_: object) -> Iterator[StoredFile]:
    """Receiver of `tenant_files`: the originals, each under the id of its document."""
    storage = document_storage()
    after: UUID | None = None
    while True:
        with tenant_scope(tenant.pk):
            rows = Document.objects.exclude(storage_key="").order_by("pk")
            page = list((rows if after is None else rows.filter(pk__gt=after))[:PAGE])
        for row in page:
            key = row.storage_key
            name = f"documents/{row.public_id}{PurePosixPath(key).suffix}"
            yield StoredFile(name, partial(storage.open, key), partial(storage.delete, key))
        if len(page) < PAGE:
            return
        after = page[-1].pk
