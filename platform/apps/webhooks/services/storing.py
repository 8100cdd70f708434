"""What came of attempts: kept in one transaction, with everything that follows from it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import QuerySet

from apps.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Endpoint, EndpointState
from apps.webhooks.services.claiming import DISABLED, TOO_LATE, pull_forward
from apps.webhooks.services.disabling import disable_failing
from apps.webhooks.services.sending import GONE, Outcome
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 300, 900, 1800, 3600, 7200))
"""After the first failure, the second, ...; the last one again and again."""

JITTER = 0.1
DISABLED_AFTER = timedelta(days=3)
RESTS_AFTER = 5
"""Failures one after the other, whatever was sent: then the endpoint as a whole rests between attempts, so
that a million events for a server that is down are not a million requests."""

LONGEST_REST = timedelta(seconds=60)


def store(outcomes: Sequence[Outcome], *, now: datetime) -> list[Outcome]:
    """Keeps the attempts; deliveries end, or wait for the next one; endpoints are well again, fail, or are
    disabled. What somebody else has taken up meanwhile, since its lease was over, is left to them.

    Answers what could not be stored now, since somebody else works on its endpoint: nobody waits for that.
    """
    if not outcomes:
        return []
    with platform_scope():
        endpoints = _locked({outcome.message.endpoint for outcome in outcomes})
        ours = _ours([one for one in outcomes if one.message.endpoint in endpoints])
        DeliveryAttempt.objects.bulk_create((_attempt(one) for one in ours), ignore_conflicts=True)
        results = [_result(one, endpoints[one.message.endpoint], now) for one in ours]
        _write(results, now)
        ended = [one.outcome.message for one in results if one.state != DeliveryState.PENDING]
        pull_forward([(message.endpoint, message.key) for message in ended], now)
        _tell_health(ours, endpoints, now)
        stored = {one.message.delivery for one in ours}
        return _still_ours([one for one in outcomes if one.message.delivery not in stored])


def wait_after(attempts: int) -> timedelta:
    """Until the next attempt, after `attempts` that failed; a tenth more or less, so that what failed
    together does not come together."""
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    return wait * (1 + random.uniform(-JITTER, JITTER))


@dataclass(frozen=True, slots=True)
class _Result:
    outcome: Outcome
    state: DeliveryState
    next_at: datetime | None
    problem: str


def _locked(ids: Iterable[UUID]) -> dict[UUID, Endpoint]:
    rows = Endpoint.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return {row.pk: row for row in rows.filter(pk__in=list(ids)).order_by("pk").defer("headers")}


def _ours(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those whose lease is the one that was given for them, their deliveries locked."""
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return _with_lease(outcomes, rows.order_by("pk"))


def _still_ours(outcomes: Sequence[Outcome]) -> list[Outcome]:
    if not outcomes:
        return []
    left = _with_lease(outcomes, Delivery.objects.order_by())
    if len(left) < len(outcomes):
        log.warning("webhook_leases_over", count=len(outcomes) - len(left))
    return left


def _with_lease(outcomes: Sequence[Outcome], rows: QuerySet[Delivery]) -> list[Outcome]:
    rows = rows.filter(pk__in=[one.message.delivery for one in outcomes])
    leases = dict(rows.values_list("pk", "leased_until"))
    return [one for one in outcomes if leases.get(one.message.delivery) == one.message.leased_until]


def _attempt(one: Outcome) -> DeliveryAttempt:
    return DeliveryAttempt(
        tenant_id=one.message.tenant,
        delivery_id=one.message.delivery,
        number=one.message.number,
        at=one.at,
        took_ms=one.took_ms,
        status=one.status,
        request_headers=dict(one.request_headers),
        answer_headers=dict(one.answer_headers),
        answer=one.answer,
        problem=one.problem,
    )


def _result(one: Outcome, endpoint: Endpoint, now: datetime) -> _Result:
    if one.delivered:
        return _Result(one, DeliveryState.DELIVERED, None, one.problem)
    log.info(
        "webhook_failed",
        delivery=str(one.message.delivery),
        endpoint=str(one.message.endpoint),
        number=one.message.number,
        status=one.status,
        problem=one.problem,
    )
    if one.gone:
        return _Result(one, DeliveryState.DEAD, None, GONE)
    if endpoint.state != EndpointState.ACTIVE:
        return _Result(one, DeliveryState.DEAD, None, f"{one.problem} {DISABLED}"[:500])
    return _again(one, now)


def _again(one: Outcome, now: datetime) -> _Result:
    next_at = now + wait_after(one.message.number)
    if next_at >= one.message.give_up_at:
        return _Result(one, DeliveryState.DEAD, None, f"{one.problem} {TOO_LATE}"[:500])
    return _Result(one, DeliveryState.PENDING, next_at, one.problem)


def _write(results: Sequence[_Result], now: datetime) -> None:
    if not results:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "ids": [one.outcome.message.delivery for one in results],
                "states": [str(one.state.value) for one in results],
                "next": [one.next_at for one in results],
                "statuses": [one.outcome.status for one in results],
                "problems": [one.problem for one in results],
                "now": now,
            },
        )


_WRITE = """
UPDATE webhooks_delivery d
   SET state = result.state, next_at = result.next_at, leased_until = NULL, status = result.status,
       problem = result.problem, updated_at = %(now)s,
       ended_at = CASE WHEN result.state = 'pending' THEN NULL ELSE %(now)s::timestamptz END
  FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(next)s::timestamptz[], %(statuses)s::int[],
              %(problems)s::text[]) AS result (id, state, next_at, status, problem)
 WHERE d.id = result.id
"""


def _tell_health(ours: Sequence[Outcome], endpoints: dict[UUID, Endpoint], now: datetime) -> None:
    by_endpoint: dict[UUID, list[Outcome]] = defaultdict(list)
    for one in ours:
        by_endpoint[one.message.endpoint].append(one)
    for pk, some in by_endpoint.items():
        _tell_health_of(endpoints[pk], some, now)


def _tell_health_of(endpoint: Endpoint, some: Sequence[Outcome], now: datetime) -> None:
    before = (endpoint.failing_since, endpoint.failures, endpoint.rest_until)
    for one in some:
        if one.delivered:
            endpoint.failing_since, endpoint.failures = None, 0
        else:
            endpoint.failing_since = endpoint.failing_since or one.at
            endpoint.failures = min(endpoint.failures + 1, 30_000)
    endpoint.rest_until = _rest_until(endpoint.failures, now)
    if (endpoint.failing_since, endpoint.failures, endpoint.rest_until) != before:
        Endpoint.objects.filter(pk=endpoint.pk).update(
            failing_since=endpoint.failing_since, failures=endpoint.failures, rest_until=endpoint.rest_until
        )
    if endpoint.state == EndpointState.ACTIVE:
        _disable_if_it_must(endpoint, some, now)


def _rest_until(failures: int, now: datetime) -> datetime | None:
    if failures < RESTS_AFTER:
        return None
    return now + min(timedelta(seconds=2 ** min(failures - RESTS_AFTER, 10)), LONGEST_REST)


def _disable_if_it_must(endpoint: Endpoint, some: Sequence[Outcome], now: datetime) -> None:
    if any(one.gone for one in some):
        disable_failing(endpoint, f"{GONE} Nothing more is sent there.", now=now)
    elif endpoint.failing_since and now - endpoint.failing_since >= DISABLED_AFTER:
        last = next(one.problem for one in reversed(some) if not one.delivered)
        disable_failing(endpoint, f"Nothing could be delivered for 3 days. The last time: {last}", now=now)
