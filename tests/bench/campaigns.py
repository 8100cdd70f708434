"""A million contacts in fifty time zones against a simulated phone network.

Real PostgreSQL and Valkey, real Celery workers and beat; the network stands behind the job stream
(`phone_network`). Measured: what a tick, and the whole beat with the turn that follows it, cost as contacts
grow from ten thousand to a million; calls begun a second with one worker process and with two, and the
processor time of the worker and of the database for each; on the trace whether a limit was ever exceeded or
anybody called twice. Beside the starts, in the same run, the floor: as many contacts taken with SKIP LOCKED,
and as many bare rows written, by nothing but SQL.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from tests.bench.database import database

ROOT = Path(__file__).resolve().parents[2]
SIZES = (10_000, 100_000, 1_000_000)
ZONES = 50
BEATS = 21
MEASURED, MEASURED_S = 3_000, 30.0
"""Calls that are counted, and for how long at least."""
UP_WITHIN_S = 180.0
"""For how long workers may take to come up before anything is measured."""
ROLLING = 300
"""Calls begun until it is."""
CORE_GOAL_MS = 5.0
"""200 calls a second on one core."""
MOST, RATE = 1_500, 1_000.0
STRICT_MOST, STRICT_RATE, STRICT_CALLS = 25, 10.0, 150
FLAT = 1.5
"""A beat at a million contacts takes at most so many times one at ten thousand."""

Figure = dict[str, Any]


@dataclass(frozen=True)
class Starts:
    """Calls begun a second, the worker's and the database's processor time for each (ms), and how often more
    calls were up than may be."""

    per_second: float
    worker_ms: float
    database_ms: float
    over: int


def run() -> list[Figure]:
    quiet = {"LOG_LEVEL": "ERROR", "PLATFORM_INBOUND_RESERVED": "0", "TENANT_MAX_CONCURRENT_CALLS": "100000"}
    with database(**quiet) as env:
        world = World()
        ticks, beats = [], []
        for size in SIZES:
            world.grow_to(size)
            tick_ms, beat_ms = world.beat_ms()
            ticks.append(tick_ms)
            beats.append(beat_ms)
            print(f"  {size} contacts: a tick takes {tick_ms:.1f} ms, a beat {beat_ms:.1f} ms", flush=True)
        floor = world.floor_per_second()
        one, two = (_starts(world, env, processes) for processes in (1, 2))
        strict = _strict(world, env)
        twice = world.called_twice()
    over, first = one.over + two.over + strict, f"{SIZES[0]} contacts"
    return [
        _figure("campaigns.tick_at_1m_ms", ticks[-1], "ms", "lower", ticks[0] * FLAT, first, ticks[0]),
        _figure("campaigns.beat_at_1m_ms", beats[-1], "ms", "lower", beats[0] * FLAT, first, beats[0]),
        _figure(
            "campaigns.starts_per_second_1", one.per_second, "calls/s", "higher", 200.0, "bare SQL", floor
        ),
        _figure(
            "campaigns.starts_per_second_2",
            two.per_second,
            "calls/s",
            "higher",
            200.0,
            "one process",
            one.per_second,
        ),
        _figure("campaigns.worker_cpu_ms", one.worker_ms, "ms/call", "lower", CORE_GOAL_MS, None, None),
        _figure("campaigns.database_cpu_ms", one.database_ms, "ms/call", "lower", None, None, None),
        _figure("campaigns.limits_exceeded", over, "times", "lower", 0, None, None),
        _figure("campaigns.called_twice", twice, "contacts", "lower", 0, None, None),
    ]


class World:
    """A tenant with a running campaign."""

    def __init__(self) -> None:
        from apps.agents.services import create_agent, publish
        from apps.campaigns.config import CampaignConfig
        from apps.campaigns.services import lifecycle
        from apps.numbers.services import assign_number
        from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
        from tenants.scope import tenant_scope
        from tenants.services import create_tenant

        self.tenant = create_tenant(name="Bench", slug="bench")
        with tenant_scope(self.tenant.pk):
            model = ScriptModel(nodes={"start": ScriptNode(say="Hello.")})
            agent = create_agent(name="Caller", config=AgentConfig(model=model))
            publish(agent=agent)
            agent.refresh_from_db()
            numbers = [assign_number(carrier="sandbox").public_id for _ in range(50)]
            self.config = {
                "hours": {
                    "windows": [{"days": list(DAYS), "start": "06:00", "end": "22:00"}],
                    "rules": [],
                    "skip_holidays": False,
                },
                "pacing": {"max_concurrent": MOST, "calls_per_second": RATE},
                "attempts": {"retries": {}},
                "callers": {"numbers": numbers, "strategy": "rotate", "daily_cap": 100_000},
                "auto_pause": {"max_failed": 1, "max_hung_up_early": 1, "max_trunk_trouble": 1},
                "stay_open": True,
            }
            config = CampaignConfig.model_validate(self.config)
            self.campaign = lifecycle.create_campaign(name="A million", agent=agent, config=config)
        self._size = 0

    def grow_to(self, size: int) -> None:
        """Contacts in fifty zones, about two thirds of them awake at any time."""
        from django.db import connection
        from django.utils import timezone

        from apps.campaigns.hours.windows import PlaceKey
        from apps.campaigns.services.places import place_for
        from tenants.scope import tenant_scope

        with tenant_scope(self.tenant.pk), connection.cursor() as cursor:
            zones = sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc"))
            step = len(zones) // ZONES
            places = place_for(self.campaign, [PlaceKey((zone,), "US") for zone in zones[::step][:ZONES]])
            ids = [place.pk for place in places.values()]
            now = timezone.now()
            cursor.execute(_CONTACTS, [self.tenant.pk, self.campaign.pk, ids, now, self._size, size - 1])
            cursor.execute(_COUNTED, [size, size, self.campaign.pk])
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE campaigns_contact")
        if not self._size:
            self.start()
        self._size = size

    def start(self) -> None:
        from apps.campaigns.models import CampaignState
        from tenants.scope import tenant_scope

        with tenant_scope(self.tenant.pk):
            from django.utils import timezone

            self.campaign.refresh_from_db()
            self.campaign.state = CampaignState.RUNNING
            self.campaign.started_at = self.campaign.resumed_at = timezone.now()
            self.campaign.save()

    def beat_ms(self) -> tuple[float, float]:
        """Of a tick, and of it with the turn that follows, ten calls begun in each: the faster quarter's
        slowest, since others may use the machine too."""
        from unittest import mock

        from django.utils import timezone

        from apps.campaigns.services.advance import advance
        from apps.campaigns.services.tick import tick

        self._pace(most=1_000, rate=5.0)
        ticks, beats = [], []
        with _node_lives() as live, mock.patch("celery.current_app.send_task"):
            for _ in range(BEATS):
                live()
                begin = time.perf_counter()
                busy = tick(now=timezone.now())
                ticked = time.perf_counter()
                started = sum(advance(*campaign, now=timezone.now()) for campaign in busy)
                if started:
                    ticks.append((ticked - begin) * 1000)
                    beats.append((time.perf_counter() - begin) * 1000)
                self._all_end()
        if len(beats) < BEATS // 2:
            raise RuntimeError("too few beats began calls")
        return sorted(ticks)[len(ticks) // 4], sorted(beats)[len(beats) // 4]

    def _pace(self, *, most: int, rate: float) -> None:
        from apps.campaigns.models import Campaign
        from tenants.scope import tenant_scope

        with tenant_scope(self.tenant.pk):
            pacing = {"max_concurrent": most, "calls_per_second": rate}
            config = self.config | {"pacing": pacing}
            Campaign.objects.filter(pk=self.campaign.pk).update(config=config)

    def _all_end(self) -> None:
        from django.db import connection

        from tenants.scope import tenant_scope

        with tenant_scope(self.tenant.pk), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE calls_call SET state = 'ended', ended_at = now(), end_reason = 'busy'"
                " WHERE state <> 'ended'"
            )

    def floor_per_second(self) -> float:
        """Contacts taken and bare rows written by SQL alone, fifty at a time, rolled back afterwards."""
        from django.db import connection, transaction

        from tenants.scope import tenant_scope

        rounds, batch = 40, 50
        with tenant_scope(self.tenant.pk), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE floor_call (id uuid PRIMARY KEY, e164 text) ON COMMIT DROP")
            begin = time.perf_counter()
            for _ in range(rounds):
                with transaction.atomic():
                    cursor.execute(_FLOOR, [self.campaign.pk, batch])
            took = time.perf_counter() - begin
            transaction.set_rollback(True)
        return rounds * batch / took

    def begun(self) -> int:
        from apps.campaigns.models import Attempt
        from tenants.scope import tenant_scope

        with tenant_scope(self.tenant.pk):
            return Attempt.objects.count()

    def calls_since(self, since: Any) -> list[Any]:
        """When each was written, ended and dialed. `queued_at` is of its turn's beginning: a call that ended
        before the decision was made would count as one that was still up."""
        from apps.calls.models import Call
        from tenants.scope import tenant_scope

        with tenant_scope(self.tenant.pk):
            rows = Call.objects.filter(queued_at__gt=since)
            return list(rows.values_list("created_at", "ended_at", "dialing_at"))

    def called_twice(self) -> int:
        from django.db import connection

        from tenants.scope import tenant_scope

        with tenant_scope(self.tenant.pk), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT to_number FROM calls_call WHERE dialing_at IS NOT NULL"
                " GROUP BY 1 HAVING count(*) > 1) AS twice"
            )
            return int(cursor.fetchone()[0])


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CONTACTS = """
INSERT INTO campaigns_contact (id, created_at, updated_at, tenant_id, campaign_id, place_id, e164,
       external_id, variables, state, next_at, set_aside)
SELECT gen_random_uuid(), now(), now(), %s, %s, (%s::uuid[])[1 + n %% 50],
       '+1' || (2022000000 + n), '', '{}', 'waiting', %s, ''
  FROM generate_series(%s, %s) AS n
"""
_COUNTED = "UPDATE campaigns_progress SET contacts = %s, waiting = %s - done - calling WHERE campaign_id = %s"
_FLOOR = """
WITH taken AS (
  SELECT id, e164 FROM campaigns_contact WHERE campaign_id = %s AND state = 'waiting'
   LIMIT %s FOR UPDATE SKIP LOCKED),
moved AS (
  UPDATE campaigns_contact SET state = 'calling', next_at = NULL WHERE id IN (SELECT id FROM taken))
INSERT INTO floor_call SELECT gen_random_uuid(), e164 FROM taken
"""


@contextlib.contextmanager
def _node_lives() -> Iterator[Callable[[], None]]:
    """A media node with many lines; what is given says that it lives as of now."""
    from django.utils import timezone

    from media_workers.contract.calls import Heartbeat
    from telephony.edge.services import ensure_node, new_token, record_heartbeat
    from tenants.scope import platform_scope

    told = Heartbeat(
        node="bench",
        boot_id=UUID(int=2),
        sip_address="127.0.0.1:5060",
        lines=1,
        capacity=20_000,
        active=0,
        calls=[],
    )
    with platform_scope():
        node = ensure_node("bench", new_token())

    def live() -> None:
        with platform_scope():
            record_heartbeat(node, told, now=timezone.now())

    yield live


@contextlib.contextmanager
def _running(env: dict[str, str], *, processes: int, claims: bool) -> Iterator[int]:
    """Celery's worker and beat, and the network; gives the worker's process id."""
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config.celery", "--quiet"]
    worker = [*celery, "worker", "-Q", "dial", "-c", str(processes), "--without-gossip", "--without-mingle"]
    beat = [
        *celery,
        "beat",
        "--schedule",
        str(Path(env["DATA_DIR"]) / f"beat-{processes}-{claims}"),
        "--pidfile",
        "",
    ]
    network = [sys.executable, "-m", "tests.bench.phone_network", *(["--claims"] if claims else [])]
    path = f"{ROOT}:{ROOT / 'platform'}"
    started = [
        subprocess.Popen(command, cwd=ROOT, env=env | {"PYTHONPATH": path})
        for command in (network, worker, beat)
    ]
    try:
        yield started[1].pid
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


def _starts(world: World, env: dict[str, str], processes: int) -> Starts:
    """Calls begun by so many worker processes."""
    from django.utils import timezone

    since = timezone.now()
    world._pace(most=MOST, rate=RATE)
    with _running(env, processes=processes, claims=False) as worker:
        _up(world)
        before, begin = world.begun(), time.perf_counter()
        used = _cpu_s(worker), _database_cpu_s()
        _begin_more(world, before + MEASURED, begin + MEASURED_S)
        begun, took = world.begun() - before, time.perf_counter() - begin
        worker_s, database_s = _cpu_s(worker) - used[0], _database_cpu_s() - used[1]
    world._all_end()
    starts = Starts(
        begun / took,
        1000 * worker_s / max(1, begun),
        1000 * database_s / max(1, begun),
        _over_at_once(world.calls_since(since), MOST),
    )
    print(
        f"  {processes} worker process(es): {starts.per_second:.0f} calls begun a second; for each"
        f" {starts.worker_ms:.2f} ms of the workers' processors, {starts.database_ms:.2f} of PostgreSQL's",
        flush=True,
    )
    return starts


def _up(world: World) -> None:
    """Waits until calls are begun. Python takes long to start on a machine that others use."""
    until, before = time.monotonic() + UP_WITHIN_S, world.begun()
    while world.begun() < before + ROLLING:
        if time.monotonic() > until:
            raise RuntimeError("no worker came up")
        time.sleep(0.5)


def _begin_more(world: World, calls: int, until: float) -> None:
    """Until so many are begun, and at least until then: a slow machine begins a batch now and then."""
    latest = time.perf_counter() + UP_WITHIN_S
    while (world.begun() < calls or time.perf_counter() < until) and time.perf_counter() < latest:
        time.sleep(0.5)


def _cpu_s(pid: int) -> float:
    """Of a process, its children, and theirs: user's and system's."""
    ticks = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(") ", 1)[1].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _database_cpu_s() -> float:
    """Of the PostgreSQL that this benchmark started."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    return _cpu_s(_parent(backend))


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[1])


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                children.setdefault(_parent(int(entry.name)), []).append(int(entry.name))
    family = [pid]
    for one in family:
        family += children.get(one, [])
    return family


def _strict(world: World, env: dict[str, str]) -> int:
    """How often a limit was exceeded of calls that lines claimed: at once, in a second, in the hours."""
    from django.utils import timezone

    from apps.campaigns.models import Attempt
    from tenants.scope import tenant_scope

    begin = timezone.now()
    world._pace(most=STRICT_MOST, rate=STRICT_RATE)
    with _running(env, processes=2, claims=True):
        _until_dialed(world, begin, STRICT_CALLS)
    world._all_end()
    calls = world.calls_since(begin)
    with tenant_scope(world.tenant.pk):
        zones = list(
            Attempt.objects.filter(decided_at__gt=begin).values_list("contact__place__zones", "decided_at")
        )
    dialed = sum(at is not None for _, _, at in calls)
    print(f"  {dialed} calls claimed one by one", flush=True)
    return _over_at_once(calls, STRICT_MOST) + _over_in_a_second(calls) + _out_of_hours(zones)


def _until_dialed(world: World, since: Any, calls: int) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while sum(at is not None for _, _, at in world.calls_since(since)) < calls:
        if time.monotonic() > until:
            raise RuntimeError(f"fewer than {calls} calls were dialed")
        time.sleep(1)


def _over_at_once(calls: list[Any], most: int) -> int:
    moves = sorted([(begin, 1) for begin, _, _ in calls] + [(end, -1) for _, end, _ in calls])
    live = over = 0
    for _, step in moves:
        live += step
        over += live > most
    return over


def _over_in_a_second(calls: list[Any]) -> int:
    dialed = sorted(at for _, _, at in calls if at is not None)
    pairs = zip(dialed, dialed[int(STRICT_RATE) :], strict=False)
    return sum((later - first).total_seconds() < 1 for first, later in pairs)


def _out_of_hours(zones: list[Any]) -> int:
    from zoneinfo import ZoneInfo

    return sum(not 6 <= at.astimezone(ZoneInfo(zone)).hour < 22 for (zone,), at in zones)


def _figure(
    name: str,
    value: float,
    unit: str,
    better: str,
    goal: float | None,
    peer: str | None,
    theirs: float | None,
) -> Figure:
    ratio = value / theirs if theirs else None
    figure = {"name": name, "value": value, "unit": unit, "better": better, "goal": goal}
    return figure | {"peer": peer, "peer_value": theirs, "ratio": ratio}
