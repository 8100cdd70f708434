"""Reads of calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from apps.agents.models import Agent
from apps.calls.errors import CallUnknown
from apps.calls.models import Call, CallEvent, Capture, Recording, Redaction, Turn
from apps.calls.states import ON_A_NODE
from media_workers.contract.events import EndReason
from telephony.trunks.state import Usage
from tenants.ids import first_id_at
from tenants.scope import current_scope, platform_scope

REFUSED = (EndReason.BLOCKED, EndReason.MONEY_ENDED, EndReason.NO_CAPACITY, EndReason.NO_CODEC)
"""How calls end that were never let in: they use nothing up."""

_REST_OF_AGENT = [f"agent__{f.name}" for f in Agent._meta.concrete_fields if f.name not in ("id", "name")]

FLOW_STEP = {"node": "", "came_from": "", "by": "", "at_ms": 0}
"""What a step through a flow is told with, and its defaults."""

LATENCY_PARTS = (
    "endpoint", "transcript", "retrieval", "first_token", "sentence", "first_audio", "own", "total"
)  # fmt: skip


def list_calls() -> QuerySet[Call]:
    """The calls of the tenant in force, with their recordings and the names of their agents."""
    rows = Call.objects.select_related("recording", "agent")
    return rows.defer("recording__peaks", "recording__updated_at", *_REST_OF_AGENT)


def get_call(call_id: UUID) -> Call:
    """One of `list_calls`, with its turns. Raises CallUnknown."""
    call = list_calls().select_related("capture").prefetch_related("turns").filter(pk=call_id).first()
    if call is None:
        raise CallUnknown("There is no such call.")
    return call


def recording_of(call: Call) -> Recording | None:
    """The recording of `call`, if there is one and it may be heard."""
    return call.audible  # type: ignore[no-any-return]


def redactions_of(call: Call) -> QuerySet[Redaction]:
    """What was taken out of `call`, the newest first."""
    return Redaction.objects.filter(call=call)


def without_files(call: Call) -> None:
    """Of a call that is new: nobody need look for its recording."""
    Call.recording.related.set_cached_value(call, None)


def capture_of(call: Call) -> Capture | None:
    """The captured RTP of `call`, if there is any."""
    return getattr(call, "capture", None)


def events_of(call: Call) -> QuerySet[CallEvent]:
    """What the node reported of `call`, in order."""
    return CallEvent.objects.filter(call=call).order_by("seq")


def flow_path_of(call: Call) -> list[dict[str, Any]]:
    """The nodes that the call has entered, in order, each with the agent (its public id) whose flow it is."""
    agent = call.agent.public_id if call.agent is not None else None
    path = []
    for event in events_of(call).filter(type__in=["flow", "handed_over"]):
        if event.type == "handed_over":
            agent = event.body["agent"]
        else:
            step = {name: event.body.get(name, default) for name, default in FLOW_STEP.items()}
            path.append({"agent": agent, **step})
    return path


def tenant_of(call_id: UUID) -> UUID:
    """The tenant of a call that a node speaks of. Raises CallUnknown."""
    with platform_scope():
        tenant_id = Call.objects.filter(pk=call_id).values_list("tenant_id", flat=True).first()
    if tenant_id is None:
        raise CallUnknown("There is no call with this id.")
    return tenant_id


def locked(call_id: UUID) -> Call:
    """The call, its row locked until the end of the transaction. Raises CallUnknown."""
    call = Call.objects.select_for_update(no_key=True, of=("self",)).filter(pk=call_id).first()
    if call is None:
        raise CallUnknown("There is no call with this id.")
    return call


def lost_among(call_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the calls a node carries that we have given up, or never knew; in the platform scope."""
    known = dict(Call.objects.filter(pk__in=call_ids).values_list("pk", "end_reason"))
    return [i for i in call_ids if known.get(i, EndReason.NODE_LOST) == EndReason.NODE_LOST]


def usage_of(trunk_id: UUID, *, now: datetime | None = None) -> Usage:
    """What a trunk carries now."""
    return usage_of_trunks([trunk_id], now=now).get(trunk_id, Usage())


_ON_WIRE = "state IN ({})".format(", ".join(f"'{state}'" for state in ON_A_NODE))
_NEW_INBOUND = "direction = 'inbound' AND id > %(second_ago_id)s"
# The older bound is what the index of `dial_at` begins at.
_NEW_OUTBOUND = "dial_at > %(long_ago)s AND dialing_at > %(second_ago)s"
_REFUSED = "state = 'ended' AND answered_at IS NULL AND end_reason = ANY(%(refused)s)"
_USAGE = f"""
SELECT trunk_id,
       count(*) FILTER (WHERE {_ON_WIRE} AND direction = 'inbound'),
       count(*) FILTER (WHERE {_ON_WIRE} AND direction = 'outbound')
         + coalesce(sum(cardinality(legs)) FILTER (WHERE {_ON_WIRE}), 0),
       count(*) FILTER (WHERE {_NEW_INBOUND} AND NOT ({_REFUSED})),
       count(*) FILTER (WHERE {_NEW_OUTBOUND}),
       min(dialing_at) FILTER (WHERE {_NEW_OUTBOUND})
  FROM calls_call
 WHERE trunk_id = ANY(%(trunks)s)
   AND ({_ON_WIRE} OR ({_NEW_INBOUND}) OR ({_NEW_OUTBOUND}))
 GROUP BY trunk_id
"""  # noqa: S608


def usage_of_trunks(trunk_ids: Collection[UUID], *, now: datetime | None = None) -> dict[UUID, Usage]:
    """What trunks carry now; one that carries nothing may be missing. One query, of the scope in force."""
    current_scope()
    second_ago = (now or timezone.now()) - timedelta(seconds=1)
    values: dict[str, Any] = {
        "trunks": list(trunk_ids),
        "refused": [str(reason) for reason in REFUSED],
        "second_ago": second_ago,
        "second_ago_id": first_id_at(second_ago),
        "long_ago": second_ago - timedelta(minutes=15),
    }
    # Written out: making it of parts, at each call, took longer than PostgreSQL takes to answer it.
    with connection.cursor() as cursor:
        cursor.execute(_USAGE, values)
        return {trunk_id: Usage(*usage) for trunk_id, *usage in cursor.fetchall()}


def latency_summary(turns: Iterable[Turn]) -> dict[str, dict[str, int]] | None:
    """Median and worst of the agent's response time and of its parts, in ms; None without a measured turn."""
    agent = [turn for turn in turns if turn.speaker == "agent"]
    summary: dict[str, dict[str, int]] = {}
    for part in LATENCY_PARTS:
        values = [v for turn in agent if (v := getattr(turn, f"{part}_ms")) is not None]
        if values:
            summary[part] = {
                "median_ms": round(median(values)),
                "worst_ms": max(values),
                "turns": len(values),
            }
    return summary or None
