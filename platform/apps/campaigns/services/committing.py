"""The job that makes contacts, or numbers not to call, of the rows that were read: one transaction, all or
nothing. While it goes on the import's row is locked, so that a second job leaves; when its worker dies, so
does the transaction, and `RESUME` begins again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.models import Campaign, Import, ImportKind, ImportState, SuppressionSource
from apps.campaigns.services.staging import make_contacts, stage
from apps.campaigns.services.uploads import forget_reading, forget_upload, import_storage
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

CHUNK = 1 << 20
# In the order of numbers, as `suppression.bulk_add` does: two at once wait, and do not deadlock.
_SUPPRESSIONS = """
INSERT INTO campaigns_suppression (id, created_at, updated_at, tenant_id, campaign_id, e164, source, note)
SELECT id, %(now)s, %(now)s, %(tenant)s, %(campaign)s, e164, %(source)s, note
  FROM audience_staged WHERE place >= 0 ORDER BY e164
ON CONFLICT DO NOTHING"""


def commit(tenant_id: UUID, import_id: UUID) -> None:
    """Imports what was read, when that is asked for and nobody does it yet."""
    with tenant_scope(tenant_id):
        rows = Import.objects.select_for_update(of=("self",), skip_locked=True)
        row = rows.filter(pk=import_id, state=ImportState.COMMITTING).first()
        if row is None:
            return
        stage(_pieces(row.staged_key))
        imported = _suppressions(row) if row.kind == ImportKind.SUPPRESSIONS else _contacts(row)
        row.duplicates += row.good - sum(imported.values())
        summary = row.summary | {"imported": imported}
        report_key, figures = row.report_key, _kept(row)
        row.report_key = ""
        forget_reading(row)
        forget_upload(row)
        row.report_key = report_key
        for name, value in figures.items():
            setattr(row, name, value)
        summary.pop("keys", None)
        row.summary, row.state, row.ended_at = summary, ImportState.DONE, timezone.now()
        row.save()


def _kept(row: Import) -> dict[str, Any]:
    names = ("read_bytes", "rows", "good", "duplicates", "refused", "refusals")
    return {name: getattr(row, name) for name in names}


def _pieces(key: str) -> Iterator[bytes]:
    with import_storage().open(key, "rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _contacts(row: Import) -> dict[str, int]:
    campaign = Campaign.objects.get(pk=row.campaign_id)  # type: ignore[misc]
    keys = [PlaceKey(tuple(zones), country, region) for zones, country, region in row.summary["keys"]]
    return make_contacts(campaign, keys, now=timezone.now())


def _suppressions(row: Import) -> dict[str, int]:
    values = {
        "tenant": row.tenant_id,
        "campaign": row.campaign_id,
        "source": SuppressionSource.IMPORT,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUPPRESSIONS, values)
        return {"added": cursor.rowcount}
