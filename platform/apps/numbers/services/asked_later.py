"""Rows that a job asks a carrier about again and again, until it has said all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from apps.numbers import jobs
from tenants.models import TenantModel
from tenants.scope import platform_scope

M = TypeVar("M", bound=TenantModel)


def due(rows: Callable[[], QuerySet[M]], *, now: datetime, field: str = "next_at") -> list[tuple[UUID, UUID]]:
    """Tenant and id of those whose time has come."""
    with platform_scope():
        found = rows().filter(**{f"{field}__lte": now}).order_by(field)
        return list(found.values_list("tenant_id", "pk")[: jobs.AT_ONCE])


def taken(rows: QuerySet[M], row_id: UUID, *, now: datetime, field: str = "next_at") -> M | None:
    """The row for this worker alone, for `jobs.LEASE`; None when it is not due. In the tenant's scope."""
    locked = rows.select_for_update(no_key=True, of=("self",), skip_locked=True)
    row = locked.filter(**{"pk": row_id, f"{field}__lte": now}).first()
    if row is not None:
        setattr(row, field, now + jobs.LEASE)
        changed = [field, "updated_at"]
        if hasattr(row, "attempts"):
            row.attempts += 1
            changed.append("attempts")
        row.save(update_fields=changed)
    return row
