"""Entries of the ledger as CSV, page by page, each in a scope of its own: the answer outlasts its request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from apps.billing.models import CURRENCY, Entry
from apps.billing.selectors import entries
from tenants.csv_text import csv_rows
from tenants.scope import tenant_scope

PAGE = 1000
COLUMNS = ("time", "kind", "why", "amount", "balance", "currency", "subject", "reference", "id")

Narrow = Callable[[QuerySet[Entry]], QuerySet[Entry]]


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
        rows = narrow(entries())
        if after is not None:
            rows = rows.filter(id__lt=after)
        page = list(rows.order_by("-id")[:PAGE])
        text = csv_rows(_row(entry) for entry in page)
    return text, page[-1].pk if len(page) == PAGE else None


def _row(entry: Any) -> tuple[str, ...]:
    return (
        entry.created_at.isoformat(),
        entry.kind,
        entry.why,
        _decimal(entry.amount_micros or 0),
        "" if entry.balance_after_micros is None else _decimal(entry.balance_after_micros),
        CURRENCY,
        entry.subject,
        entry.reference,
        entry.public_id,
    )


def _decimal(micros: int) -> str:
    """Exact, with two digits after the point at least."""
    text = f"{Decimal(micros) / 10**6:f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"
