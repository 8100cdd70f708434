"""A trunk's calls by quarter of an hour: counted here from the calls themselves, and kept as `TrunkSlot`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from apps.calls.search import CLOCK_MS
from apps.calls.stats import rows_of
from tenants.ids import first_id_at
from tenants.scope import current_tenant_id

SLOT = timedelta(minutes=15)
LONGEST = timedelta(hours=4, minutes=30)
"""Longer than a call may be; one that began this long before a time does not go on at it."""

COLUMNS = (
    "begins, direction, attempts, answered, settled, talked, talked_ms, mos_count, mos_sum, pdd_ms,"
    " failures, peak"
)

# Of calls_call_trunk_statistics alone. A call belongs to the time at which it was dialed or rang; it was
# queued before that. Strangers whom the trunk turned away are no attempts. For the peaks each call is a
# step up and a step down; where a slot begins there is a step of nothing, so that calls that go on from
# the one before are seen in it. A call that ends as another begins makes room first.
COUNT_SLOTS = """
WITH call AS MATERIALIZED (
  SELECT coalesce(dialing_at, created_at) AS began, direction, state, answered_at, ended_at, duration_ms,
         end_reason, sip_code, pdd_ms, mos
    FROM calls_call
   WHERE trunk_id = %(trunk)s AND tenant_id = %(tenant)s AND id >= %(before)s AND id < %(last)s
     AND (direction = 'inbound' OR dialing_at IS NOT NULL) AND end_reason <> 'blocked'),
attempt AS (
  SELECT date_bin('15 minutes', began, 'epoch'::timestamptz) AS begins, *
    FROM call WHERE began >= %(start)s AND began < %(end)s),
counted AS (
  SELECT begins, direction, count(*) AS attempts, count(answered_at) AS answered,
         count(*) FILTER (WHERE answered_at IS NOT NULL OR state = 'ended') AS settled,
         count(*) FILTER (WHERE answered_at IS NOT NULL AND state = 'ended') AS talked,
         sum(duration_ms) FILTER (WHERE answered_at IS NOT NULL AND state = 'ended') AS talked_ms,
         count(mos) AS mos_count, sum(mos) AS mos_sum,
         array_agg(pdd_ms ORDER BY pdd_ms) FILTER (WHERE pdd_ms IS NOT NULL) AS pdd_ms
    FROM attempt GROUP BY 1, 2),
failed AS (
  SELECT begins, direction, jsonb_object_agg(code, calls) AS failures
    FROM (SELECT begins, direction, coalesce(sip_code::text, 'none') AS code, count(*) AS calls
            FROM attempt WHERE answered_at IS NULL AND state = 'ended' GROUP BY 1, 2, 3) AS by_code
   GROUP BY 1, 2),
carried AS (
  SELECT side, began, ended_at FROM call, unnest(ARRAY['', 'inbound', 'outbound']) AS side
   WHERE side IN ('', direction) AND end_reason NOT IN ('no_capacity', 'no_codec')),
step AS (
  SELECT side, began AS at, 1 AS change FROM carried UNION ALL
  SELECT side, ended_at, -1 FROM carried WHERE ended_at IS NOT NULL UNION ALL
  SELECT side, at, 0 FROM unnest(ARRAY['', 'inbound', 'outbound']) AS side,
         generate_series(%(start)s::timestamptz, %(end)s::timestamptz, interval '15 minutes') AS at),
level AS (
  SELECT side, at, sum(change) OVER (PARTITION BY side ORDER BY at, change ROWS UNBOUNDED PRECEDING) AS calls
    FROM step),
peaked AS (
  SELECT date_bin('15 minutes', at, 'epoch'::timestamptz) AS begins, side AS direction, max(calls) AS peak
    FROM level WHERE at >= %(start)s AND at < %(end)s GROUP BY 1, 2 HAVING max(calls) > 0)
SELECT begins, direction, coalesce(attempts, 0), coalesce(answered, 0), coalesce(settled, 0),
       coalesce(talked, 0), coalesce(talked_ms, 0)::bigint, coalesce(mos_count, 0), coalesce(mos_sum, 0),
       coalesce(pdd_ms, '{}'), coalesce(failures, '{}'), coalesce(peak, 0)::int
  FROM peaked FULL JOIN counted USING (begins, direction) LEFT JOIN failed USING (begins, direction)
"""
KEEP_SLOTS = f"""
INSERT INTO calls_trunkslot (id, created_at, updated_at, tenant_id, trunk_id, {COLUMNS})
SELECT gen_random_uuid(), now(), now(), %(tenant)s, %(trunk)s, slot.* FROM ({COUNT_SLOTS}) AS slot
"""  # noqa: S608

_QUEUED = timedelta(minutes=15)
"""Longer than a call may wait before it is dialed."""


class Span(NamedTuple):
    """Times that begin slots; `end` is not in it."""

    start: datetime
    end: datetime


def slot_of(time: datetime) -> datetime:
    """The beginning of the slot that `time` is in."""
    seconds = int(SLOT.total_seconds())
    return datetime.fromtimestamp(int(time.timestamp()) // seconds * seconds, UTC)


def spans_of(slots: list[datetime]) -> list[Span]:
    """Slots, sorted, as spans of those that follow each other."""
    spans: list[Span] = []
    for begins in slots:
        if spans and spans[-1].end == begins:
            spans[-1] = Span(spans[-1].start, begins + SLOT)
        else:
            spans.append(Span(begins, begins + SLOT))
    return spans


def values_of(trunk_id: UUID, span: Span) -> dict[str, Any]:
    """The values of `COUNT_SLOTS` and `KEEP_SLOTS`."""
    return {
        "tenant": current_tenant_id(),
        "trunk": trunk_id,
        "start": span.start,
        "end": span.end,
        "before": first_id_at(span.start - LONGEST - _QUEUED, plus_ms=-CLOCK_MS),
        "last": first_id_at(span.end, plus_ms=CLOCK_MS),
    }


def count_slots(trunk_id: UUID, span: Span) -> list[tuple[Any, ...]]:
    """`COLUMNS` of each slot of a span in which there was something, from the calls as they are."""
    return rows_of(COUNT_SLOTS, values_of(trunk_id, span))
