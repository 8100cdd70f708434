"""Response times of many turns: percentiles of each part, by agent, vendor, model and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from django.utils import timezone

from apps.agents.models import Agent
from apps.calls.search import CLOCK_MS
from apps.calls.selectors import LATENCY_PARTS
from apps.calls.stats import Span, rows_of, span
from apps.vendors.catalog import Measured
from media_workers.contract.vendors import Kind, RealtimeVendor
from tenants.errors import InvalidInput
from tenants.ids import first_id_at
from tenants.scope import current_tenant_id

GroupBy = Literal["", "agent", "vendor", "model", "day", "hour"]
Over = Literal["", "day", "hour"]

MAX_DAYS_BY_HOUR = 14

# Reads an index alone (calls_turn_response), and that of calls where an agent is asked for.
_STATEMENT = """
SELECT {keys}, count(*), {figures}
  FROM calls_turn AS turn {join}
 WHERE turn.tenant_id = %(tenant)s AND turn.id >= %(first)s AND turn.id < %(last)s
   AND turn.created_at >= %(start)s AND turn.created_at < %(end)s
   AND turn.speaker = 'agent' AND turn.total_ms IS NOT NULL AND {condition}
 GROUP BY {groups}
 ORDER BY {groups}
"""
_CALLS = "JOIN calls_call AS call ON call.tenant_id = %(tenant)s AND call.id = turn.call_id"
_FIGURES = (
    "count(turn.{part}_ms), percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY turn.{part}_ms)"
)
_BUCKET = "width_bucket(turn.created_at, %(bounds)s::timestamptz[])"
_AGENT = "call.agent_id"
_ANYBODY = "true"


@dataclass(frozen=True, slots=True)
class _Seller:
    """Where a kind's vendors stand in a turn, and which of its parts are theirs."""

    columns: str
    condition: str
    parts: tuple[str, ...]


_SELLERS: dict[Kind, _Seller] = {
    "stt": _Seller("stt", "turn.stt_vendor <> ''", ("transcript",)),
    "llm": _Seller(
        "llm", "turn.llm_vendor <> '' AND turn.llm_vendor <> ALL(%(realtime)s)", ("first_token", "sentence")
    ),
    "tts": _Seller("tts", "turn.tts_vendor <> ''", ("first_audio",)),
    "realtime": _Seller("llm", "turn.llm_vendor = ANY(%(realtime)s)", ("first_audio",)),
}

_CATALOGUED: dict[Kind, tuple[str, ...]] = {
    "stt": ("transcript",),
    "llm": ("first_token",),
    "tts": ("first_audio",),
    # Who does not say when it took the turn for over (Gemini) is measured as a whole.
    "realtime": ("first_audio", "total"),
}
"""The part that the catalogue shows: the first of these that was measured."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. `agent_id`: turns of this agent only. `kind`: vendors of this kind only."""

    days: Span
    group_by: GroupBy = ""
    over: Over = ""
    agent_id: UUID | None = None
    kind: Kind | None = None


def latency_statistics(wish: Wish) -> list[dict[str, Any]]:
    """One entry for each group, and, with `over`, for each day or hour of it; without turns none.

    Each has ``agent_id``, ``agent_name``, ``kind``, ``vendor``, ``model``, ``at`` (as far as it is grouped by
    them, else None), ``turns`` and ``parts``: of each part that was measured ``p50_ms``, ``p95_ms``,
    ``p99_ms`` and ``samples``. Of vendors only their own parts and the total are told, from turns in which
    nobody had to take over from them. InvalidInput for too many hours.
    """
    moments = _moments(wish)
    if wish.group_by in ("vendor", "model"):
        kinds: Sequence[Kind] = [wish.kind] if wish.kind else list(_SELLERS)
        return [entry for kind in kinds for entry in _of_vendors(wish, kind, moments)]
    keys = [_AGENT] if wish.group_by == "agent" else []
    found = _entries(wish, keys, LATENCY_PARTS, _ANYBODY, moments)
    names = _names([entry["keys"][0] for entry in found]) if keys else {}
    return [
        _shown(entry, agent_id=entry["keys"][0], agent_name=names.get(entry["keys"][0]))
        if keys
        else _shown(entry)
        for entry in found
    ]


def measured_lately(*, now: datetime | None = None) -> list[Measured]:
    """What each model took in the tenant's turns of the last 7 days, for the catalogue."""
    wish = Wish(span(first=None, last=None, zone="UTC", now=now or timezone.now()), group_by="model")
    found = []
    for entry in latency_statistics(wish):
        figures = next((entry["parts"][p] for p in _CATALOGUED[entry["kind"]] if p in entry["parts"]), None)
        if figures:
            p50, p95, samples = figures["p50_ms"], figures["p95_ms"], figures["samples"]
            found.append(Measured(entry["kind"], entry["vendor"], entry["model"], p50, p95, samples))
    return found


def _of_vendors(wish: Wish, kind: Kind, moments: list[datetime]) -> list[dict[str, Any]]:
    seller = _SELLERS[kind]
    names = ["vendor", "model"] if wish.group_by == "model" else ["vendor"]
    columns = [f"turn.{seller.columns}_{name}" for name in names]
    found = _entries(wish, columns, (*seller.parts, "total"), seller.condition, moments)
    return [_shown(entry, kind=kind, **dict(zip(names, entry["keys"], strict=False))) for entry in found]


def _entries(
    wish: Wish, keys: list[str], parts: Sequence[str], condition: str, moments: list[datetime]
) -> list[dict[str, Any]]:
    """``keys``, ``at``, ``turns`` and ``parts`` of each group."""
    timed = [_BUCKET] if moments else []
    columns = [*keys, *timed] or ["1"]
    if wish.agent_id:
        condition += f" AND {_AGENT} = %(agent)s"
    statement = _STATEMENT.format(
        keys=", ".join(columns),
        figures=", ".join(_FIGURES.format(part=part) for part in parts),
        join=_CALLS if _AGENT in keys or wish.agent_id else "",
        condition=condition,
        groups=", ".join(str(n) for n in range(1, len(columns) + 1)),
    )
    return [
        {
            "keys": row[: len(keys)],
            "at": moments[row[len(keys)] - 1] if moments else None,
            "turns": row[len(columns)],
            "parts": _parts(parts, row[len(columns) + 1 :]),
        }
        for row in rows_of(statement, _values(wish, moments))
    ]


def _values(wish: Wish, moments: list[datetime]) -> dict[str, Any]:
    first, *_, last = wish.days.bounds
    return {
        "tenant": current_tenant_id(),
        "agent": wish.agent_id,
        "bounds": moments,
        "start": first,
        "end": last,
        "first": first_id_at(first, plus_ms=-CLOCK_MS),
        "last": first_id_at(last, plus_ms=CLOCK_MS),
        "realtime": list(get_args(RealtimeVendor)),
    }


def _moments(wish: Wish) -> list[datetime]:
    """The beginnings of the days or hours that are told apart; none when the whole time is one."""
    unit = wish.over or (wish.group_by if wish.group_by in ("day", "hour") else "")
    *days, end = wish.days.bounds
    if unit != "hour":
        return days if unit else []
    if len(days) > MAX_DAYS_BY_HOUR:
        raise InvalidInput(f"By the hour at most {MAX_DAYS_BY_HOUR} days.", field="days", code="too_long")
    hours = int((end - days[0]) / timedelta(hours=1))
    return [days[0] + timedelta(hours=n) for n in range(hours)]


def _parts(names: Sequence[str], values: Sequence[Any]) -> dict[str, dict[str, int]]:
    """Of each part a count and its percentiles, side by side in `values`."""
    found = zip(names, values[::2], values[1::2], strict=True)
    return {
        name: {
            "p50_ms": round(spread[0]),
            "p95_ms": round(spread[1]),
            "p99_ms": round(spread[2]),
            "samples": samples,
        }
        for name, samples, spread in found
        if samples
    }


def _shown(entry: dict[str, Any], **keys: Any) -> dict[str, Any]:
    nobody = dict.fromkeys(("agent_id", "agent_name", "kind", "vendor", "model"))
    return nobody | {name: entry[name] for name in ("at", "turns", "parts")} | keys


def _names(agent_ids: Sequence[UUID | None]) -> dict[UUID, str]:
    return dict(Agent.objects.filter(pk__in=[i for i in agent_ids if i]).values_list("pk", "name"))
