"""How the platform is: what staff see first. A part that cannot be asked says so and hides no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown
from redis import Redis
from redis.exceptions import RedisError

from apps.calls.models import Call
from apps.calls.states import CallState
from apps.vendors.names import label_of
from apps.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Endpoint, EndpointState
from config.celery import app as celery
from config.needing import needs
from config.nights import last_nights
from media_workers.contract.events import END_REASON_WORDS, EndReason
from telephony.edge.models import LEASE, MediaNode
from tenants.ids import first_id_at
from tenants.models import Tenant
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 1.0
FAILURES = {
    EndReason.UNREACHABLE,
    EndReason.NO_CODEC,
    EndReason.NO_CAPACITY,
    EndReason.MEDIA_LOST,
    EndReason.NOT_READY,
    EndReason.PROVIDER_FAILED,
    EndReason.NODE_LOST,
    EndReason.NODE_STOPPED,
    EndReason.JOB_EXPIRED,
    EndReason.FAILED,
}
"""Ends that the platform or its surroundings are to blame for; a busy phone is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing and how it is. `ok` None: nothing to judge."""

    name: str
    ok: bool | None
    told: str


def health(*, now: datetime | None = None) -> dict[str, Any]:
    """Shown: ``parts`` (database, Redis, queues, workers, calls), ``nodes``, ``failures``, ``vendors``,
    ``nights``, ``needs``."""
    now = now or timezone.now()
    parts: list[Part] = []
    asked: list[tuple[str, Callable[[], Iterator[Part]]]] = [
        ("Database", _database),
        ("Redis", _redis),
        ("Celery", _workers),
        ("Calls", lambda: _calls(now)),
        ("Webhooks", lambda: _webhooks(now)),
        ("Tenants", _tenants),
    ]
    for name, ask in asked:
        try:
            parts += ask()
        except (DatabaseError, RedisError, BrokerDown, OSError) as error:
            log.warning("health_part_failed", part=name, error=type(error).__name__)
            parts.append(Part(name, ok=False, told="cannot be reached"))
    return {
        "parts": parts,
        "nodes": _nodes(now),
        "failures": _failures(now),
        "vendors": _vendors(now),
        "nights": last_nights(now),
        "needs": needs(),
        "version": _version(),
    }


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """django-unfold's DASHBOARD_CALLBACK: the first page of the admin shows `health`."""
    found = health()
    nodes = [
        [n["name"], "yes" if n["alive"] else "NO", f"{n['active']} of {n['capacity']}",
         "yes" if n["draining"] else "", n["version"], n["silent"]]
        for n in found["nodes"]
    ]  # fmt: skip
    return context | {
        "title": "Platform health",
        "parts": found["parts"],
        "version": found["version"],
        "nodes": {
            "headers": ["Node", "Alive", "Calls", "Draining", "Version", "Last heartbeat"],
            "rows": nodes,
        },
        "failures": {
            "headers": ["Why", "Calls"],
            "rows": [[END_REASON_WORDS[EndReason(why)], count] for why, count in found["failures"]],
        },
        "vendors": {
            "headers": ["Vendor", "For", "Turns", "Tenants", "What it said last"],
            "rows": [list(row) for row in found["vendors"]],
        },
        "needs": {
            "headers": ["What", "Whose", "Since", "Why"],
            "rows": [
                [need.what, need.whose, _words(timezone.now() - need.since) if need.since else "", need.why]
                for need in found["needs"]
            ],
        },
        "nights": {
            "headers": ["Day", "Beside", "They tell", "Differences", "Problem"],
            "rows": [
                [str(night.day), night.beside, night.theirs, night.differences, night.problem]
                for night in found["nights"]
            ],
        },
    }


def _database() -> Iterator[Part]:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), count(*), "
            "pg_size_pretty(pg_database_size(current_database())) "
            "FROM pg_stat_activity WHERE datname = current_database()"
        )
        number, connections, size = cursor.fetchone()
    took = round((time.monotonic() - began) * 1000)
    yield Part("Database", ok=True, told=f"PostgreSQL {number}, {size}, {connections} connections, {took} ms")


def _redis() -> Iterator[Part]:
    with _client() as client:
        info: Any = client.info()
        yield Part(
            "Redis",
            ok=True,
            told=f"{info.get('server_name', 'redis')} "
            f"{info.get('valkey_version', info.get('redis_version'))}, {info.get('used_memory_human')}, "
            f"{info.get('connected_clients')} clients",
        )
        prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
        names = [str(queue.name) for queue in settings.CELERY_TASK_QUEUES]
        waiting = {name: int(client.llen(f"{prefix}{name}")) for name in names}
    told = ", ".join(f"{name} {count}" for name, count in waiting.items())
    yield Part("Queues", ok=max(waiting.values()) < 1000, told=f"waiting: {told}")


def _workers() -> Iterator[Part]:
    answers = celery.control.ping(timeout=ANSWER_WITHIN_S) or []
    names = sorted(name for answer in answers for name in answer)
    yield Part("Celery workers", ok=bool(names), told=", ".join(names) or "none answers")


def _calls(now: datetime) -> Iterator[Part]:
    with platform_scope():
        live = Call.objects.exclude(state=CallState.ENDED)
        states = dict(live.values_list("state").annotate(Count("pk")).order_by("state"))
        oldest = Call.objects.filter(state=CallState.QUEUED, dial_at__lt=now).order_by("queued_at").first()
    told = ", ".join(f"{state.replace('_', ' ')} {count}" for state, count in states.items())
    yield Part("Calls now", ok=None, told=told or "none")
    if oldest is None or oldest.queued_at is None:
        yield Part("Oldest queued call", ok=True, told="none waits")
        return
    waits = now - oldest.queued_at
    yield Part("Oldest queued call", ok=waits < timedelta(minutes=1), told=f"waits for {_words(waits)}")


def _webhooks(now: datetime) -> Iterator[Part]:
    """Bad when something is due and nothing was sent for a while: no worker is there."""
    with platform_scope():
        lately = DeliveryAttempt.objects.filter(pk__gte=first_id_at(now - timedelta(hours=1)))
        good = Q(status__gte=200, status__lt=300)
        sent = lately.aggregate(all=Count("pk"), good=Count("pk", filter=good), last=Max("at"))
        waiting = Delivery.objects.filter(state=DeliveryState.PENDING)
        count = waiting.count()
        due = waiting.filter(attempts=0, next_at__lte=now).aggregate(at=Min("next_at"))
        disabled = Endpoint.objects.filter(state=EndpointState.DISABLED).exclude(disabled_reason="").count()
    late = now - due["at"] if due["at"] else timedelta()
    silent = sent["last"] is None or now - sent["last"] > timedelta(minutes=1)
    told = f"{sent['good']} of {sent['all']} requests of the last hour were taken, {count} deliveries wait"
    if late:
        told += f", one that was never tried for {_words(late)}"
    yield Part(
        "Webhooks",
        ok=not (silent and late > timedelta(minutes=1)),
        told=f"{told}; {disabled} endpoints disabled for failing",
    )


def _tenants() -> Iterator[Part]:
    with platform_scope():
        tenants = Tenant.objects.count()
        suspended = Tenant.objects.filter(suspended_at__isnull=False, deleting_at=None).count()
        leaving = Tenant.objects.filter(deleting_at__isnull=False).count()
    yield Part("Tenants", ok=None, told=f"{tenants}, {suspended} of them suspended, {leaving} being deleted")


def _nodes(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "name": node.name,
            "alive": node.last_heartbeat_at is not None and now - node.last_heartbeat_at < LEASE,
            "active": node.active,
            "capacity": node.capacity,
            "draining": node.draining,
            "version": node.version,
            "silent": f"{_words(now - node.last_heartbeat_at)} ago" if node.last_heartbeat_at else "never",
        }
        for node in MediaNode.objects.order_by("name")
    ]


def _failures(now: datetime) -> list[tuple[str, int]]:
    """Calls of the last hour that ended badly, by reason, most first."""
    with platform_scope():
        # Ids are made from the time: only the newest rows are read.
        recent = Call.objects.filter(pk__gte=first_id_at(now - timedelta(hours=1)), end_reason__in=FAILURES)
        return list(recent.values_list("end_reason").annotate(n=Count("pk")).order_by("-n"))


def _vendors(now: datetime) -> list[tuple[str, str, int, int, str]]:
    """Vendors that turns of the last hour had to leave for the next one: vendor, kind, turns, tenants and the
    newest error; most first."""
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute(_PASSED_OVER, [first_id_at(now - timedelta(hours=1))])
        rows: list[tuple[str, str, int, int, str]] = cursor.fetchall()
    return [(label_of(vendor), kind, turns, tenants, said) for vendor, kind, turns, tenants, said in rows]


# Reads the few rows of an index (calls_turn_passed_over).
_PASSED_OVER = """
SELECT failed ->> 'vendor', failed ->> 'component', count(*), count(DISTINCT turn.tenant_id),
       (array_agg(failed ->> 'reason' ORDER BY turn.id DESC))[1]
  FROM calls_turn AS turn, jsonb_array_elements(turn.account -> 'passed_over') AS failed
 WHERE turn.id >= %s AND turn.passed_over
 GROUP BY 1, 2
 ORDER BY 3 DESC
"""


def _client() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=ANSWER_WITHIN_S,
        socket_connect_timeout=ANSWER_WITHIN_S,
        decode_responses=True,
    )


def _words(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def _version() -> str:
    try:
        return version("trunkline")
    except PackageNotFoundError:
        return "not installed as a package"
