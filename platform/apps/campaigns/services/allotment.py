"""How many calls each campaign may begin now: the lines that are free, shared out fairly."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection
from pydantic import ValidationError

from apps.billing.services.rates import concurrency_of
from apps.calls.states import ON_A_NODE
from apps.campaigns.config import Pacing
from apps.campaigns.models import Campaign, Progress
from apps.campaigns.services.fair_shares import shares_of_tenants
from telephony.edge.models import LEASE, MediaNode
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

GRANT_FOR = timedelta(seconds=5)
"""A grant that nobody took by then is gone: a tick a second makes new ones."""

AHEAD_S = 2.0
"""Calls queue for no longer than this at a campaign's own rate, so that what is decided is soon dialed."""

_ONLY_TICK = 0x7_1CC_0DE


@dataclass(slots=True)
class Running:
    """A running campaign, as the allotment sees it."""

    id: UUID
    tenant_id: UUID
    pacing: Pacing
    resumed_at: datetime
    granted: int
    locked: bool
    """False: somebody decides just now, so that its grant stays as it is and counts as used, also when it has
    run out since."""
    idle: bool = False
    """It had no caller or no money for a call a moment ago."""
    due: int = 0
    live: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """Calls that have not ended, by tenant and in all. `outbound` has those that still wait for a line."""

    inbound: int
    outbound: int
    of_tenants: dict[UUID, int]
    queued_of_tenants: dict[UUID, int]


def allot(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Writes new grants; answers the tenant and id of each campaign that has something to do.

    In the platform's scope, by one process at a time: whoever comes while another is at it answers nothing.
    """
    with platform_scope():
        if not _alone():
            return []
        campaigns = _running(now)
        # Counted after the rows are locked: what was decided before is seen, what comes waits for us.
        _count(campaigns, now=now)
        use = _use()
        grants = _grants(campaigns, use, _lines(now), now=now)
        _write(grants, now=now)
        busy = {c.id for c in campaigns if grants.get(c.id) or (not c.locked and c.granted)}
        return sorted({(c.tenant_id, c.id) for c in campaigns if c.id in busy} | _others(now))


def wanted(campaign: Running, *, now: datetime) -> int:
    """How many calls it could begin now, as far as its own settings go."""
    return min(campaign.due, room_of(campaign, now=now))


def room_of(campaign: Running, *, now: datetime) -> int:
    """The same, were all of its contacts due."""
    ahead = max(1, ceil(campaign.pacing.calls_per_second * AHEAD_S)) - campaign.queued
    room = concurrency(campaign.pacing, campaign.resumed_at, now=now) - campaign.live
    return max(0, min(ahead, room))


def concurrency(pacing: Pacing, resumed_at: datetime, *, now: datetime) -> int:
    """How many calls at once, at this time of its ramp."""
    if not pacing.ramp_up_s:
        return pacing.max_concurrent
    share = min(1.0, max(0.0, (now - resumed_at).total_seconds() / pacing.ramp_up_s))
    return 1 + int((pacing.max_concurrent - 1) * share)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONLY_TICK])
        return bool(cursor.fetchone()[0])


def _running(now: datetime) -> list[Running]:
    rows = Progress.objects.filter(campaign__state="running").select_related("campaign")
    locked = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    free = {row.pk for row in locked}
    return [
        Running(
            id=row.campaign_id,
            tenant_id=row.tenant_id,
            pacing=pacing,
            resumed_at=row.campaign.resumed_at or now,
            granted=row.granted,
            locked=row.pk in free,
            idle=row.idle_until is not None and row.idle_until > now,
        )
        for row in rows
        if (pacing := _pacing(row.campaign))
    ]


def _pacing(campaign: Campaign) -> Pacing | None:
    """None: it cannot be read, which must not keep everybody else's campaigns from dialing."""
    try:
        return Pacing.model_validate(campaign.config.get("pacing", {}))
    except ValidationError:
        log.exception("campaign_unreadable", campaign=campaign.public_id)
        return None


# In the order of the index of those that are due: by another one, all that a campaign has called would be
# read on the way to those that wait.
_DUE = """
SELECT campaign.id, sum(due.contacts)
  FROM unnest(%(campaigns)s::uuid[], %(most)s::int[]) AS campaign (id, most)
  JOIN campaigns_place place
    ON place.campaign_id = campaign.id AND place.open AND place.judged_until > %(now)s
 CROSS JOIN LATERAL (
   SELECT count(*) AS contacts FROM (
     SELECT FROM campaigns_contact contact
      WHERE contact.place_id = place.id AND contact.state = 'waiting' AND contact.next_at <= %(now)s
      ORDER BY contact.next_at, contact.id LIMIT campaign.most) AS few) AS due
 GROUP BY 1
"""
_LIVE = """
SELECT attempt.campaign_id, count(*), count(*) FILTER (WHERE call.state = 'queued')
  FROM campaigns_attempt attempt JOIN calls_call call ON call.id = attempt.call_id
 WHERE attempt.state = 'open' AND (call.state = 'queued' OR call.state = ANY(%(on_nodes)s))
   AND attempt.campaign_id = ANY(%(campaigns)s)
 GROUP BY 1
"""


def _count(campaigns: list[Running], *, now: datetime) -> None:
    """What each has on the line and, as far as it could call them, due: its contacts are not counted."""
    with connection.cursor() as cursor:
        on_nodes = [str(state) for state in ON_A_NODE]
        cursor.execute(_LIVE, {"campaigns": [c.id for c in campaigns], "on_nodes": on_nodes})
        live = {campaign: (calls, queued) for campaign, calls, queued in cursor.fetchall()}
        for campaign in campaigns:
            campaign.live, campaign.queued = live.get(campaign.id, (0, 0))
        rooms = {c.id: room for c in campaigns if not c.idle and (room := room_of(c, now=now))}
        values: dict[str, Any] = {"campaigns": list(rooms), "most": list(rooms.values()), "now": now}
        cursor.execute(_DUE, values)
        due = dict(cursor.fetchall())
    for campaign in campaigns:
        campaign.due = int(due.get(campaign.id, 0))


_USE = """
SELECT tenant_id, count(*) FILTER (WHERE direction = 'inbound' AND state <> 'queued'),
       count(*) FILTER (WHERE direction = 'outbound'),
       count(*) FILTER (WHERE direction = 'outbound' AND state = 'queued')
  FROM calls_call WHERE state = 'queued' OR state = ANY(%s) GROUP BY 1
"""


def _use() -> Use:
    with connection.cursor() as cursor:
        cursor.execute(_USE, [[str(state) for state in ON_A_NODE]])
        rows = cursor.fetchall()
    return Use(
        inbound=sum(row[1] for row in rows),
        outbound=sum(row[2] for row in rows),
        of_tenants={row[0]: row[2] for row in rows},
        queued_of_tenants={row[0]: row[3] for row in rows},
    )


def _lines(now: datetime) -> int:
    """Calls that the media nodes that live can carry."""
    nodes = MediaNode.objects.filter(last_heartbeat_at__gt=now - LEASE, draining=False)
    return sum(nodes.values_list("capacity", flat=True))


def free_lines(lines: int, use: Use) -> int:
    """Lines for calls to come: callers keep their share of all, whether they use it now or not."""
    kept = max(use.inbound, ceil(lines * settings.PLATFORM_INBOUND_RESERVED / 100))
    free = lines - kept - use.outbound
    if settings.PLATFORM_MAX_CONCURRENT_CALLS:
        free = min(free, settings.PLATFORM_MAX_CONCURRENT_CALLS - use.outbound)
    if settings.PLATFORM_CALLS_PER_SECOND:
        queued = sum(use.queued_of_tenants.values())
        free = min(free, ceil(settings.PLATFORM_CALLS_PER_SECOND * AHEAD_S) - queued)
    return max(0, free)


def _grants(campaigns: list[Running], use: Use, lines: int, *, now: datetime) -> dict[UUID, int]:
    """New grants of the campaigns whose rows are ours."""
    wants: dict[UUID, dict[Hashable, int]] = defaultdict(dict)
    now_taken: dict[UUID, int] = defaultdict(int)
    for campaign in campaigns:
        if not campaign.locked:
            now_taken[campaign.tenant_id] += campaign.granted
    ours = [campaign for campaign in campaigns if campaign.locked]
    random.shuffle(ours)  # of equals the first gets what cannot be divided: not always the same one
    for campaign in ours:
        wants[campaign.tenant_id][campaign.id] = wanted(campaign, now=now)
    weights: dict[Hashable, int] = {campaign.id: campaign.pacing.weight for campaign in ours}
    plans = concurrency_of(list(wants), at=now)
    limits = {tenant: _room(tenant, use, plans.get(tenant)) - now_taken[tenant] for tenant in wants}
    free = free_lines(lines, use) - sum(now_taken.values())
    shares = shares_of_tenants(wants, free, weights=weights, limits=limits)
    return {campaign.id: shares[campaign.id] for campaign in ours}


def _room(tenant: UUID, use: Use, of_plan: int | None) -> int:
    room = 1_000_000
    for at_once in (settings.TENANT_MAX_CONCURRENT_CALLS, of_plan):
        if at_once:
            room = min(room, at_once - use.of_tenants.get(tenant, 0))
    if settings.TENANT_CALLS_PER_SECOND:
        queued = use.queued_of_tenants.get(tenant, 0)
        room = min(room, ceil(settings.TENANT_CALLS_PER_SECOND * AHEAD_S) - queued)
    return max(0, room)


_WRITE = """
UPDATE campaigns_progress SET granted = new.granted, granted_until = %s
  FROM unnest(%s::uuid[], %s::int[]) AS new (campaign, granted)
 WHERE campaign_id = new.campaign
"""


def _write(grants: dict[UUID, int], *, now: datetime) -> None:
    if grants:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [now + GRANT_FOR, list(grants), list(grants.values())])


_OTHERS = """
SELECT tenant_id, campaign_id FROM campaigns_attempt attempt
 WHERE state = 'open' AND EXISTS (
   SELECT FROM calls_call call WHERE call.id = attempt.call_id AND call.state = 'ended')
 UNION
SELECT campaign.tenant_id, campaign.id FROM campaigns_campaign campaign
  JOIN campaigns_place place ON place.campaign_id = campaign.id
 WHERE campaign.state = 'running' AND (place.judged_until IS NULL OR place.judged_until <= %s)
   AND NOT place.never
 UNION
SELECT place.tenant_id, place.campaign_id FROM campaigns_place place
  JOIN campaigns_campaign campaign ON campaign.id = place.campaign_id AND campaign.state = 'running'
 WHERE place.never AND (
   SELECT min(contact.next_at) FROM campaigns_contact contact
    WHERE contact.place_id = place.id AND contact.state = 'waiting') IS NOT NULL
 UNION
SELECT campaign.tenant_id, campaign.id FROM campaigns_campaign campaign
  JOIN campaigns_progress progress ON progress.campaign_id = campaign.id
 WHERE campaign.state = 'running' AND progress.waiting + progress.checking + progress.calling = 0
   AND NOT coalesce((campaign.config ->> 'stay_open')::boolean, false)
"""


def _others(now: datetime) -> set[tuple[UUID, UUID]]:
    """Campaigns with attempts to settle or places to judge, and those that may be done."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, [now])
        return set(cursor.fetchall())
