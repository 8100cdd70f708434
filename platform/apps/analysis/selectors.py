"""Reads of analyses, and of calls as an extractor takes them; in the tenant's scope."""

from __future__ import annotations

from functools import lru_cache
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import QuerySet
from phonenumbers import NumberParseException, parse, region_code_for_number
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from apps.agents.models import Agent
from apps.analysis.models import Analysis, Rerun
from apps.analysis.transcript import Conversation, Line, Speaker
from apps.analysis.wanted import Wanted
from apps.calls.models import Call, CallDraft, Direction
from tenants.errors import NotFound

LEAST_SURE = 0.4
"""A transcriber's doubt lowers a value's confidence, but not to nothing: it is of the whole turn."""


def get_analysis(call_id: UUID) -> Analysis:
    """That of a call, with the call. NotFound while there is none."""
    row = Analysis.objects.select_related("call").filter(call_id=call_id).first()
    if row is None:
        raise NotFound("This call has not been analyzed: it goes on, or ended before there was analysis.")
    return row


def list_reruns(agent: Agent) -> QuerySet[Rerun]:
    """Those of `agent`, the newest first."""
    return Rerun.objects.filter(agent=agent).order_by("-id")


def get_rerun(rerun_id: UUID, *, lock: bool = False) -> Rerun:
    """NotFound when there is none."""
    rows = Rerun.objects.select_related("agent")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    rerun = rows.filter(pk=rerun_id).first()
    if rerun is None:
        raise NotFound("There is no such rerun.")
    return rerun


def wanted_now(agent: Agent) -> Wanted:
    """What the agent wants of its calls now: as published, or of one that never was as its draft is."""
    version = agent.published_version
    return Wanted.of(version.config if version is not None else agent.draft)


def wanted_then(call: Call) -> Wanted:
    """What the agent wanted when the call was made."""
    return Wanted.of(_config_of(call))


def conversation_of(call: Call) -> Conversation:
    """The call as an extractor reads it."""
    e164 = call.to_number if call.direction == Direction.OUTBOUND else call.from_number
    zone, country = whereabouts(e164)
    began = call.answered_at or call.created_at
    turns = call.turns.order_by("index", "seq").values_list("index", "speaker", "text", "dtmf", "confidence")
    return Conversation(
        lines=tuple(
            Line(index, cast(Speaker, speaker), text, keys, _sure(confidence))
            for index, speaker, text, keys, confidence in turns
            if text.strip()
        ),
        at=began.astimezone(_zone(zone)),
        language=str(_config_of(call).get("language", "en-US")),
        country=country,
        slots={name: str(value) for name, value in call.slots.items() if value not in (None, "")},
        direction=call.direction,
        duration_ms=call.duration_ms,
        ended=call.end_words,
    )


@lru_cache(maxsize=10_000)
def whereabouts(e164: str) -> tuple[str, str]:
    """Time zone and country (ISO 3166) of who has the number, as far as the number tells; "" each. Of several
    zones the first."""
    try:
        number = parse(e164)
    except NumberParseException:
        return "", ""
    zones = time_zones_for_number(number)
    zone = zones[0] if zones and zones[0] != UNKNOWN_TIMEZONE else ""
    return zone, region_code_for_number(number) or ""


def _config_of(call: Call) -> dict[str, object]:
    version = call.agent_version
    if version is not None:
        return dict(version.config)
    draft = CallDraft.objects.filter(call=call).first()
    if draft is not None:
        return dict(draft.config)
    return dict(call.agent.draft) if call.agent is not None else {}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _sure(confidence: float | None) -> float:
    return 1.0 if confidence is None else min(1.0, max(LEAST_SURE, confidence))
