"""Whom calls handed their callers on to: a carrier counts each further leg as a call of its own."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from contextlib import closing
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db import connection

from telephony.carriers.values import CallRecord
from tenants.ids import first_id_at

LATE = timedelta(hours=1)
"""Events of a node that was cut off come later, and their ids with them."""

_DIALED = re.compile(r"INVITE sips?:\+?([0-9]{5,15})[@;>]")
_INVITES = """
SELECT event.at, event.body ->> 'first_line'
  FROM calls_callevent AS event
  JOIN calls_call AS call ON call.id = event.call_id
  JOIN numbers_phonenumber AS number ON number.id = call.number_id AND number.carrier = %(carrier)s
 WHERE event.id >= %(first)s AND event.id < %(last)s AND event.type = 'sip'
   AND event.body ->> 'direction' = 'out' AND event.body ->> 'first_line' LIKE 'INVITE %%'
   AND coalesce((event.body ->> 'leg')::int, 0) > 0
   AND NOT call.test AND call.trunk_id IS NULL
"""


class FurtherLegs:
    """Those that calls over a carrier's numbers placed between two times, in any scope that sees the calls.

    Read when the first one is asked about: most days have every record explained without them.
    """

    def __init__(self, carrier: str, since: datetime, until: datetime, *, near: timedelta) -> None:
        self._carrier, self._since, self._until, self._near = carrier, since, until, near

    def take(self, record: CallRecord) -> bool:
        """Whether a call of ours placed such a leg then. Each leg is one record's."""
        if record.direction != "outbound":
            return False
        times = self._dialed.get("".join(sign for sign in record.to_number if sign.isdigit()), [])
        place = bisect_left(times, record.started_at - self._near)
        found = place < len(times) and times[place] <= record.started_at + self._near
        if found:
            del times[place]
        return found

    @cached_property
    def _dialed(self) -> dict[str, list[datetime]]:
        """When which number was dialed, sorted."""
        found: defaultdict[str, list[datetime]] = defaultdict(list)
        values: dict[str, str | UUID] = {
            "carrier": self._carrier,
            "first": first_id_at(self._since - self._near),
            "last": first_id_at(self._until + self._near + LATE),
        }
        with closing(connection.cursor()) as cursor:
            cursor.execute(_INVITES, values)
            for at, line in cursor.fetchall():
                if dialed := _DIALED.match(line):
                    found[dialed[1]].append(at)
        return {number: sorted(times) for number, times in found.items()}
