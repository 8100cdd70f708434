"""A trunk's figures counted from all its calls at each question: what the kept sums must come to."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.calls.search import CLOCK_MS
from apps.calls.stats import rows_of
from apps.calls.trunk_stats import Buckets
from tenants.ids import first_id_at
from tenants.scope import current_tenant_id

# Of calls_call_trunk_statistics alone. A call belongs to the time at which it was dialed or rang; it was
# queued before that, hence the wider range of ids. Strangers whom the trunk turned away are no attempts.
_CALLS = """
  FROM calls_call
 WHERE trunk_id = %(trunk)s AND tenant_id = %(tenant)s AND id >= %({since})s AND id < %(last)s
   AND (direction = 'inbound' OR dialing_at IS NOT NULL) AND end_reason <> 'blocked'
   AND (%(direction)s = '' OR direction = %(direction)s)
"""
_BEGAN = "coalesce(dialing_at, created_at)"
_OF_PERIOD = _CALLS.format(since="first") + f" AND {_BEGAN} >= %(start)s AND {_BEGAN} < %(end)s"
_BUCKET = f"width_bucket({_BEGAN}, %(bounds)s::timestamptz[])"
_FIGURES = f"""
SELECT {_BUCKET}, count(*), count(answered_at),
       count(*) FILTER (WHERE answered_at IS NOT NULL OR state = 'ended'),
       avg(duration_ms) FILTER (WHERE answered_at IS NOT NULL AND state = 'ended'),
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY pdd_ms), avg(mos)
{_OF_PERIOD} GROUP BY GROUPING SETS ((1), ())
"""
_FAILURES = f"""
SELECT {_BUCKET}, coalesce(sip_code::text, 'none'), count(*)
{_OF_PERIOD} AND answered_at IS NULL AND state = 'ended' GROUP BY 1, 2
"""
# Each call is a step up and a step down; where a bucket begins there is a step of nothing, so that calls
# that go on from the one before are seen in it. A call that ends as another begins makes room first.
_PEAKS = f"""
WITH carried AS (SELECT {_BEGAN} AS began, ended_at {_CALLS.format(since="before")}
                    AND end_reason NOT IN ('no_capacity', 'no_codec')),
     step AS (SELECT began AS at, 1 AS change FROM carried UNION ALL
              SELECT ended_at, -1 FROM carried WHERE ended_at IS NOT NULL UNION ALL
              SELECT unnest(%(bounds)s::timestamptz[]), 0),
     level AS (SELECT at, sum(change) OVER (ORDER BY at, change ROWS UNBOUNDED PRECEDING) AS calls FROM step)
SELECT width_bucket(at, %(bounds)s::timestamptz[]), max(calls)
  FROM level WHERE at >= %(start)s AND at < %(end)s GROUP BY 1
"""  # noqa: S608

_QUEUED = timedelta(minutes=15)
"""Longer than a call may wait before it is dialed."""

_LONGEST = timedelta(hours=4, minutes=30)
"""Longer than a call may be; one that began this long before a time does not go on at it."""


def plain_statistics(trunk_id: UUID, asked: Buckets, *, direction: str = "") -> dict[str, Any]:
    """The figures from the calls of the whole period, in PostgreSQL."""
    start, end = asked.bounds[0], asked.bounds[-1]
    values = {
        "tenant": current_tenant_id(),
        "trunk": trunk_id,
        "direction": direction,
        "bounds": asked.bounds,
        "start": start,
        "end": end,
        "first": first_id_at(start - _QUEUED, plus_ms=-CLOCK_MS),
        "before": first_id_at(start - _LONGEST, plus_ms=-CLOCK_MS),
        "last": first_id_at(end, plus_ms=CLOCK_MS),
    }
    figures = {bucket: rest for bucket, *rest in rows_of(_FIGURES, values)}
    failures: dict[int, dict[str, int]] = defaultdict(dict)
    total: dict[str, int] = defaultdict(int)
    for bucket, code, calls in rows_of(_FAILURES, values):
        failures[bucket][code] = calls
        total[code] += calls
    peaks = dict(rows_of(_PEAKS, values))
    return {
        "totals": _shown(figures.get(None), dict(total), max(peaks.values(), default=0)),
        "series": [
            {"at": at} | _shown(figures.get(n), failures[n], peaks.get(n, 0))
            for n, at in enumerate(asked.beginnings, start=1)
        ],
    }


def _shown(figures: list[Any] | None, failures: dict[str, int], peak: int) -> dict[str, Any]:
    attempts, answered, settled, acd, pdd, mos = figures or (0, 0, 0, None, None, None)
    return {
        "attempts": attempts,
        "answered": answered,
        "asr": round(answered / settled, 4) if settled else None,
        "acd_ms": None if acd is None else round(acd),
        "pdd_p50_ms": round(pdd[0]) if pdd and pdd[0] is not None else None,
        "pdd_p95_ms": round(pdd[1]) if pdd and pdd[1] is not None else None,
        "mos": None if mos is None else round(mos, 2),
        "failures": failures,
        "peak": int(peak),
    }
