"""What the calls of an agent came to, version by version, so that two can be compared."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.calls.search import CLOCK_MS
from apps.calls.stats import rows_of
from media_workers.contract.events import END_REASON_WORDS, EndReason
from tenants.ids import first_id_at
from tenants.scope import current_tenant_id

# Ids carry the time at which they were made: calls_call_by_agent and calls_turn_response are read in ranges.
_CALLS = """
SELECT version.number, call.end_reason, call.answered_at IS NOT NULL, count(*), sum(call.duration_ms)
  FROM calls_call AS call
  JOIN agents_agentversion AS version ON version.id = call.agent_version_id
 WHERE call.tenant_id = %(tenant)s AND call.agent_id = %(agent)s AND call.id >= %(first)s
 GROUP BY 1, 2, 3
"""
_TURNS = """
SELECT version.number, percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY turn.total_ms)
  FROM calls_turn AS turn
  JOIN calls_call AS call
    ON call.tenant_id = %(tenant)s AND call.id = turn.call_id AND call.agent_id = %(agent)s
  JOIN agents_agentversion AS version ON version.id = call.agent_version_id
 WHERE turn.tenant_id = %(tenant)s AND turn.id >= %(first)s
   AND turn.speaker = 'agent' AND turn.total_ms IS NOT NULL
 GROUP BY 1
"""


def version_statistics(agent_id: UUID, *, days: int, now: datetime) -> list[dict[str, Any]]:
    """Figures of each version of the agent that had calls in the last `days`, the newest version first.

    `avg_duration_ms` is that of answered calls, `answer_rate` as in `stats.call_statistics`; response times
    run from the end of the caller's speech to the first sound of the answer. None: no call to say it of.
    """
    values = {
        "tenant": current_tenant_id(),
        "agent": agent_id,
        "first": first_id_at(now - timedelta(days=days), plus_ms=-CLOCK_MS),
    }
    responses = dict(rows_of(_TURNS, values))
    groups: dict[int, list[tuple[str, bool, int, int]]] = {}
    for number, reason, answered, calls, duration_ms in rows_of(_CALLS, values):
        groups.setdefault(number, []).append((reason, answered, calls, int(duration_ms or 0)))
    return [
        {"number": number} | _figures(groups[number], responses.get(number))
        for number in sorted(groups, reverse=True)
    ]


def _figures(groups: list[tuple[str, bool, int, int]], response: list[float] | None) -> dict[str, Any]:
    answered = sum(calls for _, was_answered, calls, _ in groups if was_answered)
    settled = sum(calls for reason, was_answered, calls, _ in groups if was_answered or reason)
    talked_ms = sum(duration_ms for _, was_answered, _, duration_ms in groups if was_answered)
    by_end: dict[str, int] = {}
    for reason, _, calls, _ in groups:
        by_end[reason] = by_end.get(reason, 0) + calls
    ends = sorted(((r, n) for r, n in by_end.items() if r), key=lambda end: -end[1])
    return {
        "calls": sum(calls for _, _, calls, _ in groups),
        "answered": answered,
        "answer_rate": round(answered / settled, 4) if settled else None,
        "avg_duration_ms": round(talked_ms / answered) if answered else None,
        "response_p50_ms": round(response[0]) if response else None,
        "response_p95_ms": round(response[1]) if response else None,
        "transferred": by_end.get(EndReason.TRANSFERRED, 0),
        "outcomes": [
            {"end_reason": reason, "words": END_REASON_WORDS[EndReason(reason)], "calls": calls}
            for reason, calls in ends
        ],
    }
