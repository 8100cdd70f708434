"""The rates and the concurrency that every outbound call keeps, taken as a line claims it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from apps.billing.services.rates import concurrency_of, plan_of
from apps.calls.gates import Rate
from apps.calls.models import Call, DialRate
from apps.calls.states import ON_A_NODE
from tenants.scope import platform_scope

FULL_AGAIN_IN = timedelta(seconds=2)
PLATFORM = "platform"

CLOCK_WENT_BACK = timedelta(seconds=10)
"""A next call that is further ahead than its step and this was written before the clock went back."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`per_second` 0: as fast as can be. `at_once` 0: as many as can be. `of_plan`: the same of all calls, in
    and out, outside the sandbox."""

    per_second: float = 0
    at_once: int = 0
    of_plan: int = 0


def put_off_until(call: Call, rates: Iterable[Rate], *, now: datetime) -> datetime | None:
    """When to try `call` again; None: it begins now, and the rates are taken. The call's row is locked.

    All of its keys are locked until commit, in the order of their names, so that claims at once count each
    other. Calls under a key begin a whole step apart, whatever order they come in: nothing is saved up.
    """
    limits = _limits(call, rates, now=now)
    rows = _locked(sorted(limits), now=now)
    if _full(call, limits):
        return now + FULL_AGAIN_IN
    steps = {
        key: timedelta(seconds=1 / limit.per_second) for key, limit in limits.items() if limit.per_second
    }
    for key, step in steps.items():
        _mend(rows[key], step, now=now)
    has_turn = call.dial_at is not None and call.queued_at is not None and call.dial_at > call.queued_at
    waits = [_wait(rows[key], has_turn=has_turn, now=now) for key in steps]
    if (until := max(waits, default=now)) <= now:
        for key, step in steps.items():
            rows[key].next_at = now + step
        DialRate.objects.bulk_update([rows[key] for key in steps], ["next_at", "turn_at"])
        return None
    if not has_turn:
        for key, step in steps.items():
            rows[key].turn_at = max(rows[key].turn_at, rows[key].next_at, now) + step
    DialRate.objects.bulk_update([rows[key] for key in steps], ["next_at", "turn_at"])
    return until


def plan_has_room(call: Call, *, now: datetime) -> bool:
    """Whether the tenant's plan has a place for `call`, which is on a node already: of those that come in at
    once, and those that lines claim meanwhile, the last is one too many. They wait for each other until
    commit; lock the wallet before."""
    most = None if call.test else plan_of(at=now).concurrency
    if most is None:
        return True
    _locked([_key_of(call)], now=now)
    return Call.objects.filter(state__in=ON_A_NODE, test=False).count() <= most


def _key_of(call: Call) -> str:
    return f"tenant:{call.tenant_id.hex}"


def _mend(row: DialRate, step: timedelta, *, now: datetime) -> None:
    """After a clock that went back nobody waits until it is where it was: a step from now is enough."""
    if row.next_at > now + step + CLOCK_WENT_BACK:
        row.next_at = row.turn_at = now + step


def _wait(row: DialRate, *, has_turn: bool, now: datetime) -> datetime:
    """A call whose turn has come begins as soon as it may; one that has none goes behind those that have."""
    return row.next_at if has_turn else max(row.next_at, row.turn_at if row.turn_at > now else now)


def _limits(call: Call, rates: Iterable[Rate], *, now: datetime) -> dict[str, Limit]:
    limits = {rate.key: Limit(per_second=rate.per_second) for rate in rates}
    of_plan = 0 if call.test else concurrency_of([call.tenant_id], at=now).get(call.tenant_id, 0)
    limits[_key_of(call)] = Limit(
        settings.TENANT_CALLS_PER_SECOND, settings.TENANT_MAX_CONCURRENT_CALLS, of_plan
    )
    limits[PLATFORM] = Limit(settings.PLATFORM_CALLS_PER_SECOND, settings.PLATFORM_MAX_CONCURRENT_CALLS)
    return {key: limit for key, limit in limits.items() if limit != Limit()}


def _locked(keys: list[str], *, now: datetime) -> dict[str, DialRate]:
    new = [DialRate(key=key, next_at=now, turn_at=now) for key in keys]
    DialRate.objects.bulk_create(new, ignore_conflicts=True)
    rows = DialRate.objects.select_for_update(no_key=True).filter(key__in=keys).order_by("key")
    return {row.key: row for row in rows}


_ON_NODES = """
SELECT count(*) FILTER (WHERE tenant_id = %(tenant)s AND direction = 'outbound'),
       count(*) FILTER (WHERE direction = 'outbound'),
       count(*) FILTER (WHERE tenant_id = %(tenant)s AND NOT test)
  FROM calls_call WHERE state = ANY(%(states)s)
"""


def _full(call: Call, limits: dict[str, Limit]) -> bool:
    of_tenant, of_all = limits.get(_key_of(call), Limit()), limits.get(PLATFORM, Limit())
    if not (of_tenant.at_once or of_tenant.of_plan or of_all.at_once):
        return False
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute(_ON_NODES, {"tenant": call.tenant_id, "states": [str(state) for state in ON_A_NODE]})
        used = cursor.fetchone()
    most = (of_tenant.at_once, of_all.at_once, of_tenant.of_plan)
    return any(limit and calls >= limit for calls, limit in zip(used, most, strict=True))
