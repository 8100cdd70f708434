"""What tenants are told of a call's analysis."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from pydantic import Field

from apps.analysis.models import Analysis
from apps.calls.models import Call
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import anybody_wants, publish


class ExtractedValue(EventData):
    value: Any = Field(description="As the field's type says; null: there is none.")
    turn: int | None = Field(description="Index of the turn that it came from.")
    quote: str = Field(description="What was said there.")
    confidence: float | None = Field(description="0 to 1.")
    problem: str = Field(description="Why there is none, in words.")


class CallAnalyzed(EventData):
    """What is known of a call after it; told again when it is analyzed anew (`revision`)."""

    call: str = Field(pattern=PUBLIC_ID)
    revision: int
    extractor: str = Field(description="rules or model.")
    values: dict[str, ExtractedValue] = Field(description="By the field's name.")
    summary: str
    outcome: str
    success: bool | None = Field(description="Whether the agent's goals were reached; null: it has none.")
    sentiment_score: float | None = Field(description="-1 to 1.")
    topics: list[str]
    unanswered: list[str] = Field(description="Questions that the agent could not answer.")
    flags: list[str] = Field(description="Compliance rules that were broken, by name.")
    analyzed_at: datetime


def call_analyzed(*, call: Call, analysis: Analysis, **_: Any) -> None:
    """Receiver of `apps.analysis.signals.call_analyzed`: `call.analyzed`."""
    if not anybody_wants("call.analyzed", tenant_id=call.tenant_id):
        return
    at = analysis.analyzed_at or timezone.now()
    data = CallAnalyzed(
        call=call.public_id,
        revision=analysis.revision,
        extractor=analysis.extractor,
        values={name: _value(value) for name, value in analysis.values.items()},
        summary=analysis.summary,
        outcome=analysis.outcome,
        success=analysis.success,
        sentiment_score=analysis.sentiment_score,
        topics=analysis.topics,
        unanswered=[str(one.get("question", "")) for one in analysis.unanswered],
        flags=[str(one.get("name", "")) for one in analysis.flags],
        analyzed_at=at,
    )
    publish("call.analyzed", data, key=call.public_id, at=at, tenant_id=call.tenant_id)


def _value(value: dict[str, Any]) -> ExtractedValue:
    return ExtractedValue(
        value=value.get("value"),
        turn=value.get("turn"),
        quote=value.get("quote") or "",
        confidence=value.get("confidence"),
        problem=value.get("problem") or "",
    )


_EXAMPLE = {
    "call": "call_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "revision": 1,
    "extractor": "rules",
    "values": {
        "day": {
            "value": "2026-01-12",
            "turn": 1,
            "quote": "on Monday",
            "confidence": 0.9,
            "problem": "",
        }
    },
    "summary": "The caller asked for an appointment and got one on Monday.",
    "outcome": "booked",
    "success": True,
    "sentiment_score": 0.4,
    "topics": ["appointment"],
    "unanswered": [],
    "flags": [],
    "analyzed_at": "2026-01-05T09:30:04Z",
}


def register_events() -> None:
    """Called as applications start."""
    register(
        EventType(
            "call.analyzed",
            "What was extracted of a call that is over, and what it came to.",
            CallAnalyzed,
            Call.id_prefix,
            _EXAMPLE,
        )
    )
