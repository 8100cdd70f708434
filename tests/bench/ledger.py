"""The ledger: postings a second on one wallet and on many, calls settled a second, and reading at ten million
entries.

In one process with Django and four connections, against a PostgreSQL of its own that does not wait for the
disk (what is measured is the locking and the work, not the disk). Beside postings stands the floor: bare
transactions over the same connections that lock a row, change it and add another row. Beside the balance
stands what it would take without a running balance: the sum of the tenant's postings. Half of the ten million
entries are one tenant's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from uuid import UUID

from tests.bench.database import database
from tests.bench.rtp_prober import percentile

THREADS = 4
WALLETS = 200
SECONDS = 5.0
ENTRIES = 10_000_000
OF_ONE = ENTRIES // 2
READS = 2_000
SUMS = 5
BALANCE_GOAL_MS, PAGE_GOAL_MS = 5.0, 50.0
RICH = 10**12

Figure = dict[str, Any]
_number = count()

_ENTRIES = """
INSERT INTO billing_entry (id, tenant_id, created_at, updated_at, kind, why, reference, subject)
SELECT bench_id(n), (%s::uuid[])[CASE WHEN n %% 2 = 0 THEN 1 ELSE 2 + n / 2 %% %s END], now(), now(), 'call',
       'Call', 'bench:' || n, ''
  FROM generate_series(1, %s) AS n
"""
_POSTINGS = """
INSERT INTO billing_posting (
  id, tenant_id, entry_id, created_at, updated_at, account, amount_micros, balance_after_micros)
SELECT gen_random_uuid(), e.tenant_id, e.id, e.created_at, e.created_at, p.account, p.amount, p.balance
  FROM billing_entry e,
       (VALUES ('wallet', -1, 1000000), ('calls', 1, NULL)) AS p (account, amount, balance)
 WHERE reference LIKE 'bench:%%'
"""
_BENCH_ID = """
CREATE FUNCTION bench_id(n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
$$ SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid $$
"""
_SUM = "SELECT sum(amount_micros) FROM billing_posting WHERE tenant_id = %s AND account = 'wallet'"


def run() -> list[Figure]:
    with database(LOG_LEVEL="ERROR"):
        tenants = _tenants()
        one, many = _entries_per_second(tenants[:1]), _entries_per_second(tenants)
        settled = _settlements_per_second(tenants)
        floor_one, floor_many = _floor(tenants[:1]), _floor(tenants)
        _fill(tenants)
        late = _entries_per_second(tenants)
        balance, page, summed = _reads(tenants[0])
    return [
        _rate("postings_one_wallet", 2 * one, "postings", floor_one),
        _rate("postings_many_wallets", 2 * many, "postings", floor_many),
        _rate("postings_many_wallets_at_10m", 2 * late, "postings", floor_many),
        _rate("settlements_many_wallets", settled, "calls", floor_many),
        _took("balance_at_10m_p99_ms", percentile(balance, 0.99), BALANCE_GOAL_MS, summed),
        _took("entries_page_at_10m_p99_ms", percentile(page, 0.99), PAGE_GOAL_MS, None),
    ]


def _rate(name: str, value: float, of: str, floor: float) -> Figure:
    return {
        "name": f"ledger.{name}_per_second",
        "value": value,
        "unit": f"{of}/s",
        "better": "higher",
        "goal": None,
        "peer": "bare transactions of a row changed and a row added, same run",
        "peer_value": floor,
        "ratio": value / floor,
    }


def _took(name: str, value: float, goal: float, peer_value: float | None) -> Figure:
    return {
        "name": f"ledger.{name}",
        "value": value,
        "unit": "ms",
        "better": "lower",
        "goal": goal,
        "peer": None if peer_value is None else "sum over the tenant's postings, same run",
        "peer_value": peer_value,
        "ratio": None if peer_value is None else value / peer_value,
    }


def _tenants() -> list[UUID]:
    """The first is the one with half of the entries."""
    from apps.billing.services import credit
    from tenants.services import create_tenant

    tenants = [create_tenant(name=f"Bench {n}", slug=f"bench-{n}") for n in range(WALLETS)]
    for tenant in tenants:
        credit(tenant=tenant, amount_micros=RICH, why="Bench")
    return [tenant.pk for tenant in tenants]


def _entries_per_second(tenants: list[UUID]) -> float:
    from apps.billing.models import AccountKind, EntryKind
    from apps.billing.services import charge
    from tenants.scope import tenant_scope

    def one(number: int) -> None:
        tenant_id = tenants[number % len(tenants)]
        with tenant_scope(tenant_id):
            charge(
                tenant_id=tenant_id,
                reference=f"charge:{number}",
                kind=EntryKind.CALL,
                account=AccountKind.CALLS,
                amount_micros=1,
                why="Bench",
            )

    return _per_second(one)


def _settlements_per_second(tenants: list[UUID]) -> float:
    """Of calls that hold money since they began: the hold, and the settlement with four lines."""
    from apps.billing.services import hold_many, settle
    from apps.billing.values import HoldRequest, Line
    from tenants.ids import new_id
    from tenants.scope import tenant_scope

    request = HoldRequest(per_minute_micros=60_000, first_ms=120_000, most_ms=600_000)
    components = ("platform", "telephony", "stt", "llm")
    lines = [Line(component, "Bench", 60, "second", 60_000, 60, 60_000) for component in components]

    def one(number: int) -> None:
        tenant_id, call = tenants[number % len(tenants)], new_id()
        with tenant_scope(tenant_id):
            hold_many(holds={call: request})
        with tenant_scope(tenant_id):
            settle(tenant_id=tenant_id, call_id=call, lines=lines)

    return _per_second(one)


def _floor(tenants: list[UUID]) -> float:
    from django.db import connection

    from tenants.ids import new_id
    from tenants.scope import platform_scope

    with platform_scope(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_wallet (id uuid PRIMARY KEY, balance bigint)")
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_entry (id uuid PRIMARY KEY, amount bigint)")
        cursor.execute(
            "INSERT INTO bench_wallet SELECT unnest(%s::uuid[]), 0 ON CONFLICT DO NOTHING", [tenants]
        )

    def one(number: int) -> None:
        from django.db import transaction

        tenant_id = tenants[number % len(tenants)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT balance FROM bench_wallet WHERE id = %s FOR NO KEY UPDATE", [tenant_id])
            cursor.execute("INSERT INTO bench_entry VALUES (%s, 1)", [new_id()])
            cursor.execute("UPDATE bench_wallet SET balance = balance - 1 WHERE id = %s", [tenant_id])

    return _per_second(one)


def _per_second(one: Callable[[int], None]) -> float:
    """How often `one` is done in a second by `THREADS` at a time."""
    from django.db import connections

    until = time.perf_counter() + SECONDS

    def work(_: int) -> int:
        done = 0
        try:
            while time.perf_counter() < until:
                one(next(_number))
                done += 1
        finally:
            connections.close_all()
        return done

    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        done = sum(threads.map(work, range(THREADS)))
    return done / (time.perf_counter() - begin)


def _fill(tenants: list[UUID]) -> None:
    """Ten million entries of two postings; triggers, references and indexes are put back behind them."""
    from django.db import connection

    from tenants.scope import platform_scope, statements_may_take

    begin = time.perf_counter()
    tables = ("billing_entry", "billing_posting")
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(_BENCH_ID)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        back = [statement for table in tables for statement in _without_indexes(cursor, table)]
    with platform_scope(), connection.cursor() as cursor:
        statements_may_take(3_600)
        cursor.execute(_ENTRIES, [tenants, len(tenants) - 1, ENTRIES])
        cursor.execute(_POSTINGS)
    with connection.cursor() as cursor:
        for statement in back:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"VACUUM ANALYZE {table}")
    print(f"  {ENTRIES:,} entries in {time.perf_counter() - begin:.0f} s", flush=True)


def _without_indexes(cursor: Any, table: str) -> list[str]:
    """Drops the table's references and indexes; the statements that make the indexes again."""
    cursor.execute(
        "SELECT conname, conrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND %s::regclass IN (conrelid, confrelid)",
        [table],
    )
    for name, referring in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {referring} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u')",
        [table],
    )
    rules = cursor.fetchall()
    for name, _ in rules:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    return [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule}' for name, rule in rules] + [
        definition for _, definition in indexes
    ]


def _reads(tenant_id: UUID) -> tuple[list[float], list[float], float]:
    """Of the balance, of a page of entries somewhere in the tenant's past, and of the sum, in ms."""
    from django.db import connection

    from apps.billing.selectors import entries, get_wallet
    from tenants.scope import tenant_scope

    with tenant_scope(tenant_id, statement_timeout_s=600), connection.cursor() as cursor:
        balance = [_ms(get_wallet) for _ in range(READS)]
        step = ENTRIES // READS
        cursor.execute("SELECT bench_id(n) FROM generate_series(%s, %s, %s) n", [step, ENTRIES, step])
        places = [place for (place,) in cursor.fetchall()]
        page = [
            _ms(lambda p=place: list(entries().filter(pk__lt=p).order_by("-id")[:50])) for place in places
        ]
        sums = [_ms(lambda: cursor.execute(_SUM, [tenant_id])) for _ in range(SUMS)]
    return balance, page, percentile(sums, 0.5)


def _ms(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000
