"""Many contacts into a campaign at once, from a file or from the API: they go through a temporary table,
because COPY does not go into tables with row security, and one statement judges them all.

Whoever adds contacts locks the campaign's adding, takes places and consents in the order of their keys, and
`Progress` last: two at once wait for each other, and neither for ever. Contacts keep the order of the file,
so that most of their indexes grow at their ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.live import progressed
from apps.campaigns.models import Campaign, CampaignState, ContactState
from apps.campaigns.outcomes import SetAside
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting
from apps.campaigns.services.places import place_for
from apps.campaigns.services.suppression import digests_on_lists
from tenants.digests import digests_of
from tenants.errors import Conflict

_STAGED = """
CREATE TEMPORARY TABLE audience_staged (
    id uuid, row integer, e164 text, place integer, external_id text, variables jsonb, undialable text,
    consent_source text, consent_at timestamptz, consent_text text, note text
) ON COMMIT DROP"""
_PLACES = (
    "CREATE TEMPORARY TABLE audience_places (place integer, place_id uuid, unknown boolean) ON COMMIT DROP"
)
_FORGOTTEN = "CREATE TEMPORARY TABLE audience_forgotten (e164 text) ON COMMIT DROP"
_CONSENTS = """
INSERT INTO campaigns_consent (id, created_at, updated_at, tenant_id, e164, source, given_at, text)
SELECT id, %(now)s, %(now)s, %(tenant)s, e164, consent_source, consent_at, consent_text
  FROM audience_staged WHERE consent_at IS NOT NULL ORDER BY e164, consent_source, consent_at
ON CONFLICT DO NOTHING"""
_ADDING = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))"
_CONTACTS = """
WITH judged AS (
    SELECT s.*, p.place_id,
           CASE WHEN s.undialable <> '' THEN 'not_dialable'
                WHEN EXISTS (SELECT FROM campaigns_suppression d
                              WHERE d.tenant_id = %(tenant)s AND d.e164 = s.e164
                                AND (d.campaign_id IS NULL OR d.campaign_id = %(campaign)s))
                  OR EXISTS (SELECT FROM audience_forgotten f WHERE f.e164 = s.e164) THEN 'suppressed'
                WHEN %(consent)s AND NOT EXISTS (
                     SELECT FROM campaigns_consent c
                      WHERE c.tenant_id = %(tenant)s AND c.e164 = s.e164 AND c.given_at >= %(since)s)
                     THEN 'no_consent'
                WHEN p.unknown THEN 'no_time_zone'
                ELSE '' END AS why
      FROM audience_staged s JOIN audience_places p USING (place)
), made AS (
    INSERT INTO campaigns_contact (id, created_at, updated_at, tenant_id, campaign_id, place_id, e164,
           external_id, variables, state, next_at, set_aside, detail)
    SELECT id, %(now)s, %(now)s, %(tenant)s, %(campaign)s, place_id, e164, external_id, variables,
           CASE WHEN why = '' THEN %(state)s ELSE 'set_aside' END,
           CASE WHEN why = '' AND %(state)s = 'waiting' THEN %(now)s::timestamptz END,
           why, undialable
      FROM judged
     WHERE NOT EXISTS (SELECT FROM campaigns_contact c
                        WHERE c.campaign_id = %(campaign)s AND c.e164 = judged.e164)
    RETURNING state, set_aside
)
SELECT state, set_aside, count(*) FROM made GROUP BY state, set_aside"""

_CONSENTED = """
WITH back AS (
    UPDATE campaigns_contact c
       SET state = CASE WHEN c.attempts = 0 THEN %(state)s ELSE 'waiting' END,
           next_at = CASE WHEN c.attempts > 0 OR %(state)s = 'waiting' THEN %(now)s::timestamptz END,
           set_aside = '', detail = '', updated_at = %(now)s
      FROM (SELECT DISTINCT e164 FROM audience_staged WHERE consent_at IS NOT NULL) s
     WHERE c.campaign_id = %(campaign)s AND c.e164 = s.e164
       AND c.state = 'set_aside' AND c.set_aside = 'no_consent'
    RETURNING c.state
)
SELECT state, count(*) FROM back GROUP BY state"""


PAGE = 10_000


def ensure_takes_contacts(campaign: Campaign) -> None:
    """Conflict for one that was stopped, which is for good. One that completed may be started again."""
    if campaign.state == CampaignState.STOPPED:
        raise Conflict("The campaign was stopped for good; clone it.", code="is_stopped")


def stage(pieces: Iterable[bytes]) -> None:
    """Lines of `importing.values.staged_line`, into the transaction's own table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS"
            " pg_temp.audience_staged, pg_temp.audience_places, pg_temp.audience_forgotten"
        )
        cursor.execute(_STAGED)
        with cursor.copy("COPY audience_staged FROM STDIN") as copy:
            for piece in pieces:
                copy.write(piece)
        cursor.execute("ANALYZE audience_staged")


def make_contacts(campaign: Campaign, keys: Sequence[PlaceKey], *, now: datetime) -> dict[str, int]:
    """Contacts of what is staged (each number once), whose places are numbers of `keys`; how many came into
    each state. Numbers that the campaign has already stay as they are."""
    config = config_of(campaign)
    with connection.cursor() as cursor:
        cursor.execute(_ADDING, [str(campaign.pk)])
    _make_places(keys, campaign, config)
    _find_forgotten(campaign)
    values: dict[str, Any] = {
        "tenant": campaign.tenant_id,
        "campaign": campaign.pk,
        "now": now,
        "consent": config.consent.required,
        "since": oldest_consent(config, now),
        "state": ContactState.CHECKING if config.number_check else ContactState.WAITING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONSENTS, values)
        consents = cursor.rowcount
        cursor.execute(_CONTACTS, values)
        made = cursor.fetchall()
        back: list[tuple[str, int]] = []
        if consents:
            # Those who lacked nothing else: whether it is good enough is asked when their turn comes.
            cursor.execute(_CONSENTED, values)
            back = cursor.fetchall()
    return _counted(campaign, made, back)


def _counted(
    campaign: Campaign, made: list[tuple[str, str, int]], back: list[tuple[str, int]]
) -> dict[str, int]:
    progress = counting.lock(campaign.pk)
    imported: dict[str, int] = {}
    for state, why, n in made:
        counting.added(progress, state=ContactState(state), n=n, why=why)
        imported[state] = imported.get(state, 0) + n
    for state, n in back:
        after = ContactState(state)
        counting.moved(progress, before=ContactState.SET_ASIDE, after=after, n=n, left=SetAside.NO_CONSENT)
    counting.save(progress)
    progressed(campaign)
    return imported


def oldest_consent(config: CampaignConfig, now: datetime) -> datetime:
    """A record of consent from before this is too old for the campaign."""
    days = config.consent.max_age_days
    return now - timedelta(days=days if days is not None else 36_500)


def _make_places(keys: Sequence[PlaceKey], campaign: Campaign, config: CampaignConfig) -> None:
    places = place_for(campaign, keys)
    somewhere = bool(config.hours.default_time_zone)
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        with cursor.copy("COPY audience_places FROM STDIN") as copy:
            for n, key in enumerate(keys):
                copy.write_row((n, places[key].pk, not key.zones and not somewhere))


def _find_forgotten(campaign: Campaign) -> None:
    """Numbers that are staged and not called, of which a list knows the digest only: PostgreSQL is not told
    the key that these are made with."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGOTTEN)
    listed = digests_on_lists(campaign)
    if not listed:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT e164 FROM audience_staged")
        while page := cursor.fetchmany(PAGE):
            digests = digests_of(e164 for (e164,) in page)
            if found := [digests[digest] for digest in listed & digests.keys()]:
                _add_forgotten(found)


def _add_forgotten(e164s: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO audience_forgotten VALUES (%s)", [[e164] for e164 in e164s])
