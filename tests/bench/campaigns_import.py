"""A file of a million telephone numbers, from the choice of its columns to contacts that wait.

A Celery worker process reads and imports it as always; real PostgreSQL and Valkey. Measured: the time of
both, and the most memory that the worker ever had beyond what it has with a file of ten rows. Beside it, in
the same run, the floor: the same rows through `csv.reader` and COPY into a table with the same indexes.
"""

from __future__ import annotations

import contextlib
import csv
import io
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.database import database

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1_000_000
GOAL_S = 60.0
GOAL_MB = 400.0
DEADLINE_S = 900.0
COLUMNS = ("Phone", "First name", "Last name", "City", "Customer id")
MAPPING = {
    "number": "Phone",
    "external_id": "Customer id",
    "variables": {"first_name": "First name", "last_name": "Last name", "city": "City"},
}

Figure = dict[str, Any]


def run() -> list[Figure]:
    with database(LOG_LEVEL="ERROR") as env:
        data = _file(ROWS)
        with _worker(env) as worker:
            _import(_file(10))
            before = _most_mb(worker)
            reading, committing = _import(data)
            grown = _most_mb(worker) - before
        floor = _floor_s(data)
    print(f"  read in {reading:.1f} s, imported in {committing:.1f} s, {grown:.0f} MB more", flush=True)
    return [
        _figure("import_1m_s", reading + committing, "s", GOAL_S, "csv.reader and COPY", floor),
        _figure("import_1m_memory_mb", grown, "MB", GOAL_MB, None, None),
    ]


def _file(rows: int) -> bytes:
    """Distinct numbers all over the United States, as three kinds of programs write them."""
    rng, text, seen = random.Random(rows), io.StringIO(), set[int]()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    areas = _areas()
    while len(seen) < rows:
        area, last = rng.choice(areas), rng.randint(2_000_000, 9_999_999)
        if (n := area * 10_000_000 + last) in seen:
            continue
        seen.add(n)
        i = len(seen)
        form = ("+1{0}{1:07}", "({0}) {2:03}-{3:04}", "1-{0}-{2:03}-{3:04}")[i % 3]
        phone = form.format(area, last, *divmod(last, 10_000))
        table.writerow((phone, f"First{i % 1000}", f"Last{i % 5000}", f"City {i % 300}", i))
    return text.getvalue().encode()


def _areas() -> list[int]:
    """Of the fifty states, as libphonenumber has them, and whole in use."""
    from apps.campaigns.hours.regions import UNITED_STATES
    from apps.campaigns.importing.numbers import number_of

    def is_ours(area: int) -> bool:
        found = [number_of(f"+1{area}{digit}551234", "US") for digit in range(2, 10)]
        return all(n.region in UNITED_STATES.values() and not n.undialable for n in found)

    return [area for area in range(200, 1000) if is_ours(area)]


def _import(data: bytes) -> tuple[float, float]:
    """Seconds until the worker has read the file, and from then until it has imported it."""
    from django.core.files.base import ContentFile

    from apps.campaigns.models import Import, ImportKind, ImportState
    from apps.campaigns.services import uploads
    from tenants.scope import tenant_scope

    tenant, campaign = _campaign()

    def until(row: Import, state: ImportState) -> float:
        begin = time.perf_counter()
        while time.perf_counter() - begin < DEADLINE_S:
            with tenant_scope(tenant.pk):
                row.refresh_from_db()
            if row.state == state:
                return time.perf_counter() - begin
            if row.state == ImportState.FAILED:
                raise RuntimeError(row.problem)
            time.sleep(0.05)
        raise RuntimeError(f"the import is still {row.state}")

    with tenant_scope(tenant.pk):
        file = ContentFile(data, name="contacts.csv")
        row = uploads.take_file(file=file, name=file.name, kind=ImportKind.CONTACTS, campaign=campaign)
        uploads.map_columns(row=row, mapping=MAPPING)
    reading = until(row, ImportState.READY)
    with tenant_scope(tenant.pk):
        uploads.commit_import(row=row)
    committing = until(row, ImportState.DONE)
    lines = data.count(b"\n") - 1
    if row.summary["imported"] != {"waiting": lines}:
        raise RuntimeError(f"{lines} rows became {row.summary['imported']}")
    return reading, committing


def _campaign() -> tuple[Any, Any]:
    from apps.agents.services import create_agent
    from apps.campaigns.services.lifecycle import create_campaign
    from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
    from tenants.ids import new_id
    from tenants.scope import tenant_scope
    from tenants.services import create_tenant

    tenant = create_tenant(name="Bench", slug=f"bench-{new_id().hex}")
    with tenant_scope(tenant.pk):
        model = ScriptModel(nodes={"start": ScriptNode(say="Hello.")})
        agent = create_agent(name="Caller", config=AgentConfig(model=model))
        return tenant, create_campaign(name="A million", agent=agent)


@contextlib.contextmanager
def _worker(env: dict[str, str]) -> Iterator[int]:
    """Celery's worker with one process; gives its parent's id."""
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config.celery", "--quiet", "worker"]
    path = f"{ROOT}:{ROOT / 'platform'}"
    process = subprocess.Popen(
        [*command, "-c", "1", "--without-gossip", "--without-mingle"],
        cwd=ROOT,
        env=env | {"PYTHONPATH": path},
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _most_mb(parent: int) -> float:
    """The most memory that the process of `parent` ever had."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    kilobytes = [
        int(line.split()[1])
        for child in children
        for line in Path(f"/proc/{child}/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    ]
    return max(kilobytes) / 1024


def _floor_s(data: bytes) -> float:
    """The same rows with nothing looked up or judged, in a table with the same indexes."""
    from django.db import connection, transaction

    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("CREATE TABLE floor (LIKE campaigns_contact INCLUDING ALL)")
        cursor.execute(
            "CREATE TEMPORARY TABLE floor_rows (phone text, first text, last text, city text, external text)"
        )
        begin = time.perf_counter()
        with cursor.copy("COPY floor_rows FROM STDIN") as copy:
            rows = csv.reader(io.StringIO(data.decode()))
            next(rows)
            for row in rows:
                copy.write_row(row)
        cursor.execute(_FLOOR)
        took = time.perf_counter() - begin
        transaction.set_rollback(True)
    return took


_FLOOR = """
INSERT INTO floor (id, created_at, updated_at, tenant_id, campaign_id, place_id, e164, external_id, variables,
                   state, next_at)
SELECT gen_random_uuid(), now(), now(), one.id, one.id, one.id,
       '+1' || right(regexp_replace(phone, '[^0-9]', '', 'g'), 10), external,
       jsonb_build_object('first_name', first, 'last_name', last, 'city', city), 'waiting', now()
  FROM floor_rows, (SELECT gen_random_uuid() AS id) AS one
"""


def _figure(
    name: str, value: float, unit: str, goal: float, peer: str | None, peer_value: float | None
) -> Figure:
    return {
        "name": f"campaigns_import.{name}",
        "value": value,
        "unit": unit,
        "better": "lower",
        "goal": goal,
        "peer": peer,
        "peer_value": peer_value,
        "ratio": value / peer_value if peer_value else None,
    }
