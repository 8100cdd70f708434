"""Finds what got lost: calls of dead nodes, jobs and commands that a flushed Valkey forgot.

Runs every few seconds. Running twice at once does no harm: each run takes the rows that no other
has locked, and acts on what the row says under its lock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from apps.calls import streams
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, Direction
from apps.calls.services.control import send_hang_up
from apps.calls.services.dialing import QUEUE_LIMIT
from apps.calls.services.finish_call import finish_call
from apps.calls.states import ON_A_NODE, CallState
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import LEASE, MediaNode
from telephony.edge.selectors import dead_nodes, live_nodes
from telephony.edge.services import probe_control_api, record_reach
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

BATCH = 200
MISSING_LIMIT = timedelta(seconds=15)
"""A living node must list a call it carries; after this long without, the call is lost."""

VISIT_WITHIN = timedelta(seconds=60)
FIRST_CALLS_WITHIN = timedelta(seconds=5)
REQUEUE_AFTER = timedelta(seconds=5)
REPEAT_HANG_UP_AFTER = timedelta(seconds=5)


def reconcile(*, now: datetime | None = None) -> dict[str, int]:
    """One round of all the rules; how many calls each touched. One that fails does not stop the others."""
    now = now or timezone.now()
    record_reach(reachable=probe_control_api(settings.CONTROL_URL), now=now)
    rules: list[Callable[..., int]] = [
        end_calls_of_dead_nodes,
        end_missing_calls,
        expire_queued_calls,
        end_unvisited_browser_calls,
        requeue_lost_jobs,
        repeat_hang_ups,
    ]
    touched: dict[str, int] = {}
    for rule in rules:
        try:
            touched[rule.__name__] = rule(now=now)
        except redis.RedisError as error:
            log.warning("reconcile_rule_failed", rule=rule.__name__, error=type(error).__name__)
    return touched


def end_calls_of_dead_nodes(*, now: datetime) -> int:
    """Ends the calls whose node's lease has run out."""
    dead = list(dead_nodes(now=now))
    if not dead:
        return 0
    return _in_batches(lambda: _carried(began_before=now - LEASE).filter(node__in=dead), _end_lost)


def end_missing_calls(*, now: datetime) -> int:
    """Ends calls that a living node has not listed in its heartbeats for `MISSING_LIMIT`."""
    return sum(_end_missing(node, now=now) for node in live_nodes(now=now))


def _end_missing(node: MediaNode, *, now: datetime) -> int:
    def carried() -> QuerySet[Call]:
        # A call younger than the list cannot be on it.
        return _carried(began_before=node.last_heartbeat_at).filter(node=node)

    def unlisted() -> QuerySet[Call]:
        return carried().exclude(pk__in=node.calls)

    _in_batches(lambda: carried().filter(pk__in=node.calls, missing_since__isnull=False), _mark(None))
    _in_batches(lambda: unlisted().filter(missing_since=None), _mark(now))
    return _in_batches(lambda: unlisted().filter(missing_since__lte=now - MISSING_LIMIT), _end_lost)


def mark_missing(node: MediaNode, listed: list[UUID], *, now: datetime | None = None) -> int:
    """A node has started anew: the calls of its earlier life are overdue at once. How many there are.

    Runs inside the transaction of the heartbeat that told so, in the platform scope. A call of the
    last seconds may be the new life's first, taken while the heartbeat was on its way.
    """
    now = now or timezone.now()
    earlier = _carried(began_before=now - FIRST_CALLS_WITHIN).filter(node=node).exclude(pk__in=listed)
    return earlier.update(missing_since=now - MISSING_LIMIT)


def expire_queued_calls(*, now: datetime) -> int:
    """Ends calls that have waited in the queue for `QUEUE_LIMIT`."""

    def expire(batch: list[Call]) -> int:
        for call in batch:
            _end(call, Ended(reason=EndReason.JOB_EXPIRED), at=now)
        return len(batch)

    return _in_batches(lambda: _queued().filter(queued_at__lt=now - QUEUE_LIMIT), expire)


def end_unvisited_browser_calls(*, now: datetime) -> int:
    """Ends browser calls that nobody has come to talk to within `VISIT_WITHIN`."""
    words = f"Nobody connected to the call within {VISIT_WITHIN.total_seconds():.0f} s."

    def end(batch: list[Call]) -> int:
        for call in batch:
            _end(call, Ended(reason=EndReason.CANCELLED, detail=words), at=now)
        return len(batch)

    def waiting() -> QuerySet[Call]:
        return Call.objects.filter(state=CallState.QUEUED, direction=Direction.BROWSER)

    return _in_batches(lambda: waiting().filter(queued_at__lt=now - VISIT_WITHIN), end)


def requeue_lost_jobs(*, now: datetime) -> int:
    """Enqueues queued calls again whose job waits for nobody. The claim sees to it that one line dials.

    A job that is still in the stream, undelivered, is left alone however long: all lines are busy.
    """
    streams.ensure_group()

    def requeue(batch: list[Call]) -> int:
        present = streams.waiting_jobs(call.job_id for call in batch)
        lost = [call for call in batch if call.job_id not in present]
        jobs = streams.add_jobs(call.pk for call in lost)
        for call in lost:
            call.job_id, call.enqueued_at = jobs[call.pk], now
        Call.objects.bulk_update(lost, ["job_id", "enqueued_at"])
        return len(lost)

    due = Greatest("dial_at", Coalesce("enqueued_at", "queued_at"))
    requeued = _in_batches(lambda: _queued().alias(due=due).filter(due__lt=now - REQUEUE_AFTER), requeue)
    if requeued:
        log.warning("jobs_requeued", calls=requeued)
    return requeued


def repeat_hang_ups(*, now: datetime) -> int:
    """Sends again the hang-ups that were asked for and have not happened."""
    with platform_scope():
        asked = list(
            _carried()
            .select_related("node")
            .filter(hangup_requested_at__lt=now - REPEAT_HANG_UP_AFTER)
            .order_by("hangup_requested_at")[:BATCH]
        )
    for call in asked:
        send_hang_up(call)
    return len(asked)


def _in_batches(rows: Callable[[], QuerySet[Call]], act: Callable[[list[Call]], int]) -> int:
    """Has `act` treat the rows that nobody else has locked, a transaction per batch; sums its answers."""
    done, after = 0, UUID(int=0)
    while True:
        with platform_scope():
            query = rows().select_related("node").filter(pk__gt=after).order_by("pk")
            batch = list(query.select_for_update(skip_locked=True, no_key=True, of=("self",))[:BATCH])
            if batch:
                done += act(batch)
                after = batch[-1].pk
        if len(batch) < BATCH:
            return done


def _queued() -> QuerySet[Call]:
    """Calls that wait to be dialed: nobody dials a browser."""
    return Call.objects.filter(state=CallState.QUEUED).exclude(direction=Direction.BROWSER)


def _carried(*, began_before: datetime | None = None) -> QuerySet[Call]:
    """Calls on a node; with a time, only those that the node took before it."""
    carried = Call.objects.filter(state__in=ON_A_NODE)
    if began_before is None:
        return carried
    return carried.alias(began=Coalesce("dialing_at", "created_at")).filter(began__lt=began_before)


def _mark(since: datetime | None) -> Callable[[list[Call]], int]:
    def mark(batch: list[Call]) -> int:
        return Call.objects.filter(pk__in=[call.pk for call in batch]).update(missing_since=since)

    return mark


def _end_lost(batch: list[Call]) -> int:
    for call in batch:
        at = _last_sign_of_life(call)
        duration_ms = (at - call.answered_at) // timedelta(milliseconds=1) if call.answered_at else 0
        _end(call, Ended(reason=EndReason.NODE_LOST, duration_ms=max(0, duration_ms)), at=at)
    return len(batch)


def _last_sign_of_life(call: Call) -> datetime:
    """Until when the call is known to have gone on: nobody pays for the time it took us to notice."""
    signs = [call.dialing_at or call.created_at, call.last_event_at]
    if call.node is not None and call.pk in call.node.calls:
        signs.append(call.node.last_heartbeat_at)
    return max(sign for sign in signs if sign is not None)


def _end(call: Call, end: Ended, *, at: datetime) -> None:
    finish_call(call, end, at=at)
    publish_after_commit(call)
