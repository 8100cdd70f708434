"""How fast the REST API answers with a million calls of 200 tenants: the list of calls, and one call's page.

One uvicorn, asked over HTTP by one client after the other. Beside each request the bare query for the
same rows through psycopg, under the same row security, fetched and thrown away: the floor on this
machine at this moment. The list is asked in every way that the dashboard asks, of the largest tenant,
the smallest and some between.
"""

from __future__ import annotations

import calendar
import contextlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from tests.bench import call_data
from tests.bench.rtp_prober import percentile
from tests.bench.web import manage, serving_web

ROUNDS = 12
GOAL_MS = 50.0
FLOOR = "bare psycopg query for the same rows, same run"
CLOCK_MS = 60_000
"""A row's id and its time of creation are at most this far apart."""
TENANTS = (1, 2, 10, 50, 100, 200)
"""Which of the tenants ask; 1 is the largest."""

Figure = dict[str, Any]
Query = tuple[str, dict[str, Any]]
"""A condition in SQL beside the tenant's, and its values."""

_LIST = """
SELECT * FROM calls_call AS call
  LEFT JOIN (SELECT id, call_id, storage_key, duration_ms, size_bytes, sha256 FROM calls_recording) AS rec
         ON rec.call_id = call.id
  LEFT JOIN (SELECT id, name FROM agents_agent) AS agent ON agent.id = call.agent_id
 WHERE call.tenant_id = %(tenant)s AND {condition}
 ORDER BY call.id DESC LIMIT 51
"""
_WITH_DIGITS = """
call.id IN (SELECT id FROM (SELECT id, from_number, to_number FROM calls_call
                             WHERE tenant_id = %(tenant)s ORDER BY id DESC LIMIT 50000) AS newest
             WHERE from_number LIKE %(part)s OR to_number LIKE %(part)s LIMIT 1000)
"""
"""The same search as ours: among the newest calls."""
_PAGE = (
    "SELECT * FROM calls_call WHERE tenant_id = %(tenant)s AND id = %(call)s",
    "SELECT * FROM calls_turn WHERE tenant_id = %(tenant)s AND call_id = %(call)s ORDER BY index, seq",
    (
        "SELECT * FROM calls_callevent WHERE tenant_id = %(tenant)s AND call_id = %(call)s"
        " ORDER BY seq LIMIT 201"
    ),
)


class Api:
    """A running API and a connection to its database."""

    def __init__(self, base_url: str, database: psycopg.Connection, keys: dict[int, str]) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=60, trust_env=False)
        self.database = database
        self.keys = keys

    def get(self, tenant: int, path: str, **query: Any) -> tuple[float, Any]:
        """How long the answer took, in ms, and what it was."""
        begin = time.perf_counter()
        answer = self.http.get(path, params=query, headers={"Authorization": f"Bearer {self.keys[tenant]}"})
        took = (time.perf_counter() - begin) * 1000
        answer.raise_for_status()
        return took, answer.json()

    def bare(self, tenant: int, statements: list[str], **values: Any) -> float:
        """How long the same takes without us, in ms: one transaction with the tenant set."""
        tenant_id = self.tenant_id(tenant)
        begin = time.perf_counter()
        with self.database.transaction():
            self.database.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant_id)])
            for statement in statements:
                self.database.execute(statement, {"tenant": tenant_id} | values).fetchall()
        return (time.perf_counter() - begin) * 1000

    def tenant_id(self, tenant: int) -> Any:
        with self.database.transaction():
            self.database.execute("SELECT set_config('app.platform', 'on', true)")
            row = self.database.execute("SELECT id FROM tenants_tenant WHERE slug = %s", [f"tenant-{tenant}"])
            return row.fetchone()[0]  # type: ignore[index]


def run() -> list[Figure]:
    with serving() as api:
        api.get(1, "/api/v1/calls")  # the first request loads what it needs
        lists, pages = list_times(api), page_times(api)
    return [
        _figure("api.calls_list_p99_ms", lists, GOAL_MS),
        _figure("api.call_page_p99_ms", pages, None),
    ]


def list_times(api: Api) -> list[tuple[float, float]]:
    """For each request its time and that of the bare query, in ms."""
    rng = random.Random(1)
    times: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        for tenant in TENANTS:
            for asked, (condition, values) in _questions(api, tenant, rng):
                took, _ = api.get(tenant, "/api/v1/calls", **asked)
                times.append((took, api.bare(tenant, [_LIST.format(condition=condition)], **values)))
                if os.environ.get("BENCH_VERBOSE"):
                    print(f"{tenant:4} {took:8.1f} {times[-1][1]:8.1f} {asked}")
    return times


def _questions(api: Api, tenant: int, rng: random.Random) -> Iterator[tuple[dict[str, Any], Query]]:
    """The ways in which the dashboard asks, each with the same in SQL."""
    _, first = api.get(tenant, "/api/v1/calls", limit=20)
    calls = first["results"]
    agent = rng.choice(calls)["agent"]
    number = rng.choice(calls)["to_number"]
    digits = f"{rng.randrange(10_000):04}"
    day = rng.randrange(5, 80)
    span = {"after": _ago(day), "before": _ago(day - 2)}
    # The peer reads by the best plan there is: the ids hold the time, and an index is in their order.
    within = "call.id >= %(first)s AND call.id < %(last)s AND CASE WHEN {} THEN true ELSE false END"
    ids = {"first": _first_id(span["after"], -CLOCK_MS), "last": _first_id(span["before"], CLOCK_MS)}
    in_span = "call.created_at >= %(after)s AND call.created_at < %(before)s"
    yield {}, ("true", {})
    yield {"cursor": first["next_cursor"]}, ("call.id < %(last)s", {"last": _uuid(calls[-1]["id"])})
    yield {"end_reason": "provider_failed"}, ("end_reason = 'provider_failed'", {})
    yield {"end_reason": "node_lost"}, ("end_reason = 'node_lost'", {})
    yield {"direction": "outbound"}, ("direction = 'outbound'", {})
    yield {"live": "true"}, ("NOT (state = 'ended')", {})
    yield {"agent": agent}, ("agent_id = %(agent)s", {"agent": _uuid(agent)})
    yield {"to_number": number}, ("to_number = %(number)s", {"number": number})
    yield (
        {"created_after": span["after"], "created_before": span["before"]},
        (within.format(in_span), span | ids),
    )
    yield (
        {"created_after": span["after"], "created_before": span["before"], "end_reason": "no_answer"},
        (within.format(in_span) + " AND end_reason = 'no_answer'", span | ids),
    )
    yield {"min_duration_ms": 244_000}, ("call.duration_ms >= 244000", {})
    yield {"q": digits}, (_WITH_DIGITS, {"part": f"%{digits}%"})
    yield {"q": "night"}, ("agent.name ILIKE 'night%%'", {})


def page_times(api: Api) -> list[tuple[float, float]]:
    """Pages of calls with all they have: the call, then its events."""
    rng = random.Random(2)
    times: list[tuple[float, float]] = []
    for tenant in TENANTS:
        for public_id in rng.choices(_detailed(api, tenant), k=ROUNDS * 8):
            first, _ = api.get(tenant, f"/api/v1/calls/{public_id}")
            second, events = api.get(tenant, f"/api/v1/calls/{public_id}/events")
            assert len(events["results"]) == call_data.EVENTS
            times.append((first + second, api.bare(tenant, list(_PAGE), call=_uuid(public_id))))
    return times


def _detailed(api: Api, tenant: int) -> list[str]:
    """Calls that have events."""
    tenant_id = api.tenant_id(tenant)
    with api.database.transaction():
        api.database.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant_id)])
        rows = api.database.execute(
            "SELECT DISTINCT call_id FROM calls_callevent WHERE tenant_id = %s LIMIT 200", [tenant_id]
        ).fetchall()
    return [f"call_{row[0].hex}" for row in rows]


@contextlib.contextmanager
def serving() -> Iterator[Api]:
    """The data, and a web process that shows them. BENCH_DATA names a folder to keep the data in."""
    keys: dict[int, str] = {}

    def prepare(folder: Path, env: dict[str, str]) -> None:
        keys.update(_prepare(folder, env))

    with (
        serving_web(prepare, kept=os.environ.get("BENCH_DATA", ""), durable=False) as web,
        psycopg.connect(web.env["DATABASE_URL"], autocommit=True) as database,
    ):
        yield Api(web.url, database, keys)


def _prepare(folder: Path, env: dict[str, str]) -> dict[int, str]:
    """Tables, rows, and an API key for each tenant that asks."""
    done = folder / "filled"
    if not done.exists():
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "shell", "--no-imports", "-c", call_data.TENANTS_CODE)
        begin = time.monotonic()
        call_data.fill(env["DATABASE_URL"])
        print(f"{call_data.CALLS} calls made in {time.monotonic() - begin:.0f} s", flush=True)
        done.touch()
    code = (
        "from tenants.models import Tenant\n"
        "from tenants.scope import platform_scope\n"
        "from tenants.services import create_api_key\n"
        f"for n in {TENANTS}:\n"
        "    with platform_scope():\n"
        "        tenant = Tenant.objects.get(slug=f'tenant-{n}')\n"
        "    print(n, create_api_key(tenant=tenant, name='bench', scopes=['calls.read'])[1])\n"
    )
    lines = [line.split() for line in manage(env, "shell", "--no-imports", "-c", code).splitlines()]
    return {int(line[0]): line[1] for line in lines if len(line) == 2 and line[1].startswith("tl_")}


def _figure(name: str, times: list[tuple[float, float]], goal: float | None) -> Figure:
    ours, bare = (percentile([pair[n] for pair in times], 0.99) for n in (0, 1))
    return {
        "name": name,
        "value": round(ours, 2),
        "unit": "ms",
        "better": "lower",
        "goal": goal,
        "peer": FLOOR,
        "peer_value": round(bare, 2),
        "ratio": round(ours / bare, 2),
    }


def _uuid(public_id: str) -> str:
    return public_id.partition("_")[2]


def _first_id(time_text: str, plus_ms: int) -> UUID:
    """The lowest id that a row of that time can have (UUIDv7)."""
    seconds = calendar.timegm(time.strptime(time_text, "%Y-%m-%dT%H:%M:%SZ"))
    return UUID(int=(seconds * 1000 + plus_ms) << 80)


def _ago(days: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86_400))
