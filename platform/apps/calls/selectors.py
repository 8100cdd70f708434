"""Reads of calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from uuid import UUID

from django.db.models import QuerySet

from apps.calls.errors import CallUnknown
from apps.calls.models import Call, CallEvent, Recording, Turn
from apps.calls.states import ON_A_NODE
from media_workers.contract.events import EndReason
from tenants.scope import platform_scope

LATENCY_PARTS = ("endpoint", "transcript", "first_token", "first_audio", "own", "total")


def list_calls() -> QuerySet[Call]:
    """The calls of the tenant in force, with their recordings and the names of their agents."""
    rows = Call.objects.select_related("recording", "agent")
    return rows.defer("recording__peaks", "agent__draft", "agent__draft_api_key")


def get_call(call_id: UUID) -> Call:
    """One of `list_calls`, with its turns. Raises CallUnknown."""
    call = list_calls().prefetch_related("turns").filter(pk=call_id).first()
    if call is None:
        raise CallUnknown("There is no such call.")
    return call


def recording_of(call: Call) -> Recording | None:
    """The recording of `call`, if there is one."""
    return getattr(call, "recording", None)


def events_of(call: Call) -> QuerySet[CallEvent]:
    """What the node reported of `call`, in order."""
    return CallEvent.objects.filter(call=call).order_by("seq")


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


def calls_at_once(trunk_id: UUID) -> int:
    """How many calls are on the wire through a trunk now, both directions."""
    return Call.objects.filter(trunk_id=trunk_id, state__in=ON_A_NODE).count()


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
