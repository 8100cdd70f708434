"""The caller numbers of a campaign with their use, read for one batch of contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from apps.campaigns.caller_pool import Caller, Pool
from apps.campaigns.config import CallerNumbers
from apps.campaigns.hours.zones import zones_of
from apps.campaigns.models import NumberRest
from apps.numbers.models import PhoneNumber, Purpose
from tenants.ids import from_public

_USE = """
SELECT n.id,
       (SELECT count(*) FROM campaigns_attempt a
         WHERE a.caller_id = n.id AND a.decided_at >= n.since AND a.dialed),
       (SELECT max(a.decided_at) FROM campaigns_attempt a WHERE a.caller_id = n.id),
       coalesce(live.calls, 0)
  FROM unnest(%(ids)s::uuid[], %(since)s::timestamptz[]) AS n (id, since)
  LEFT JOIN (SELECT number_id, count(*) AS calls FROM calls_call
              WHERE state <> 'ended' AND direction = 'outbound' AND number_id = ANY(%(ids)s::uuid[])
              GROUP BY number_id) live ON live.number_id = n.id
"""


def pool(config: CallerNumbers, *, now: datetime, room: Mapping[UUID | None, int] | None = None) -> Pool:
    """The numbers that `config` lists and that may be used, in the tenant's scope. In three queries.

    A number's day (`daily_cap`) is that of its own time zone when it has exactly one, else UTC's; calls of
    all campaigns count. A number set to rest by hand rests for every campaign, one that its health
    made suspect for those that `rest_suspects`.
    """
    callers = [Caller(n.pk, n.e164, n.trunk_id, n.carrier) for n in usable_numbers(config)]
    resting = rests(config, [caller.id for caller in callers], now=now)
    use = _use(callers, now=now)
    for caller in callers:
        caller.today, caller.last_at, caller.live = use[caller.id]
        caller.resting_until = resting.get(caller.id)
    return Pool(config, callers, room or {})


def usable_numbers(config: CallerNumbers) -> list[PhoneNumber]:
    """Of the listed numbers those that are for campaigns and whose trunk sends calls."""
    ids = [from_public(PhoneNumber.id_prefix, number) for number in config.numbers]
    rows = PhoneNumber.objects.filter(pk__in=ids, archived_at=None).select_related("trunk")
    if not config.inbound_too:
        rows = rows.exclude(purpose=Purpose.INBOUND)
    return [row for row in rows if row.trunk is None or row.trunk.sends_calls]


def rests(config: CallerNumbers, ids: Sequence[UUID], *, now: datetime) -> dict[UUID, datetime]:
    """Until when numbers rest that do now."""
    rows = NumberRest.objects.filter(number__in=ids, since__lte=now, until__gt=now)
    if not config.rest_suspects:
        rows = rows.filter(Q(evidence={}))
    return dict(rows.order_by("until").values_list("number_id", "until"))


def day_begins(e164: str, *, now: datetime) -> datetime:
    """The midnight with which the number's day began."""
    zones = zones_of(e164)
    zone = ZoneInfo(zones[0]) if len(zones) == 1 else UTC
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _use(callers: Sequence[Caller], *, now: datetime) -> dict[UUID, tuple[int, datetime | None, int]]:
    """Calls today, when the last began, and calls that have not ended, by number."""
    since = [day_begins(caller.e164, now=now) for caller in callers]
    with connection.cursor() as cursor:
        cursor.execute(_USE, {"ids": [caller.id for caller in callers], "since": since})
        return {number: (today, last, live) for number, today, last, live in cursor.fetchall()}
