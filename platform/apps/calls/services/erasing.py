"""What is kept of a call taken away for good: its sound, its words, its packets, or all of it.

Each function runs in the tenant's scope, locks the call, may be repeated, and says what went. Files go after
the commit (`files_to_delete`). None asks about legal holds: whoever decides to erase has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.db import connection
from django.utils import timezone

from apps.calls.errors import CallGoesOn
from apps.calls.models import (
    Call,
    CallDraft,
    CallEvent,
    CallNote,
    CallShare,
    CallTag,
    Capture,
    Recording,
    Redaction,
    Turn,
    TurnWord,
)
from apps.calls.selectors import locked
from apps.calls.services.files_to_delete import delete_after_commit
from apps.calls.states import CallState

SPEECH: dict[str, dict[str, Any]] = {
    "turn": {"text": ""},
    "partial": {"text": ""},
    "dtmf": {"digit": "*", "masked": True},
    "tool": {"arguments": {}, "result": "", "trouble": ""},
    "control": {"text": ""},
    "answered_by": {"signals": []},
    "transfer": {"detail": ""},
    "trouble": {"detail": ""},
    "ended": {"slots": {}, "detail": ""},
}
"""What is left in the place of words, by the type of the event."""

PACKETS: dict[str, dict[str, Any]] = {"sip": {"text": "", "first_line": "", "local": "", "peer": ""}}
"""What is left of SIP messages."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went. `sha256`: of each file; `bytes` of all of them."""

    rows: int = 0
    files: int = 0
    bytes: int = 0
    sha256: tuple[str, ...] = ()

    def __add__(self, other: Erased) -> Erased:
        return Erased(
            self.rows + other.rows,
            self.files + other.files,
            self.bytes + other.bytes,
            self.sha256 + other.sha256,
        )


@contextmanager
def erasing() -> Iterator[None]:
    """The one door in the trigger that keeps events as they came: inside, what an event holds may be taken
    out, and events be deleted. Closed again at the end of the block, and with the transaction anyway."""
    _door("on")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _door("")


def erase_recording(call: Call) -> Erased:
    """The call's sound."""
    call = locked(call.pk)
    Redaction.objects.filter(call=call, done_at=None).update(done_at=timezone.now())
    return _without_file(Recording.objects.select_for_update().filter(call=call).first())


def erase_transcript(call: Call) -> Erased:
    """What was said and typed: turns, events, slots, notes, the words it was found by. The turns stay with
    their times, so that figures of response times do."""
    call = locked(_ended(call).pk)
    turns = Turn.objects.filter(call=call).exclude(text="").update(text="")
    _forget_lookups(call)
    rows = turns + _blank(call, SPEECH) + CallNote.objects.filter(call=call).delete()[0]
    TurnWord.objects.filter(call=call)._raw_delete(TurnWord.objects.db)
    call.slots, call.search_language = {}, ""
    call.transcript_erased_at = call.transcript_erased_at or timezone.now()
    _save(call, "slots", "search_language", "transcript_erased_at")
    return Erased(rows=rows)


def erase_rtp(call: Call) -> Erased:
    """Captured RTP, which sounds like the call; the SIP messages stay. The call is locked."""
    return _without_file(Capture.objects.select_for_update().filter(call=call).first())


def erase_capture(call: Call) -> Erased:
    """Its packets: captured RTP, and the SIP messages."""
    call = locked(_ended(call).pk)
    erased = erase_rtp(call) + Erased(rows=_blank(call, PACKETS))
    call.packets_erased_at = call.packets_erased_at or timezone.now()
    _save(call, "packets_erased_at")
    return erased


def erase_call(call: Call) -> Erased:
    """The call with everything that calls keep of it. What other domains keep of it refers to it, and must
    have gone before; its price stays in the ledger, which names nobody."""
    call = locked(_ended(call).pk)
    erased = _without_file(Recording.objects.select_for_update().filter(call=call).first())
    erased += erase_rtp(call)
    rows = 0
    for of_call in (TurnWord, CallTag, CallNote, CallShare, Redaction, CallDraft, Turn):
        rows += of_call.objects.filter(call=call)._raw_delete(of_call.objects.db)
    with erasing():
        rows += CallEvent.objects.filter(call=call)._raw_delete(CallEvent.objects.db)
    rows += Call.objects.filter(pk=call.pk)._raw_delete(Call.objects.db)
    return erased + Erased(rows=rows)


def _ended(call: Call) -> Call:
    if call.state != CallState.ENDED:
        raise CallGoesOn("The call goes on: what is kept of it can be erased once it has ended.")
    return call


def _save(call: Call, *fields: str) -> None:
    """No figure of a trunk changes by it: nothing is marked to be summed again."""
    with pgtrigger.ignore("calls.Call:late_for_trunk_slots"):
        call.save(update_fields=[*fields, "updated_at"])


def _door(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.erasing', %s, true)", [state])


def _without_file(row: Recording | Capture | None) -> Erased:
    if row is None:
        return Erased()
    delete_after_commit(row.storage_key)
    erased = Erased(rows=1, files=1, bytes=row.size_bytes, sha256=(row.sha256,))
    row.delete()
    return erased


def _forget_lookups(call: Call) -> None:
    """What was looked up for a turn repeats the caller's words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE calls_turn SET account = account #- '{retrieval}'"
            " WHERE call_id = %s AND account IS NOT NULL AND account -> 'retrieval' <> 'null'",
            [call.pk],
        )


def _blank(call: Call, left: dict[str, dict[str, Any]]) -> int:
    """Leaves of the call's events what `left` says for their types; how many had more."""
    with erasing(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE calls_callevent e SET body = (e.body || b.blank || '{\"erased\": true}')"
            " #- '{account,retrieval}'"
            " FROM jsonb_each(%s::jsonb) AS b(type, blank)"
            " WHERE e.call_id = %s AND e.type = b.type AND NOT e.body ? 'erased'",
            [json.dumps(left), call.pk],
        )
        return int(cursor.rowcount)
