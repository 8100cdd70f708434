from __future__ import annotations

import io
import json
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.analysis.models import Analysis
from apps.calls.errors import CallGoesOn
from apps.calls.models import (
    Call,
    CallEvent,
    CallNote,
    FileToDelete,
    Recording,
    Turn,
    TurnWord,
)
from apps.calls.services import record_events
from apps.calls.services.call_files import recording_storage
from apps.calls.services.erasing import (
    PACKETS,
    SPEECH,
    erase_call,
    erase_capture,
    erase_recording,
    erase_transcript,
    erasing,
)
from apps.calls.services.files_to_delete import delete_due
from media_workers.contract import events as contract
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope
from tests.apps.calls.services.test_recordings import files, folder, upload, wav
from tests.apps.calls.wire import batch, event, fresh, turn

__all__ = ["folder"]

SECRET = "sesame"


@pytest.fixture
def ended(node: MediaNode, answered: Call) -> Call:
    """A call that is over, with words wherever words can be."""
    said = [
        turn(2, 0, "caller", f"open {SECRET}", account={"retrieval": {"query": SECRET, "took_ms": 1}}),
        event(3, "partial", speaker="caller", text=f"open {SECRET}", at_ms=10),
        event(4, "dtmf", digit="7", at_ms=20),
        event(5, "tool", name="door", arguments={"word": SECRET}, result=SECRET, at_ms=30),
        event(
            6, "sip", direction="in", peer="192.0.2.1:5060", transport="udp", first_line="BYE", text=SECRET
        ),
        event(7, "ended", reason="caller_hung_up", duration_ms=60_000, slots={"word": SECRET}),
    ]
    record_events(node, batch(answered.pk, *said))
    with tenant_scope(answered.tenant_id):
        CallNote.objects.create(call=answered, text=SECRET, author="x", author_name="x")
    return fresh(answered.pk)


def everything(call: Call) -> str:
    """Whatever calls keep of the call, as one text."""
    with tenant_scope(call.tenant_id):
        kept: list[Any] = [
            list(model.objects.filter(call=call).values()) for model in (CallEvent, Turn, CallNote, TurnWord)
        ]
        kept.append(list(Call.objects.filter(pk=call.pk).values()))
    return json.dumps(kept, default=str)


def test_a_transcript_goes_and_its_times_stay(ended: Call) -> None:
    assert everything(ended).count(SECRET) >= 8

    with tenant_scope(ended.tenant_id):
        erased = erase_transcript(ended)
        erase_capture(ended)

    assert SECRET not in everything(ended)
    assert erased.rows >= 5
    with tenant_scope(ended.tenant_id):
        kept = Turn.objects.get(call=ended)
        assert (kept.text, kept.start_ms, kept.end_ms) == ("", 0, 800)
        seqs = list(CallEvent.objects.filter(call=ended).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 8))
    call = fresh(ended.pk)
    assert call.transcript_erased_at
    assert call.packets_erased_at
    assert (call.slots, call.search_language) == ({}, "")


def test_erasing_twice_does_no_harm(ended: Call) -> None:
    with tenant_scope(ended.tenant_id):
        erase_transcript(ended)
        before = fresh(ended.pk).transcript_erased_at
        assert erase_transcript(ended).rows == 0

    assert fresh(ended.pk).transcript_erased_at == before


def test_a_call_goes_with_all_that_calls_keep_of_it(
    node: MediaNode, ended: Call, folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    recording = upload(node, ended, wav(0.1))
    with tenant_scope(ended.tenant_id):
        Analysis.objects.filter(call=ended).delete()

    with django_capture_on_commit_callbacks(execute=True), tenant_scope(ended.tenant_id):
        erased = erase_call(ended)

    assert (erased.files, erased.bytes, erased.sha256) == (1, recording.size_bytes, (recording.sha256,))
    assert files(folder) == []
    with tenant_scope(ended.tenant_id):
        assert not Call.objects.filter(pk=ended.pk).exists()
        assert not CallEvent.objects.filter(call_id=ended.pk).exists()
        assert not FileToDelete.objects.exists()


def test_a_file_whose_deletion_was_not_come_to_is_deleted_later(
    node: MediaNode, ended: Call, folder: Path
) -> None:
    """The process died after the commit: nothing that it was to do then was done."""
    upload(node, ended, wav(0.1))
    with tenant_scope(ended.tenant_id):
        assert erase_recording(ended).files == 1
        assert erase_recording(ended).files == 0
        assert not Recording.objects.filter(call=ended).exists()
    assert len(files(folder)) == 1

    delete_due()

    assert files(folder) == []
    with tenant_scope(ended.tenant_id):
        assert not FileToDelete.objects.exists()


def test_a_file_that_never_got_a_row_goes_by_itself(node: MediaNode, ended: Call, folder: Path) -> None:
    from apps.calls.services.call_files import stored

    key = stored(ended, io.BytesIO(b"half of something"), "wav")
    assert delete_due() == 0
    assert recording_storage().exists(key)

    with tenant_scope(ended.tenant_id):
        FileToDelete.objects.update(due_at=timezone.now())
    delete_due()

    assert files(folder) == []


@pytest.mark.parametrize("erase", [erase_transcript, erase_capture, erase_call])
def test_a_call_that_goes_on_is_left_alone(answered: Call, erase: Callable[[Call], Any]) -> None:
    with tenant_scope(answered.tenant_id), pytest.raises(CallGoesOn):
        erase(answered)


@pytest.mark.parametrize(
    ("changes", "let_through"),
    [({"body": {}}, True), ({"seq": 99}, False), ({"type": "turn"}, False), ({"at": timezone.now()}, False)],
)
def test_the_door_lets_words_out_and_nothing_else(
    ended: Call, changes: dict[str, Any], let_through: bool
) -> None:
    def change() -> None:
        with transaction.atomic():
            CallEvent.objects.filter(call=ended, seq=5).update(**changes)

    with tenant_scope(ended.tenant_id):
        with pytest.raises(DatabaseError):
            change()
        with erasing():
            if let_through:
                change()
            else:
                with pytest.raises(DatabaseError):
                    change()
        with pytest.raises(DatabaseError):
            change()


def bodies() -> Iterator[Any]:
    union, _ = typing.get_args(contract.EventBody)
    yield from typing.get_args(union)


TELLS_NO_WORDS = {
    "ringing", "answered", "forwarded", "barge_in", "flow", "handed_over", "language", "gateway_failed",
    "leg", "media", "recording",
}  # fmt: skip
"""Types of events in which nothing is that anybody said or typed."""


def test_nobody_forgets_what_a_new_event_may_tell() -> None:
    types = {body.model_fields["type"].default for body in bodies()}

    assert types == set(SPEECH) | set(PACKETS) | TELLS_NO_WORDS
    for body in bodies():
        for name in (SPEECH | PACKETS).get(body.model_fields["type"].default, {}):
            assert name in body.model_fields
