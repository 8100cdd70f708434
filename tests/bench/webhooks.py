"""Webhooks: how long after a call's end the first request is there, and how many a worker delivers.

Real PostgreSQL and Valkey, a real Celery worker for the queue `webhooks` and beat, a receiver in a process of
its own. Measured from before the commit of the call's end to the arrival at the receiver, at a rate of calls
that a busy tenant has; then deliveries a second of one worker with a backlog of ten tenants, while one
receiver hangs. Beside that, in the same run, the floor: a bare loop of httpx with as many requests at once to
the same receiver, which signs nothing, keeps nothing and asks nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.bench.database import database

ROOT = Path(__file__).resolve().parents[2]
CALLS, PER_SECOND = 400, 20.0
TENANTS, ENDPOINTS, EVENTS = 10, 2, 250
HANGING = 50
AT_ONCE = TENANTS * ENDPOINTS * 4
FLOOR_REQUESTS = 3_000
FIRST_GOAL_MS = 300.0
UP_WITHIN_S = 120.0

Figure = dict[str, Any]


def run() -> list[Figure]:
    with database(LOG_LEVEL="ERROR", WEBHOOKS_ALLOW_PRIVATE_ADDRESSES="1") as env:
        from config.local.ports import free_port

        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with _running(env, port), httpx.Client(base_url=url, trust_env=False, timeout=10) as sink:
            _up(sink)
            world = World(url)
            firsts = sorted(world.first_after_end(sink))
            per_second = world.deliveries_per_second(sink)
        with _sink(env, port):
            _answers(httpx.Client(base_url=url, trust_env=False), UP_WITHIN_S)
            floor = asyncio.run(_floor(url))
    p50, p99 = (firsts[int(len(firsts) * q)] for q in (0.5, 0.99))
    print(
        f"  call's end to the first webhook: p50 {p50:.0f} ms, p99 {p99:.0f} ms;"
        f" {per_second:.0f} deliveries a second, bare httpx {floor:.0f}",
        flush=True,
    )
    return [
        _figure("webhooks.first_p50_ms", p50, "ms", "lower", None, None, None),
        _figure("webhooks.first_p99_ms", p99, "ms", "lower", FIRST_GOAL_MS, None, None),
        _figure(
            "webhooks.deliveries_per_second", per_second, "deliveries/s", "higher", None, "bare httpx", floor
        ),
    ]


class World:
    """Tenants with endpoints at the receiver."""

    def __init__(self, url: str) -> None:
        from apps.webhooks.services import endpoints
        from telephony.edge.services import ensure_node, new_token
        from tenants.scope import platform_scope, tenant_scope
        from tenants.services import create_tenant

        with platform_scope():
            self.node = ensure_node("bench", new_token())
        self.tenants = [create_tenant(name=f"Bench {n}", slug=f"bench-{n}") for n in range(TENANTS)]
        for tenant in self.tenants:
            with tenant_scope(tenant.pk):
                endpoints.create(url=f"{url}/calls", event_types=["call.ended"])
                for n in range(ENDPOINTS):
                    endpoints.create(url=f"{url}/backlog/{n}", event_types=["webhook.test"])
        with tenant_scope(self.tenants[0].pk):
            endpoints.create(url=f"{url}/hang", event_types=["webhook.test"])

    def first_after_end(self, sink: httpx.Client) -> list[float]:
        """Milliseconds, of each call."""
        ended: dict[str, float] = {}
        begin = time.perf_counter()
        for n in range(CALLS):
            time.sleep(max(0.0, begin + n / PER_SECOND - time.perf_counter()))
            key, at = self._call_ends(self.tenants[n % TENANTS].pk)
            ended[key] = at
        until = time.monotonic() + 60
        while (told := sink.get("/report").json())["received"] < CALLS:
            if time.monotonic() > until:
                raise RuntimeError(f"of {CALLS} calls {told['received']} were told of")
            time.sleep(0.2)
        sink.delete("/")
        return [(told["keys"][key] - at) * 1000 for key, at in ended.items()]

    def _call_ends(self, tenant_id: Any) -> tuple[str, float]:
        from django.utils import timezone

        from apps.calls.models import Call
        from apps.calls.services.finish_call import finish_call
        from media_workers.contract.events import Ended, EndReason
        from tenants.scope import tenant_scope

        now = timezone.now()
        with tenant_scope(tenant_id):
            call = Call.objects.create(
                direction="inbound",
                state="in_progress",
                from_number="+12025550186",
                to_number="+12025550100",
                answered_at=now,
                node=self.node,
            )
        with tenant_scope(tenant_id):
            locked = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
            end = Ended(reason=EndReason.CALLER_HUNG_UP, duration_ms=60_000)
            finish_call(locked, end, at=timezone.now())
            at = time.time()
        return call.public_id, at

    def deliveries_per_second(self, sink: httpx.Client) -> float:
        """Of a backlog; some of it is for the receiver that hangs."""
        from celery import current_app
        from django.utils import timezone

        from apps.webhooks.services import Telling, publish_many
        from apps.webhooks.telling import WebhookTested
        from tenants.ids import new_id, to_public
        from tenants.scope import tenant_scope

        data = WebhookTested(endpoint=to_public("whe_", new_id()), words="A message of a usual length. " * 10)
        for tenant in self.tenants:
            with tenant_scope(tenant.pk):
                keys = [to_public("whe_", new_id()) for _ in range(EVENTS)]
                publish_many([Telling("webhook.test", data, key, timezone.now()) for key in keys])
        current_app.send_task("webhooks.deliver")
        wanted, until = TENANTS * ENDPOINTS * EVENTS, time.monotonic() + 120
        while (told := sink.get("/report").json())["received"] < wanted:
            if time.monotonic() > until:
                raise RuntimeError(f"of {wanted} deliveries {told['received']} came")
            time.sleep(0.5)
        return float(wanted / (told["last"] - told["first"]))


async def _floor(url: str) -> float:
    """Requests a second of nothing but httpx."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    body, left = b'{"words":"' + b"A message of a usual length. " * 10 + b'"}', iter(range(FLOOR_REQUESTS))
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def one_after_the_other() -> None:
            for _ in left:
                await client.post(f"{url}/floor", content=body)

        begin = time.perf_counter()
        await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
        return FLOOR_REQUESTS / (time.perf_counter() - begin)


@contextlib.contextmanager
def _running(env: dict[str, str], port: int) -> Iterator[None]:
    """The receiver, one worker and beat."""
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config.celery", "--quiet"]
    worker = [*celery, "worker", "-Q", "webhooks", "--pool", "threads", "-c", "4"]
    schedule = str(Path(env["DATA_DIR"]) / "webhooks-beat")
    beat = [*celery, "beat", "--schedule", schedule, "--pidfile", ""]
    worker += ["--without-gossip", "--without-mingle"]
    with _sink(env, port), _process(worker, env), _process(beat, env):
        yield


@contextlib.contextmanager
def _sink(env: dict[str, str], port: int) -> Iterator[None]:
    with _process([sys.executable, "-m", "tests.bench.webhook_sink", str(port)], env):
        yield


@contextlib.contextmanager
def _process(command: list[str], env: dict[str, str]) -> Iterator[None]:
    path = f"{ROOT}:{ROOT / 'platform'}"
    process = subprocess.Popen(command, cwd=ROOT, env=env | {"PYTHONPATH": path})
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


def _up(sink: httpx.Client) -> None:
    """The receiver answers, and the worker has taken what beat asked for."""
    from celery import current_app

    until = time.monotonic() + UP_WITHIN_S
    _answers(sink, UP_WITHIN_S)
    while not current_app.control.ping(timeout=1.0):
        if time.monotonic() > until:
            raise RuntimeError("no worker came up")


def _answers(sink: httpx.Client, within_s: float) -> None:
    until = time.monotonic() + within_s
    while True:
        try:
            sink.get("/report")
            return
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _figure(
    name: str, value: float, unit: str, better: str, goal: float | None, peer: str | None, floor: float | None
) -> Figure:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "better": better,
        "goal": goal,
        "peer": peer,
        "peer_value": floor,
        "ratio": value / floor if floor else None,
    }
