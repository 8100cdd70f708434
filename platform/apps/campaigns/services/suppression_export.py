"""Do-not-call lists as CSV, page by page, each in a scope of its own: the answer runs after its request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from apps.campaigns.models import Campaign, Suppression
from tenants.csv_text import csv_rows
from tenants.ids import to_public
from tenants.scope import tenant_scope

PAGE = 2_000
COLUMNS = ("number", "campaign", "source", "note", "added_at")

Narrow = Callable[[QuerySet[Suppression]], QuerySet[Suppression]]


async def csv_of(tenant_id: UUID, narrow: Narrow) -> AsyncIterator[bytes]:
    """UTF-8 CSV of the numbers as `narrow` filters them, the newest first."""
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
        rows = narrow(Suppression.objects.all())
        if after is not None:
            rows = rows.filter(id__lt=after)
        page = list(rows.order_by("-id")[:PAGE])
    return csv_rows(_row(row) for row in page), page[-1].pk if len(page) == PAGE else None


def _row(row: Suppression) -> tuple[str, ...]:
    campaign = to_public(Campaign.id_prefix, row.campaign_id) if row.campaign_id else ""
    return row.e164, campaign, row.source, row.note, row.created_at.isoformat()
