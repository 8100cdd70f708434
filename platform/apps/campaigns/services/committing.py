"""The job that makes contacts, or numbers not to call, of the rows that were read: one transaction, all or
nothing. While it goes on the import's row is locked, so that a second job leaves; when its worker dies, so
does the transaction, and `RESUME` begins again.

The rows go through a temporary table, because COPY does not go into tables with row security.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.models import Campaign, ContactState, Import, ImportKind, ImportState, SuppressionSource
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting, suppression
from apps.campaigns.services.places import place_for
from apps.campaigns.services.uploads import forget_reading, forget_upload, import_storage
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

CHUNK = 1 << 20
_STAGED = """
CREATE TEMPORARY TABLE audience_staged (
    id uuid, row integer, e164 text, place integer, external_id text, variables jsonb, undialable text,
    consent_source text, consent_at timestamptz, consent_text text, note text
) ON COMMIT DROP"""
_PLACES = (
    "CREATE TEMPORARY TABLE audience_places (place integer, place_id uuid, unknown boolean) ON COMMIT DROP"
)
_CONSENTS = """
INSERT INTO campaigns_consent (id, created_at, updated_at, tenant_id, e164, source, given_at, text)
SELECT DISTINCT ON (e164) id, %(now)s, %(now)s, %(tenant)s, e164, consent_source, consent_at, consent_text
  FROM audience_staged WHERE consent_at IS NOT NULL
ON CONFLICT DO NOTHING"""
_CONTACTS = """
WITH judged AS (
    SELECT s.*, p.place_id,
           CASE WHEN s.undialable <> '' THEN 'not_dialable'
                WHEN EXISTS (SELECT FROM campaigns_suppression d
                              WHERE d.tenant_id = %(tenant)s AND d.e164 = s.e164
                                AND (d.campaign_id IS NULL OR d.campaign_id = %(campaign)s)) THEN 'suppressed'
                WHEN %(consent)s AND NOT EXISTS (
                     SELECT FROM campaigns_consent c
                      WHERE c.tenant_id = %(tenant)s AND c.e164 = s.e164 AND c.given_at >= %(since)s)
                     THEN 'no_consent'
                WHEN p.unknown THEN 'no_time_zone'
                ELSE '' END AS why
      FROM audience_staged s JOIN audience_places p USING (place)
), made AS (
    INSERT INTO campaigns_contact (id, created_at, updated_at, tenant_id, campaign_id, place_id, source_id,
           e164, external_id, variables, state, next_at, set_aside, detail)
    SELECT id, %(now)s, %(now)s, %(tenant)s, %(campaign)s, place_id, %(import)s, e164, external_id, variables,
           CASE WHEN why = '' THEN %(state)s ELSE 'set_aside' END,
           CASE WHEN why = '' AND %(state)s = 'waiting' THEN %(now)s::timestamptz END,
           why, undialable
      FROM judged ORDER BY id
    ON CONFLICT (campaign_id, e164) DO NOTHING
    RETURNING state, set_aside
)
SELECT state, set_aside, count(*) FROM made GROUP BY state, set_aside"""


def commit(tenant_id: UUID, import_id: UUID) -> None:
    """Imports what was read, when that is asked for and nobody does it yet."""
    with tenant_scope(tenant_id):
        rows = Import.objects.select_for_update(of=("self",), skip_locked=True)
        row = rows.filter(pk=import_id, state=ImportState.COMMITTING).first()
        if row is None:
            return
        _fill(row)
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


def _fill(row: Import) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.audience_staged, pg_temp.audience_places")
        cursor.execute(_STAGED)
        with cursor.copy("COPY audience_staged FROM STDIN") as copy:
            for piece in _pieces(row.staged_key):
                copy.write(piece)
        cursor.execute("ANALYZE audience_staged")


def _pieces(key: str) -> Iterator[bytes]:
    with import_storage().open(key, "rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _contacts(row: Import) -> dict[str, int]:
    campaign = Campaign.objects.get(pk=row.campaign_id)
    config, now = config_of(campaign), timezone.now()
    _make_places(row, campaign, config)
    values = {
        "tenant": row.tenant_id,
        "campaign": campaign.pk,
        "import": row.pk,
        "now": now,
        "consent": config.consent.required,
        "since": oldest_consent(config, now),
        "state": ContactState.CHECKING if config.number_check else ContactState.WAITING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONSENTS, values)
        cursor.execute(_CONTACTS, values)
        made = cursor.fetchall()
    progress = counting.lock(campaign.pk)
    for state, why, n in made:
        counting.added(progress, state=ContactState(state), n=n, why=why)
    counting.save(progress)
    imported: dict[str, int] = {}
    for state, _, n in made:
        imported[state] = imported.get(state, 0) + n
    return imported


def oldest_consent(config: CampaignConfig, now: datetime) -> datetime:
    """A record of consent from before this is too old for the campaign."""
    days = config.consent.max_age_days
    return now - timedelta(days=days if days is not None else 36_500)


def _make_places(row: Import, campaign: Campaign, config: CampaignConfig) -> None:
    keys = [PlaceKey(tuple(zones), country, region) for zones, country, region in row.summary["keys"]]
    places = place_for(campaign, keys)
    somewhere = bool(config.hours.default_time_zone)
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        cursor.executemany(
            "INSERT INTO audience_places VALUES (%s, %s, %s)",
            [(n, places[key].pk, not key.zones and not somewhere) for n, key in enumerate(keys)],
        )


def _suppressions(row: Import) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT e164, note FROM audience_staged")
        numbers = cursor.fetchall()
    added = suppression.bulk_add(rows=numbers, source=SuppressionSource.IMPORT, campaign=row.campaign)
    return {"added": added}
