"""Conversations for tests, written as a script is: ``A: ...`` for the agent, ``C: ...`` for the caller."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.analysis.transcript import Conversation, Line, Speaker
from media_workers.contract.analysis import ExtractionField

AT = datetime(2026, 3, 4, 15, 0, tzinfo=ZoneInfo("America/New_York"))
"""A Wednesday."""


def lines(script: str) -> tuple[Line, ...]:
    """``K: 42`` are keys that the caller pressed."""
    told = [line.strip().partition(": ") for line in script.strip().splitlines() if line.strip()]
    speakers: dict[str, Speaker] = {"A": "agent", "C": "caller", "K": "caller"}
    return tuple(Line(n, speakers[who], text, keys=who == "K") for n, (who, _, text) in enumerate(told))


def talk(script: str, **changes: Any) -> Conversation:
    given: dict[str, Any] = {"at": AT, "country": "US", "ended": "The caller hung up.", "duration_ms": 65_000}
    return Conversation(lines(script), **(given | changes))


def field(name: str, type: str = "string", **more: Any) -> ExtractionField:
    return ExtractionField.model_validate({"name": name, "type": type, **more})
