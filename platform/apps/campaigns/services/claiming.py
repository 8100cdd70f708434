"""Which contacts are next: those that are due, in places that are open."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

_COLUMNS = "contact.id, contact.promised, contact.next_at"
_DUE = "contact.state = 'waiting' AND contact.next_at <= %(now)s"
_OPEN = "place.campaign_id = %(campaign)s AND place.open AND place.judged_until > %(now)s"

# The cost grows with the places, never with the contacts: each place's due ones are read in the order of an
# index, and so are the few that were promised a time, which go first.
_NEXT = f"""
WITH promised AS (
  SELECT {_COLUMNS} FROM campaigns_contact contact JOIN campaigns_place place ON place.id = contact.place_id
   WHERE contact.campaign_id = %(campaign)s AND contact.promised AND {_DUE} AND {_OPEN}
   ORDER BY contact.next_at, contact.id LIMIT %(most)s),
usual AS (
  SELECT due.* FROM campaigns_place place CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM campaigns_contact contact
     WHERE contact.place_id = place.id AND {_DUE}
     ORDER BY contact.next_at, contact.id LIMIT %(most)s) AS due
   WHERE {_OPEN})
SELECT id FROM (SELECT * FROM promised UNION SELECT * FROM usual) AS next_up
 ORDER BY promised DESC, next_at, id LIMIT %(most)s
"""  # noqa: S608
_CLAIM = f"""
SELECT contact.id, e164, variables, attempts, promised, external_id,
       (SELECT coalesce(max(number), 0) FROM campaigns_attempt WHERE contact_id = contact.id),
       (SELECT caller_id FROM campaigns_attempt WHERE contact_id = contact.id AND dialed
         ORDER BY number DESC LIMIT 1),
       last_outcome, place.country, place.region
  FROM campaigns_contact contact JOIN campaigns_place place ON place.id = contact.place_id
 WHERE contact.id = ANY(%(ids)s) AND {_DUE}
 ORDER BY promised DESC, next_at, contact.id
   FOR NO KEY UPDATE OF contact SKIP LOCKED
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Due:
    """A contact whose time has come; its row is locked. `last_number`: of its last attempt (0: none yet);
    `last_caller`: of the last one that was dialed. `country` and `region`: of its place."""

    id: UUID
    e164: str
    variables: dict[str, Any]
    attempts: int
    promised: bool
    external_id: str
    last_number: int
    last_caller: UUID | None
    last_outcome: str
    country: str
    region: str


def claim(campaign_id: UUID, most: int, *, now: datetime) -> list[Due]:
    """Up to `most` of the campaign's contacts that are due now, locked; promised times first, then those that
    are due longest. Those that somebody else has locked are left to them."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"campaign": campaign_id, "now": now, "most": most})
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return []
        cursor.execute(_CLAIM, {"ids": ids, "now": now})
        rows = cursor.fetchall()
    return [
        Due(id, e164, _object(variables), attempts, promised, external_id, number, caller, outcome, *place)
        for id, e164, variables, attempts, promised, external_id, number, caller, outcome, *place in rows
    ]


def _object(value: Any) -> dict[str, Any]:
    """Django reads JSON as text outside of its models."""
    return dict(json.loads(value)) if isinstance(value, str) else dict(value)
