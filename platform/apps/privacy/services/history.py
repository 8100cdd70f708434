"""What histories and the audit log keep of rows that go.

Both are append-only, for everybody but `erasing`: whoever wants to be forgotten is not remembered there.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import models

from tenants.audit.models import AuditEntry
from tenants.audit.triggers import object_type

DELETED = "(deleted)"


def forget_history(model: type[models.Model], row_ids: Sequence[UUID]) -> None:
    """Of rows of `model` under `pghistory.track`: former states go, and the audit log tells who changed one
    and when, and no longer what."""
    if not row_ids:
        return
    for events in model.pgh_event_models.values():  # type: ignore[attr-defined]
        rows = events._default_manager.filter(pgh_obj_id__in=row_ids)
        rows._raw_delete(rows.db)
    AuditEntry.objects.filter(object_type=object_type(model), object_id__in=row_ids).update(
        object_label=DELETED, before={}, after={}
    )
