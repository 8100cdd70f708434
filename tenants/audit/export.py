"""The audit log as CSV, page by page, each in a scope of its own: the answer runs after its request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from tenants.audit.models import AuditEntry
from tenants.audit.selectors import changes_of, list_entries, object_public_id
from tenants.csv_text import csv_rows
from tenants.scope import tenant_scope

PAGE = 1000
COLUMNS = (
    "id", "at", "actor_kind", "actor_id", "actor", "impersonator", "ip", "user_agent",
    "action", "object_type", "object_id", "object", "changes",
)  # fmt: skip

Narrow = Callable[[QuerySet[AuditEntry]], QuerySet[AuditEntry]]


async def csv_of(tenant_id: UUID, narrow: Narrow) -> AsyncIterator[bytes]:
    """UTF-8 CSV of the tenant's entries as `narrow` filters them, newest first."""
    yield csv_rows([COLUMNS])
    last: UUID | None = None
    while True:
        text, last = await sync_to_async(_page)(tenant_id, narrow, last)
        if text:
            yield text
        if last is None:
            return


def _page(tenant_id: UUID, narrow: Narrow, after: UUID | None) -> tuple[bytes, UUID | None]:
    """The next rows, and where they end; None for the last ones."""
    with tenant_scope(tenant_id):
        entries = narrow(list_entries())
        if after is not None:
            entries = entries.filter(id__lt=after)
        page = list(entries.order_by("-id")[:PAGE])
        text = csv_rows(_row(entry) for entry in page)
    return text, page[-1].id if len(page) == PAGE else None


def _row(entry: AuditEntry) -> tuple[str, ...]:
    changes = {c.field: {"before": c.before, "after": c.after} for c in changes_of(entry)}
    return (
        entry.public_id,
        entry.at.isoformat(),
        entry.actor_kind,
        entry.actor_id,
        entry.actor_label,
        entry.impersonator,
        entry.ip or "",
        entry.user_agent,
        entry.action,
        entry.object_type,
        object_public_id(entry),
        entry.object_label,
        json.dumps(changes, ensure_ascii=False) if changes else "",
    )
