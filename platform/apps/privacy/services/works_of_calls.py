"""Calls, and what is kept of them: recordings, captures, transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.analysis.models import Analysis, AnalysisState, Label
from apps.calls.models import Call, Capture, Recording
from apps.calls.services.erasing import erase_call, erase_capture, erase_recording, erase_transcript
from apps.calls.states import CallState
from apps.campaigns.models import Attempt, AttemptState, Suppression
from apps.followups.models import Callback, CallbackState, MessageState, TextMessage
from apps.privacy.models import LegalHold
from apps.privacy.selectors import Holds
from apps.privacy.services.erasing import File
from apps.privacy.services.works import Work, delete_rows, ids
from apps.privacy.services.works_of_others import delete_callbacks, delete_events
from apps.suites.models import CaseRun
from apps.webhooks.models import Event

RECORDINGS = "recordings"
"""The storage of recordings and of captures."""

ERASED_ANALYSIS = "What was said was deleted."
_OPEN_CALLBACK = (CallbackState.WAITING, CallbackState.TAKEN)


def file_of(row: Recording | Capture) -> File:
    return File(RECORDINGS, row.storage_key, row.size_bytes, row.sha256)


class Recordings(Work):
    clock = "call__ended_at"
    files = ("storage_key",)

    def due(self, before: datetime) -> QuerySet[Recording]:
        return Recording.objects.filter(call__ended_at__lt=before).select_related("call")

    def held(self, holds: Holds) -> Q:
        return holds.calls("call__")

    def files_of(self, row: Recording) -> tuple[File, ...]:
        return (file_of(row),)

    def erase(self, rows: Sequence[Recording]) -> None:
        for row in rows:
            erase_recording(row.call)


class _CallsWith(Work):
    """Calls that have ended and have something left of what is to go."""

    clock = "ended_at"

    def held(self, holds: Holds) -> Q:
        return holds.calls()

    @staticmethod
    def ended(before: datetime) -> QuerySet[Call]:
        return Call.objects.filter(state=CallState.ENDED, ended_at__lt=before)


class Captures(_CallsWith):
    files = ("capture__storage_key",)

    def due(self, before: datetime) -> QuerySet[Call]:
        rows = self.ended(before).filter(Q(capture__isnull=False) | Q(packets_erased_at=None))
        return rows.select_related("capture")

    def files_of(self, row: Call) -> tuple[File, ...]:
        return _files(row, "capture")

    def erase(self, rows: Sequence[Call]) -> None:
        for row in rows:
            erase_capture(row)


class Transcripts(_CallsWith):
    def due(self, before: datetime) -> QuerySet[Call]:
        known = Analysis.objects.filter(call=OuterRef("pk")).exclude(problem=ERASED_ANALYSIS)
        return self.ended(before).filter(Q(transcript_erased_at=None) | Exists(known))

    def erase(self, rows: Sequence[Call]) -> None:
        for row in rows:
            erase_transcript(row)
        empty_analyses(ids(rows))


class Calls(_CallsWith):
    files = ("recording__storage_key", "capture__storage_key")

    def due(self, before: datetime) -> QuerySet[Call]:
        return self.ended(before).exclude(still_needed()).select_related("recording", "capture")

    def held(self, holds: Holds) -> Q:
        kept = Callback.objects.filter(placed_call=OuterRef("pk"), call__in=holds.held_calls)
        return holds.calls() | Q(Exists(kept))

    def files_of(self, row: Call) -> tuple[File, ...]:
        return _files(row, "recording") + _files(row, "capture")

    def erase(self, rows: Sequence[Call]) -> None:
        erase_whole_calls(rows)


def still_needed() -> Q:
    """Calls of which something is still to come: an answer to a promise, a message, an attempt's outcome."""
    of_call: dict[str, Any] = {"call": OuterRef("pk")}
    return (
        Q(Exists(Callback.objects.filter(**of_call, state__in=_OPEN_CALLBACK)))
        | Q(Exists(TextMessage.objects.filter(**of_call, state=MessageState.QUEUED)))
        | Q(Exists(Attempt.objects.filter(**of_call, state=AttemptState.OPEN)))
    )


def empty_analyses(call_ids: Sequence[UUID]) -> None:
    """Nothing is left of what they say; their rows stay, so that no call is taken for one to analyze."""
    delete_rows(Label.objects.filter(call__in=call_ids))
    Analysis.objects.filter(call_id__in=call_ids).update(
        state=AnalysisState.SKIPPED,
        problem=ERASED_ANALYSIS,
        revision=F("revision") + 1,
        values={},
        summary="",
        outcome="",
        success=None,
        reasons=[],
        sentiment=[],
        sentiment_score=None,
        topics=[],
        unanswered=[],
        flags=[],
        next_at=None,
        leased_until=None,
        updated_at=timezone.now(),
    )


def erase_whole_calls(rows: Sequence[Call]) -> None:
    """With everything of them: what they led to goes, what only names them forgets them. What campaigns
    count of their attempts stays, and so do the sums in the ledger."""
    call_ids = ids(rows)
    delete_callbacks(Callback.objects.filter(Q(call__in=call_ids) | Q(placed_call__in=call_ids)))
    delete_rows(TextMessage.objects.filter(call__in=call_ids))
    delete_events(Event.objects.filter(key__in=[row.public_id for row in rows]), key_goes_on=False)
    Suppression.objects.filter(call__in=call_ids).update(call=None)
    Attempt.objects.filter(call__in=call_ids).update(call=None)
    CaseRun.objects.filter(call__in=call_ids).update(call=None, record=None)
    LegalHold.objects.filter(call__in=call_ids).update(call=None)  # released ones
    delete_rows(Label.objects.filter(call__in=call_ids))
    delete_rows(Analysis.objects.filter(call__in=call_ids))
    for row in rows:
        erase_call(row)


def _files(row: Call, name: str) -> tuple[File, ...]:
    kept = getattr(row, name, None)
    return () if kept is None else (file_of(kept),)
