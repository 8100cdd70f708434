"""Which deliveries leave now: due, first of their key, within the limits of their endpoint and tenant.

One worker at a time looks (an advisory lock, some milliseconds), so that the limits hold over all of them.
What it takes is its own until a lease ends: while a worker is at a delivery, `next_at` is the end of that
lease, so that one whose worker died is due again by itself. A delivery behind an earlier one of its key is
put off until that one ends (`pull_forward`); PUT_OFF is only the net below that.

PostgreSQL is the queue. Nothing here looks at more rows than it takes, however many wait: endpoints that have
any pending are found by skipping from one to the next in the index.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F

from apps.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, EndpointState
from apps.webhooks.services.messages import Message, messages_of
from tenants.scope import platform_scope

AT_ONCE = 4
"""Requests to one endpoint; to one that fails, one."""

TENANT_AT_ONCE = 64
LEASE = timedelta(seconds=30)
"""Longer than a request and everything around it may take."""

PUT_OFF = timedelta(minutes=15)
LOOKED_AT = 32
"""Due deliveries of an endpoint, at a time."""

ENDED_AT_ONCE = 1_000
ENDPOINTS_AT_ONCE = 200

DIED = "The worker stopped in the middle of it: whether the server got it is not known."
DISABLED = "The endpoint was disabled before this could be delivered. Enable it, then replay."
TOO_LATE = "Given up: the time for attempts is over (24 hours; of a test, a minute)."

_LINE = 7_700_001


@dataclass(frozen=True, slots=True)
class Claim:
    """`again`: there is more to look at, or somebody else looked just now."""

    messages: Sequence[Message] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An endpoint with pending deliveries; `since`: the oldest of them is due since then."""

    endpoint: UUID
    tenant: UUID
    since: datetime
    disabled: bool
    failing: bool
    resting: bool


@dataclass(frozen=True, slots=True)
class _Due:
    """A delivery; `first`: the one of its key that comes before all others, and `first_at` its time."""

    id: UUID
    endpoint: UUID
    key: str
    attempts: int
    leased_until: datetime | None
    give_up_at: datetime
    first: UUID
    first_at: datetime


def claim(*, now: datetime, room: int) -> Claim:
    """Takes at most `room` deliveries until `now` + LEASE."""
    with platform_scope():
        if not _our_turn():
            return Claim(again=True)
        waiting = _waiting(now)
        ended = _end_of_disabled(waiting, now)
        free = _free(waiting, now)
        turn = _in_turn(waiting, free)
        due = _due(_locked(turn[: min(room, ENDPOINTS_AT_ONCE)]), now)
        taken = _sort_out(due, free, room, now)
        more = len(turn) > ENDPOINTS_AT_ONCE or _unseen(due, free)
        return Claim(messages_of(taken, now + LEASE, now=now), ended or (more and len(taken) < room))


def _our_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LINE])
        return bool(cursor.fetchone()[0])


def _waiting(now: datetime) -> list[_Waiting]:
    """Endpoints with anything to do now."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"now": now})
        rows = [_Waiting(*row) for row in cursor.fetchall()]
    return [row for row in rows if row.disabled or row.since <= now]


_WAITING = """
WITH RECURSIVE waiting (endpoint_id, next_at) AS (
  (SELECT endpoint_id, next_at FROM webhooks_delivery WHERE state = 'pending'
    ORDER BY endpoint_id, next_at LIMIT 1)
  UNION ALL
  SELECT following.* FROM waiting, LATERAL (
    SELECT d.endpoint_id, d.next_at FROM webhooks_delivery d
     WHERE d.state = 'pending' AND d.endpoint_id > waiting.endpoint_id
     ORDER BY d.endpoint_id, d.next_at LIMIT 1) AS following
)
SELECT e.id, e.tenant_id, waiting.next_at, e.state <> 'active', e.failing_since IS NOT NULL,
       coalesce(e.rest_until > %(now)s, false)
  FROM waiting JOIN webhooks_endpoint e ON e.id = waiting.endpoint_id
  JOIN tenants_tenant t ON t.id = e.tenant_id
 WHERE t.deleting_at IS NULL
"""


def _end_of_disabled(waiting: Iterable[_Waiting], now: datetime) -> bool:
    """What waits at disabled endpoints is dead, unless it is on its way; some of it at a time."""
    ids = [row.endpoint for row in waiting if row.disabled]
    if not ids:
        return False
    pending = Delivery.objects.filter(endpoint__in=ids, state=DeliveryState.PENDING)
    some = pending.exclude(leased_until__gt=now).order_by().values_list("pk", flat=True)
    return end(list(some[:ENDED_AT_ONCE]), now, DISABLED) == ENDED_AT_ONCE


def end(ids: Sequence[UUID], now: datetime, problem: str) -> int:
    """Deliveries of which nothing will become are dead; how many."""
    rows = Delivery.objects.filter(pk__in=ids, state=DeliveryState.PENDING)
    return rows.update(
        state=DeliveryState.DEAD,
        ended_at=now,
        next_at=None,
        leased_until=None,
        problem=problem,
        updated_at=now,
    )


def _free(waiting: Iterable[_Waiting], now: datetime) -> _Free:
    free = _Free()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT endpoint_id, tenant_id, count(*) FROM webhooks_delivery"
            " WHERE leased_until > %s GROUP BY 1, 2",
            [now],
        )
        for endpoint, tenant, n in cursor.fetchall():
            free.endpoints[endpoint] -= n
            free.tenants[tenant] -= n
    for row in waiting:
        if row.failing:
            free.endpoints[row.endpoint] -= AT_ONCE - 1
        free.tenant_of[row.endpoint] = row.tenant
    return free


class _Free:
    """Places that are left."""

    def __init__(self) -> None:
        self.endpoints: dict[UUID, int] = defaultdict(lambda: AT_ONCE)
        self.tenants: dict[UUID, int] = defaultdict(lambda: TENANT_AT_ONCE)
        self.tenant_of: dict[UUID, UUID] = {}

    def has(self, endpoint: UUID) -> bool:
        return self.endpoints[endpoint] > 0 and self.tenants[self.tenant_of[endpoint]] > 0

    def take(self, endpoint: UUID) -> None:
        self.endpoints[endpoint] -= 1
        self.tenants[self.tenant_of[endpoint]] -= 1


def _in_turn(waiting: Iterable[_Waiting], free: _Free) -> list[UUID]:
    """Endpoints that may get something, a tenant's one after the other's; who has the most under way last."""
    queues: dict[UUID, list[UUID]] = defaultdict(list)
    for row in sorted(waiting, key=lambda row: row.since):
        if not (row.disabled or row.resting) and free.has(row.endpoint):
            queues[row.tenant].append(row.endpoint)
    ranked = [
        (position - free.tenants[tenant], position, endpoint)
        for tenant, endpoints in queues.items()
        for position, endpoint in enumerate(endpoints)
    ]
    return [endpoint for *_, endpoint in sorted(ranked)]


def _locked(endpoints: Sequence[UUID]) -> list[UUID]:
    """Those that nobody changes, or stores results of, at the moment; in the same order. What is read after
    this is as they left it."""
    if not endpoints:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM webhooks_endpoint WHERE id = ANY(%s) AND state = %s"
            " ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
            [list(endpoints), EndpointState.ACTIVE],
        )
        locked = {row[0] for row in cursor.fetchall()}
    return [endpoint for endpoint in endpoints if endpoint in locked]


def _due(endpoints: Sequence[UUID], now: datetime) -> list[_Due]:
    if not endpoints:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"endpoints": list(endpoints), "now": now, "most": LOOKED_AT})
        return [_Due(*row) for row in cursor.fetchall()]


_DUE = """
SELECT due.id, due.endpoint_id, due.key, due.attempts, due.leased_until, due.give_up_at,
       first.id, first.next_at
  FROM unnest(%(endpoints)s::uuid[]) WITH ORDINALITY AS place (id, n)
 CROSS JOIN LATERAL (
   SELECT * FROM webhooks_delivery d
    WHERE d.endpoint_id = place.id AND d.state = 'pending' AND d.next_at <= %(now)s
    ORDER BY d.next_at LIMIT %(most)s) AS due
 CROSS JOIN LATERAL (
   SELECT f.id, f.next_at FROM webhooks_delivery f
    WHERE f.endpoint_id = due.endpoint_id AND f.key = due.key AND f.state = 'pending'
    ORDER BY f.round, f.sequence LIMIT 1) AS first
 ORDER BY place.n, due.next_at
"""


def _unseen(due: Iterable[_Due], free: _Free) -> bool:
    """Whether an endpoint may have more that could leave now than what was looked at."""
    counts = Counter(one.endpoint for one in due)
    return any(n >= LOOKED_AT and free.has(endpoint) for endpoint, n in counts.items())


def _sort_out(due: Sequence[_Due], free: _Free, room: int, now: datetime) -> list[UUID]:
    """Takes what may go, one of each endpoint in turn; ends what is too late, puts off what is not first of
    its key. The ids of what was taken."""
    if not due:
        return []
    late = [one for one in due if one.give_up_at <= now]
    behind = [one for one in due if one.give_up_at > now and one.first != one.id]
    taken: list[_Due] = []
    for one in _by_turns(one for one in due if one.give_up_at > now and one.first == one.id):
        if len(taken) < room and free.has(one.endpoint):
            free.take(one.endpoint)
            taken.append(one)
    held = _held([one.id for one in (*late, *behind, *taken)])
    ours = [one for one in taken if one.id in held]
    _put_off([one for one in behind if one.id in held], now)
    end([one.id for one in late if one.id in held], now, TOO_LATE)
    pull_forward([(one.endpoint, one.key) for one in late], now)
    _lease(ours, held, now)
    return [one.id for one in ours]


def _held(ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Deliveries that nobody else works on (an erasure may), locked, with their tenants."""
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    rows = rows.filter(pk__in=ids, state=DeliveryState.PENDING).order_by("pk")
    return dict(rows.values_list("pk", "tenant_id"))


def _by_turns(ready: Iterable[_Due]) -> Iterator[_Due]:
    queues: dict[UUID, list[_Due]] = defaultdict(list)
    for one in ready:
        queues[one.endpoint].append(one)
    for turn in range(max(map(len, queues.values()), default=0)):
        for queue in queues.values():
            if turn < len(queue):
                yield queue[turn]


def _put_off(behind: Sequence[_Due], now: datetime) -> None:
    if not behind:
        return
    times = [min(one.give_up_at, max(one.first_at, now + PUT_OFF)) for one in behind]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE webhooks_delivery d SET next_at = later.at"
            " FROM unnest(%s::uuid[], %s::timestamptz[]) AS later (id, at) WHERE d.id = later.id",
            [[one.id for one in behind], times],
        )


def _lease(taken: Sequence[_Due], tenants: Mapping[UUID, UUID], now: datetime) -> None:
    if not taken:
        return
    DeliveryAttempt.objects.bulk_create(
        (_of_the_dead(one, tenants[one.id]) for one in taken if one.leased_until), ignore_conflicts=True
    )
    until = now + LEASE
    Delivery.objects.filter(pk__in=[one.id for one in taken]).update(
        leased_until=until, next_at=until, attempts=F("attempts") + 1, updated_at=now
    )


def _of_the_dead(one: _Due, tenant: UUID) -> DeliveryAttempt:
    """Somebody was at it, and never said what came of it."""
    at = (one.leased_until or one.give_up_at) - LEASE
    return DeliveryAttempt(
        tenant_id=tenant, delivery_id=one.id, number=one.attempts, at=at, took_ms=0, problem=DIED
    )


def pull_forward(ended: Sequence[tuple[UUID, str]], now: datetime) -> None:
    """Something of these endpoints and keys ended: what was put off behind it is first now."""
    if not ended:
        return
    with connection.cursor() as cursor:
        endpoints, keys = [endpoint for endpoint, _ in ended], [key for _, key in ended]
        cursor.execute(_PULL, {"endpoints": endpoints, "keys": keys, "now": now})


_PULL = """
UPDATE webhooks_delivery d SET next_at = %(now)s
  FROM unnest(%(endpoints)s::uuid[], %(keys)s::text[]) AS ended (endpoint_id, key)
 CROSS JOIN LATERAL (
   SELECT f.id FROM webhooks_delivery f
    WHERE f.endpoint_id = ended.endpoint_id AND f.key = ended.key AND f.state = 'pending'
    ORDER BY f.round, f.sequence LIMIT 1) AS first
 WHERE d.id = first.id AND d.leased_until IS NULL AND d.next_at > %(now)s
"""
