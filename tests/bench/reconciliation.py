"""How long a day of 100,000 calls takes to be compared with a carrier's records, and to be counted as usage.

In one process with Django, against a PostgreSQL of its own, under row-level security: ten tenants, every call
charged with three lines. The carrier's records are in memory, shuffled, a second or two late, without SIP
Call-IDs (as Twilio's are), and wrong here and there: what is found must be just that. Beside the comparison
stands its floor, the bare statement that reads our side of it; beside the counting one that only sums.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.bench.call_data import _ID
from tests.bench.database import database

CALLS, TENANTS = 100_000, 10
WRONG = 50
"""Of each kind of difference."""

DAY = datetime(2026, 10, 5, tzinfo=UTC)
GOAL_S = 30.0
GOAL_COUNTED = 2_000.0

Figure = dict[str, Any]

_NUMBERS = """
INSERT INTO numbers_phonenumber (
  id, created_at, updated_at, tenant_id, e164, label, carrier, purpose, fallback_number, capture_rtp, type,
  capabilities, caller_name, caller_name_state, caller_name_problem)
SELECT gen_random_uuid(), now(), now(), id, '+1202555' || (1000 + row_number() OVER ()), '', 'twilio',
       'outbound', '', false, '', '{}', '', '', ''
  FROM tenants_tenant
"""
# Every third call comes in. People call, and are called, several times. The carrier is late by a second or
# two: none of its records is to be of the next day.
_CALLS = f"""
INSERT INTO calls_call (
  id, created_at, updated_at, tenant_id, number_id, direction, test, state, from_number, to_number, variables,
  metadata, sip_call_id, source_address, dialing_at, ringing_at, answered_at, ended_at, duration_ms,
  end_reason, end_detail, sip_reason, slots, last_seq, job_id, hangup_reason, gateway, one_way,
  transport, remote_agent, codec, srtp)
SELECT pg_temp.id_at(at, 'call' || n), at, at, own.tenant_id, own.id,
       CASE WHEN n % 3 = 0 THEN 'inbound' ELSE 'outbound' END, false, 'ended',
       CASE WHEN n % 3 = 0 THEN far ELSE own.e164 END, CASE WHEN n % 3 = 0 THEN own.e164 ELSE far END,
       '{{}}', '{{}}', '', '', CASE WHEN n % 3 <> 0 THEN at END, at, at, at + took * interval '1 second',
       took * 1000, 'caller_hung_up', '', '', '{{}}', 0, '', '', '', '', '', '', '', false
  FROM (SELECT n, %s::timestamptz + n * interval '23 hours' / {CALLS} AS at, 5 + (n * 7919) %% 600 AS took,
               '+1415' || lpad(((n * 104729) %% 30000)::text, 7, '0') AS far
          FROM generate_series(0, {CALLS - 1}::bigint) AS n) AS made
  JOIN (SELECT *, row_number() OVER (ORDER BY e164) - 1 AS place FROM numbers_phonenumber) AS own
    ON own.place = n %% {TENANTS}
""".replace("n % 3", "n %% 3")  # noqa: S608
_CHARGES = """
INSERT INTO billing_callcharge (
  id, created_at, updated_at, tenant_id, call, total_micros, charged_micros, written_off_micros)
SELECT pg_temp.id_at(ended_at, 'charge' || id), ended_at, ended_at, tenant_id, id, 62000, 62000, 0
  FROM calls_call ORDER BY id OFFSET %s
"""
_LINES = """
INSERT INTO billing_chargeline (
  id, created_at, updated_at, tenant_id, charge_id, position, component, what, quantity, unit, price_micros,
  per, amount_micros, own_key)
SELECT gen_random_uuid(), now(), now(), tenant_id, id, place, component, '', 60, 'second', amount, 60, amount,
       false
  FROM billing_callcharge,
       (VALUES (0, 'platform', 50000), (1, 'telephony', 10000), (2, 'llm', 2000))
         AS line (place, component, amount)
"""
_SUMS = """
SELECT c.tenant_id, call.agent_id, call.number_id, line.component, count(*), sum(line.amount_micros)
  FROM billing_callcharge c
  JOIN billing_chargeline line ON line.charge_id = c.id
  JOIN calls_call call ON call.id = c.call
 GROUP BY 1, 2, 3, 4
"""


def run() -> list[Figure]:
    with database():
        records = _filled()
        took, floor, found = _compared(records)
        counted, sums = _counted()
    if found != dict.fromkeys(("missing_here", "missing_there", "duration", "loss", "uncharged"), WRONG):
        raise RuntimeError(f"what was found is not what was wrong: {found}")
    return [
        _figure(
            "calls_100k_s",
            took,
            "s",
            "lower",
            GOAL_S,
            "the bare statement that reads our calls, same run",
            floor,
        ),
        _figure(
            "usage_counted_per_s",
            CALLS / counted,
            "calls/s",
            "higher",
            GOAL_COUNTED,
            "one statement that only sums the same rows, same run",
            CALLS / sums,
        ),
    ]


def _figure(
    name: str, value: float, unit: str, better: str, goal: float, peer: str, peer_value: float
) -> Figure:
    return {
        "name": f"reconciliation.{name}",
        "value": value,
        "unit": unit,
        "better": better,
        "goal": goal,
        "peer": peer,
        "peer_value": peer_value,
        "ratio": value / peer_value,
    }


def _filled() -> list[Any]:
    """Our calls with their charges; the carrier's records of them. The first calls are not charged."""
    from django.db import connection

    from tenants.scope import platform_scope
    from tenants.services import create_tenant

    for n in range(TENANTS):
        create_tenant(name=f"Tenant {n}", slug=f"tenant-{n}")
    with platform_scope(), connection.cursor() as cursor:
        for statement, values in (
            (_ID, []),
            (_NUMBERS, []),
            (_CALLS, [DAY]),
            ("ANALYZE calls_call", []),
            (_CHARGES, [WRONG]),
            ("ANALYZE billing_callcharge", []),
            (_LINES, []),
        ):
            cursor.execute(statement, values)
        cursor.execute(
            "SELECT direction, from_number, to_number, created_at, duration_ms / 1000"
            "  FROM calls_call ORDER BY id"
        )
        calls = cursor.fetchall()
    with connection.cursor() as cursor:
        for table in ("calls_call", "billing_callcharge", "billing_chargeline", "statements_fact"):
            cursor.execute(f"ANALYZE {table}")
    return list(_records(calls, random.Random(1)))


def _records(calls: list[tuple[Any, ...]], rng: random.Random) -> Iterator[Any]:
    """The carrier's, in any order: without the second `WRONG` of the calls, with another duration for the
    third, too dear for the fourth, and as many calls that we never had."""
    from telephony.carriers.values import CallRecord

    order = list(enumerate(calls))
    rng.shuffle(order)
    for n, (direction, caller, called, at, seconds) in order:
        kind = n // WRONG
        if kind == 1:
            continue
        yield CallRecord(
            id=f"CA{n:032x}",
            direction=direction,
            from_number=caller,
            to_number=called,
            started_at=at + timedelta(seconds=rng.randrange(1, 3)),
            duration_s=seconds + (9 if kind == 2 else 0),
            status="completed",
            cost_micros=11_000 if kind == 3 else 7_000,
        )
    for n in range(WRONG):
        at = DAY + timedelta(minutes=n)
        yield CallRecord(f"CAx{n}", "inbound", "+13105550100", f"+1310555{n:04}", at, 30, "completed", 4_000)


class _Carrier:
    """What `reconcile` asks a carrier for."""

    def __init__(self, records: list[Any]) -> None:
        self._records = records

    def call_records(self, since: datetime, until: datetime) -> Iterator[Any]:
        return (record for record in self._records if since <= record.started_at < until)

    def usage(self, day: date) -> list[Any]:
        return []


def _compared(records: list[Any]) -> tuple[float, float, Counter[str]]:
    """Seconds of the comparison and of its floor, and how many of which difference."""
    from django.db.models import Count

    from apps.statements.models import Difference, Reconciliation
    from apps.statements.services import reconciling
    from tenants.scope import platform_scope

    now = DAY + timedelta(days=1, hours=4)
    with platform_scope():
        row = Reconciliation.objects.create(carrier="twilio", day=DAY.date(), next_at=now)
    begin = time.perf_counter()
    reconciling.reconcile(row, _Carrier(records), now=now)  # type: ignore[arg-type]
    took = time.perf_counter() - begin
    with platform_scope():
        begin = time.perf_counter()
        read = sum(1 for _ in reconciling._ours("twilio", DAY, DAY + timedelta(days=1)))
        floor = time.perf_counter() - begin
        kinds = Difference.objects.order_by().values_list("kind").annotate(n=Count("id"))
        found = Counter(dict(kinds))
    if (read, row.theirs_calls) != (CALLS, CALLS):
        raise RuntimeError(f"{read} calls of ours, {row.theirs_calls} records")
    return took, floor, found


def _counted() -> tuple[float, float]:
    """Seconds that counting all charges took, and one statement that sums them."""
    from django.db import connection
    from django.db.models import Sum

    from apps.statements.models import UsageDay
    from apps.statements.services.counting import count_all
    from tenants.scope import platform_scope

    begin = time.perf_counter()
    counted = count_all()
    took = time.perf_counter() - begin
    with platform_scope(), connection.cursor() as cursor:
        begin = time.perf_counter()
        cursor.execute(_SUMS)
        cursor.fetchall()
        sums = time.perf_counter() - begin
        micros = UsageDay.objects.aggregate(sum=Sum("micros"))["sum"]
    charged = CALLS - WRONG
    if micros != charged * 62_000 or not charged <= counted <= charged + TENANTS:
        raise RuntimeError(f"{counted} charges were counted, {micros} micro-units")
    return took, sums
