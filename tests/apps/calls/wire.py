"""What a media node says of a call, in short, and what the database has afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from apps.calls.models import Call
from media_workers.contract.events import CallEvent, EventBatch
from tenants.scope import platform_scope

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def event(seq: int, kind: str, **body: Any) -> CallEvent:
    """Event number `seq`, `seq` seconds after START."""
    at = START + timedelta(seconds=seq)
    return CallEvent.model_validate({"seq": seq, "at": at, "body": {"type": kind} | body})


def turn(seq: int, index: int, speaker: str, text: str, **body: Any) -> CallEvent:
    """An utterance of 800 ms that begins `index` seconds after the answer."""
    body |= {"index": index, "speaker": speaker, "text": text}
    return event(seq, "turn", start_ms=index * 1000, end_ms=index * 1000 + 800, **body)


def batch(call_id: UUID, *events: CallEvent, node: str = "node-1") -> EventBatch:
    return EventBatch(call_id=call_id, node=node, events=list(events))


def fresh(call_id: UUID) -> Call:
    """The call as the database has it."""
    with platform_scope():
        return Call.objects.select_related("node").get(pk=call_id)


def execute(statement: str) -> int:
    """Runs SQL as the program's role; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def rows(table: str) -> int:
    """How many rows a session without any scope sees."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        count: int = cursor.fetchone()[0]
    return count
