"""Results of a campaign as CSV or JSON lines, page by page, each in a scope of its own: the answer runs after
its request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async

from apps.campaigns.models import Attempt, Contact
from tenants.csv_text import csv_rows
from tenants.ids import to_public
from tenants.scope import tenant_scope

PAGE = 1_000
COLUMNS = (
    "number", "external_id", "state", "outcome", "converted", "attempts", "last_called_at", "set_aside",
    "detail", "time_zones", "country", "region", "call", "agent_version", "talk_s", "cost_micros",
    "variables", "collected",
)  # fmt: skip

Render = Callable[[Sequence[dict[str, Any]]], bytes]


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """Lists and objects are JSON in their cell."""
    return csv_rows([_cell(row[name]) for name in COLUMNS] for row in rows)


def as_json_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


CSV_HEADER = csv_rows([COLUMNS])


async def results_of(
    tenant_id: UUID, campaign_id: UUID, render: Render, *, header: bytes = b""
) -> AsyncIterator[bytes]:
    """Every contact with its last attempt, in the order in which contacts were added."""
    if header:
        yield header
    last: UUID | None = None
    while True:
        rows, last = await sync_to_async(_page)(tenant_id, campaign_id, last)
        if rows:
            yield render(rows)
        if last is None:
            return


def _page(tenant_id: UUID, campaign_id: UUID, after: UUID | None) -> tuple[list[dict[str, Any]], UUID | None]:
    """The next rows, and where they end; None for the last ones."""
    with tenant_scope(tenant_id):
        found = Contact.objects.filter(campaign=campaign_id).select_related("place")
        if after is not None:
            found = found.filter(id__gt=after)
        page = list(found.order_by("id")[:PAGE])
        attempts = _last_attempts([contact.pk for contact in page])
        rows = [_row(contact, attempts.get(contact.pk)) for contact in page]
    return rows, page[-1].pk if len(page) == PAGE else None


def _last_attempts(contacts: Sequence[UUID]) -> dict[UUID, Attempt]:
    dialed = Attempt.objects.filter(contact__in=contacts, dialed=True).select_related("call")
    return {a.contact_id: a for a in dialed.order_by("contact_id", "-number").distinct("contact_id")}


def _row(contact: Contact, attempt: Attempt | None) -> dict[str, Any]:
    of_attempt = {
        "call": to_public("call_", attempt.call_id) if attempt and attempt.call_id else None,
        "agent_version": to_public("agv_", attempt.version_id) if attempt else None,
        "talk_s": attempt.talk_ms / 1000 if attempt else 0,
        "cost_micros": attempt.cost_micros if attempt else 0,
        "collected": attempt.call.slots if attempt and attempt.call else {},
    }
    values = {
        "number": contact.e164,
        "external_id": contact.external_id,
        "state": contact.state,
        "outcome": contact.last_outcome or None,
        "converted": contact.converted,
        "attempts": contact.attempts,
        "last_called_at": contact.last_at.isoformat() if contact.last_at else None,
        "set_aside": contact.set_aside or None,
        "detail": contact.detail,
        "time_zones": contact.place.zones,
        "country": contact.place.country,
        "region": contact.place.region,
        "variables": contact.variables,
        **of_attempt,
    }
    return {name: values[name] for name in COLUMNS}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
