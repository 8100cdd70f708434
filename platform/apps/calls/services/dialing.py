"""When a queued call may be dialed: the limits of its trunk, and the job that asks a line to do it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import redis
import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from apps.calls import streams
from apps.calls.models import Call
from apps.calls.selectors import usage_of, usage_of_trunks
from apps.calls.states import CallState
from telephony.trunks.models import Registration, Trunk
from telephony.trunks.state import Usage
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

ENQUEUE = "calls.enqueue_dial"
ROOM_AGAIN_IN = timedelta(seconds=2)
"""When a trunk is full its next call is tried again after this long."""

QUEUE_LIMIT = timedelta(minutes=10)
"""A call that has waited for this long is not dialed any more: whoever asked has gone on."""

CLOCKS_APART = timedelta(seconds=1)


def next_slots(trunk: Trunk | None, count: int, *, now: datetime) -> list[datetime]:
    """The next `count` times at which calls may be dialed through `trunk`, as `next_slot` gives them."""
    first = next_slot(trunk, now=now)
    step = timedelta(seconds=1) / trunk.max_calls_per_second if trunk else timedelta(0)
    return [first + step * i for i in range(count)]


def next_slot(trunk: Trunk | None, *, now: datetime) -> datetime:
    """The next time at which a call may be dialed through `trunk`, whose row is locked here until commit.

    Calls of one trunk get slots 1/`max_calls_per_second` apart; the sandbox has no such limit.
    """
    if trunk is None:
        return now
    step = timedelta(seconds=1) / _lock(trunk).max_calls_per_second
    last = Call.objects.filter(trunk=trunk, dial_at__gt=now - step).aggregate(last=Max("dial_at"))["last"]
    return max(now, last + step) if last else now


def may_dial(call: Call, *, now: datetime) -> bool:
    """Whether the limits of the call's trunk let it be dialed now. If not, its `dial_at` is put off.

    The call's row is locked by the caller, and saved here when put off.
    """
    if call.dial_at is not None and call.dial_at > now + CLOCKS_APART:
        return False
    put_off = _put_off(call, _lock(call.trunk), now=now) if call.trunk else None
    if put_off is None:
        return True
    call.dial_at = put_off
    call.save(update_fields=["dial_at", "updated_at"])
    enqueue_after_commit(call)
    return False


def _put_off(call: Call, trunk: Trunk, *, now: datetime) -> datetime | None:
    """When to try the call again; None when the trunk may carry it now.

    Some of the trunk's channels may be kept for inbound. A call whose turn it is and that only came a
    little early is dialed as soon as the rate allows; a backlog is spread anew over the slots to come.
    """
    used = usage_of(trunk.pk, now=now)
    full = used.inbound + used.outbound >= trunk.max_concurrent_calls
    if full or used.outbound >= trunk.max_concurrent_calls - trunk.inbound_reserved:
        return next_slot(trunk, now=now + ROOM_AGAIN_IN)
    if used.dialed_from is None or used.new_outbound < trunk.max_calls_per_second:
        return None
    if call.dial_at is not None and call.dial_at > now - ROOM_AGAIN_IN:
        return used.dialed_from + timedelta(seconds=1)
    return next_slot(trunk, now=now)


def enqueue_after_commit(call: Call) -> None:
    """Has the call dialed at its `dial_at`, once the transaction is committed.

    Failing is harmless: the reconciler finds queued calls that no job asks for.
    """
    tenant_id, call_id, dial_at = call.tenant_id, call.pk, call.dial_at
    transaction.on_commit(lambda: _enqueue_at(tenant_id, call_id, dial_at), robust=True)


def _enqueue_at(tenant_id: UUID, call_id: UUID, dial_at: datetime | None) -> None:
    wait = dial_at - timezone.now() if dial_at else timedelta(0)
    try:
        if wait > timedelta(0):
            arguments = (str(tenant_id), str(call_id))
            current_app.send_task(ENQUEUE, args=arguments, countdown=wait.total_seconds(), queue="dial")
        else:
            enqueue_dial(tenant_id, call_id)
    except (redis.RedisError, BrokerDown) as error:
        log.warning("dial_delayed", call_id=str(call_id), error=type(error).__name__)


def enqueue_all_after_commit(calls: Sequence[Call]) -> None:
    """`enqueue_after_commit` of calls of one tenant: those that are due now in one go."""
    now = timezone.now()
    for call in calls:
        if call.dial_at is not None and call.dial_at > now:
            enqueue_after_commit(call)
    due = [call.pk for call in calls if call.dial_at is None or call.dial_at <= now]
    if due:
        tenant_id = calls[0].tenant_id
        transaction.on_commit(lambda: _enqueue_due(tenant_id, due), robust=True)


_REMEMBER_JOBS = """
UPDATE calls_call SET job_id = job.id, enqueued_at = %s
  FROM unnest(%s::uuid[], %s::text[]) AS job (call, id)
 WHERE calls_call.id = job.call AND state = 'queued'
"""


def _enqueue_due(tenant_id: UUID, call_ids: list[UUID]) -> None:
    try:
        jobs = streams.add_jobs(call_ids)
    except redis.RedisError as error:
        log.warning("dial_delayed", calls=len(call_ids), error=type(error).__name__)
        return
    with tenant_scope(tenant_id), connection.cursor() as cursor:
        cursor.execute(_REMEMBER_JOBS, [timezone.now(), list(jobs), list(jobs.values())])


def enqueue_dial(tenant_id: UUID, call_id: UUID) -> None:
    """Adds the job of a queued call to the stream and remembers its entry. Raises redis.RedisError."""
    job_id = streams.add_jobs([call_id])[call_id]
    with tenant_scope(tenant_id):
        queued = Call.objects.filter(pk=call_id, state=CallState.QUEUED)
        queued.update(job_id=job_id, enqueued_at=timezone.now())


def _lock(trunk: Trunk) -> Trunk:
    """The trunk's row, locked so that calls decided together count each other."""
    return Trunk.objects.select_for_update(no_key=True).get(pk=trunk.pk)


def rooms_of(trunk_ids: Collection[UUID], *, now: datetime, ahead: timedelta) -> dict[UUID, int]:
    """How many calls each trunk could be given now that it dials within `ahead`; 0 when it must not dial.

    Calls that wait for it count as carried. The rows are locked until commit, in the order of their ids.
    """
    locked = (
        Trunk.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=trunk_ids).order_by("pk")
    )
    trunks = list(locked.prefetch_related("gateways"))
    used = usage_of_trunks([trunk.pk for trunk in trunks], now=now)
    queued = dict(
        Call.objects.filter(trunk__in=trunks, state=CallState.QUEUED, dial_at__isnull=False)
        .values_list("trunk")
        .annotate(Count("pk"))
    )
    rooms = {}
    for trunk in trunks:
        in_time = int((now + ahead - next_slot(trunk, now=now)).total_seconds() * trunk.max_calls_per_second)
        of_trunk = used.get(trunk.pk, Usage())
        free = trunk.max_concurrent_calls - max(of_trunk.inbound, trunk.inbound_reserved) - of_trunk.outbound
        room = min(free - queued.get(trunk.pk, 0), in_time + 1)
        rooms[trunk.pk] = max(0, room) if _dials(trunk, now=now) else 0
    return rooms


def _dials(trunk: Trunk, *, now: datetime) -> bool:
    """Whether it has a gateway that does not rest after a failure, or phones that register here."""
    if not trunk.sends_calls:
        return False
    if trunk.registration == Registration.INBOUND:
        return True
    gateways = [gateway for gateway in trunk.gateways.all() if gateway.enabled]
    return any(gateway.rests_until is None or gateway.rests_until <= now for gateway in gateways)
