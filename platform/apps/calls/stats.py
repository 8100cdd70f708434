"""Figures of many calls: by day in the reader's time zone, and how they ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.db import connection

from apps.calls.models import Call, Direction
from apps.calls.search import CLOCK_MS
from apps.calls.states import CallState
from media_workers.contract.events import END_REASON_WORDS, EndReason
from tenants.errors import InvalidInput
from tenants.ids import first_id_at
from tenants.scope import current_tenant_id

MAX_DAYS = 92
DEFAULT_DAYS = 7
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)

# Both read an index alone (calls_call_statistics, calls_turn_response). Ids carry the time at which
# they were made, so a range of time is a range of ids. The bounds of the days come from Python:
# PostgreSQL may know other time zones than it does.
_CALLS = """
SELECT width_bucket(created_at, %(bounds)s::timestamptz[]) AS day, direction, end_reason,
       answered_at IS NOT NULL AS answered, count(*), sum(duration_ms)
  FROM calls_call
 WHERE tenant_id = %(tenant)s AND id >= %(first)s AND id < %(last)s
   AND created_at >= %(start)s AND created_at < %(end)s
   AND (%(agent)s::uuid IS NULL OR agent_id = %(agent)s)
 GROUP BY 1, 2, 3, 4
"""
_TURNS = """
SELECT width_bucket(turn.created_at, %(bounds)s::timestamptz[]) AS day,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY turn.total_ms)
  FROM calls_turn AS turn {join}
 WHERE turn.tenant_id = %(tenant)s AND turn.id >= %(first)s AND turn.id < %(last)s
   AND turn.created_at >= %(start)s AND turn.created_at < %(end)s
   AND turn.speaker = 'agent' AND turn.total_ms IS NOT NULL
 GROUP BY GROUPING SETS ((1), ())
"""
_OF_AGENT = """
  JOIN calls_call AS call
    ON call.tenant_id = %(tenant)s AND call.id = turn.call_id AND call.agent_id = %(agent)s
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, `first` and `last` included, as clocks in `zone` show them."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def bounds(self) -> list[datetime]:
        """The beginnings of the days and the end of the last one, UTC."""
        days = [*self.days, self.last + timedelta(days=1)]
        return [datetime(d.year, d.month, d.day, tzinfo=self.zone).astimezone(UTC) for d in days]


def span(*, first: date | None, last: date | None, zone: str, now: datetime) -> Span:
    """The days asked for; by default the last `DEFAULT_DAYS`. InvalidInput names what cannot be."""
    info = zone_named(zone)
    last = last or max(first or _FIRST, now.astimezone(info).date())
    if not _FIRST <= last <= _LAST:
        raise InvalidInput(f"Give a day from {_FIRST} to {_LAST}.", field="to")
    first = first or last - timedelta(days=DEFAULT_DAYS - 1)
    if not _FIRST <= first <= last:
        raise InvalidInput(f"Give a day from {_FIRST} to that of `to`.", field="from")
    if (last - first).days >= MAX_DAYS:
        raise InvalidInput(f"Ask for at most {MAX_DAYS} days.", field="from", code="too_long")
    return Span(first, last, info)


def last_days(days: int, *, zone: str, now: datetime) -> Span:
    """So many days, today included. InvalidInput when there is no such time zone."""
    today = now.astimezone(zone_named(zone)).date()
    return span(first=today - timedelta(days=days - 1), last=today, zone=zone, now=now)


def zone_named(zone: str) -> ZoneInfo:
    """The time zone. InvalidInput when the IANA database has none of this name."""
    if zone not in _zones():
        raise InvalidInput("Give a time zone of the IANA database, like Europe/Berlin.", field="timezone")
    return ZoneInfo(zone)


def call_statistics(span: Span, *, agent_id: UUID | None = None) -> dict[str, Any]:
    """What the calls of these days came to; `agent_id`: those of one agent.

    A call counts on the day it began. The answer rate is that of the calls which were answered or are
    over; None without any. Response times are the agent's, from the end of the caller's speech to the
    first sound of the answer, in ms.
    """
    bounds = span.bounds
    values = {
        "tenant": current_tenant_id(),
        "agent": agent_id,
        "bounds": bounds,
        "start": bounds[0],
        "end": bounds[-1],
        "first": first_id_at(bounds[0], plus_ms=-CLOCK_MS),
        "last": first_id_at(bounds[-1], plus_ms=CLOCK_MS),
    }
    groups = [_Group(*row) for row in rows_of(_CALLS, values)]
    responses = dict(rows_of(_TURNS.format(join=_OF_AGENT if agent_id else ""), values))
    by_direction = Counter[str]()
    by_end = Counter[str]()
    for group in groups:
        by_direction[group.direction] += group.calls
        by_end[group.end_reason] += group.calls
    return {
        "totals": _figures(groups, responses.get(None)) | {d: by_direction[d] for d in Direction.values},
        "days": [
            {"date": day} | _figures([g for g in groups if g.day == n], responses.get(n))
            for n, day in enumerate(span.days, start=1)
        ],
        "outcomes": [
            {"end_reason": reason, "words": END_REASON_WORDS[EndReason(reason)], "calls": calls}
            for reason, calls in by_end.most_common()
            if reason
        ],
        "running": _running(agent_id),
    }


@dataclass(frozen=True, slots=True)
class _Group:
    """Calls of one day (from 1 on) that are alike."""

    day: int
    direction: str
    end_reason: str
    answered: bool
    calls: int
    duration_ms: int


def _figures(groups: Sequence[_Group], response: Sequence[float] | None) -> dict[str, Any]:
    answered = sum(g.calls for g in groups if g.answered)
    settled = sum(g.calls for g in groups if g.answered or g.end_reason)
    return {
        "calls": sum(g.calls for g in groups),
        "answered": answered,
        "answer_rate": round(answered / settled, 4) if settled else None,
        "minutes": round(sum(g.duration_ms for g in groups) / 60_000, 1),
        "response_p50_ms": round(response[0]) if response else None,
        "response_p95_ms": round(response[1]) if response else None,
    }


def _running(agent_id: UUID | None) -> int:
    calls = Call.objects.exclude(state=CallState.ENDED)
    return (calls.filter(agent_id=agent_id) if agent_id else calls).count()


def rows_of(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a statement of this package finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
