"""More money for calls that last, and the word to those for which there is none.

A call begins with money for its first part only. Before that is used up more is held, again and again, as far
as the wallet and the spend limits reach; where they end, the call's node hears how long the call is paid, and
its agent says goodbye in time. Nothing here running, no call is cut: what it costs beyond its hold is settled
at its end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db import connection

from apps.billing.models import Hold
from apps.billing.selectors import lock_wallet
from apps.billing.services import extend_holds
from apps.billing.values import Spent
from apps.calls import streams
from apps.calls.models import Call
from apps.calls.services.pricing import spent_by
from media_workers.contract.calls import CallCommand
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

AHEAD = timedelta(seconds=60)
"""So long before a hold is used up the call gets more, or hears that there is none."""


@dataclass(frozen=True, slots=True)
class Talking:
    """A call that goes on, and its hold. `short`: it was told, or is to be, that its money ends."""

    tenant: UUID
    call: UUID
    node: str
    answered_at: datetime
    most_ms: int
    short: bool


_DUE = """
SELECT hold.tenant_id, call.id, node.name, call.answered_at, hold.most_ms, hold.short_since IS NOT NULL
  FROM billing_hold hold
  JOIN calls_call call ON call.id = hold.subject_id AND call.tenant_id = hold.tenant_id
  JOIN edge_medianode node ON node.id = call.node_id
 WHERE hold.settled_micros IS NULL AND hold.subject = 'call' AND call.state = 'in_progress'
   AND (hold.short_since IS NOT NULL
        OR hold.held_ms < hold.most_ms
           AND call.answered_at + hold.held_ms * interval '1 millisecond' < %s
        OR call.answered_at + hold.most_ms * interval '1 millisecond' < %s)
 ORDER BY hold.tenant_id, hold.id
"""


def pay_on(*, now: datetime) -> dict[str, int]:
    """One round over all calls that talk: how many were looked at, and how many of them end with their money.
    Two at once do no harm."""
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute(_DUE, [now + AHEAD, now])
        due = [Talking(*row) for row in cursor.fetchall()]
    short = 0
    for tenant, calls in groupby(due, key=attrgetter("tenant")):
        short += _pay(tenant, list(calls), now=now)
    return {"due": len(due), "short": short}


def _pay(tenant_id: UUID, calls: list[Talking], *, now: datetime) -> int:
    needed = {one.call: _spent_ms(one, now) + settings.HOLD_SLICE_MS for one in calls}
    outlasting = {one.call: needed[one.call] for one in calls if _spent_ms(one, now) >= one.most_ms}
    with tenant_scope(tenant_id):
        spent = _spent([one.call for one in calls], now=now)
        _let_outlast(outlasting)
        held = extend_holds(needed=needed, spent=spent)
        # The money ends before the call has to.
        ends = [
            one
            for one in calls
            if held.get(one.call, needed[one.call])
            < min(needed[one.call], outlasting.get(one.call, one.most_ms))
        ]
        first = [one.call for one in ends if not one.short]
        Hold.objects.filter(subject_id__in=first).update(short_since=now)
    for one in ends:
        _tell(one, held[one.call])
    ending = {one.call for one in ends}
    told = [one.call for one in calls if one.short and one.call not in ending and _tell(one, None)]
    with tenant_scope(tenant_id):
        Hold.objects.filter(subject_id__in=told, settled_micros=None).update(short_since=None)
    if first:
        log.info("money_of_calls_ends", tenant=str(tenant_id), calls=len(first))
    return len(ends)


def _spent(call_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Spent]:
    """What the calls have cost by now: vendors may take more than was thought, and another agent than the
    first one other vendors."""
    calls = Call.objects.select_related("number").in_bulk(call_ids)
    holds = Hold.objects.filter(subject_id__in=calls, settled_micros=None)
    return {hold.subject_id: spent_by(calls[hold.subject_id], hold, now=now) for hold in holds}


def _let_outlast(calls: Mapping[UUID, int]) -> None:
    """These, with how long they may be now, last longer than their first agent would have: another agent has
    them, or a person."""
    if calls:
        lock_wallet()  # before the holds, as everybody does
    for call, most_ms in calls.items():
        Hold.objects.filter(subject_id=call, settled_micros=None).update(most_ms=most_ms)


def _spent_ms(one: Talking, now: datetime) -> int:
    return max(0, (now - one.answered_at) // timedelta(milliseconds=1))


def _tell(one: Talking, paid_ms: int | None) -> bool:
    """Whether the word has left. One that has not leaves with the next round."""
    command = CallCommand(call_id=one.call, action="paid_until", paid_ms=paid_ms)
    try:
        streams.send_command(one.node, command)
    except redis.RedisError as error:
        log.warning("money_not_told", call=str(one.call), error=type(error).__name__)
        return False
    return True
