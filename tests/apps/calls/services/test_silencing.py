"""The sound of what is taken out, in real WAV files."""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.calls.models import Call, FileToDelete, Recording, Redaction
from apps.calls.services import record_events, silencing
from apps.calls.services.files_to_delete import delete_due
from apps.calls.services.redacting import redact_span, redact_turn
from apps.calls.services.silencing import silence, silence_sealed, silenced
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope
from tests.apps.calls.services.test_automatic_redaction import BARE, with_rules
from tests.apps.calls.services.test_recordings import files, folder, upload
from tests.apps.calls.wire import batch, event, fresh, turn

__all__ = ["folder"]

RATE = 8000


def noise(seconds: float) -> bytes:
    """A stereo WAV in which no sample is silent, and the sides differ."""
    frames = np.arange(int(seconds * RATE), dtype=np.int32)
    samples = np.stack([frames % 30_000 + 1, -(frames % 20_000) - 1], axis=1).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def samples_of(data: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(data)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)


def silent_ms(data: bytes, channel: int) -> list[tuple[int, int]]:
    """Where a channel is digitally silent."""
    quiet = np.concatenate([[False], samples_of(data)[:, channel] == 0, [False]]).astype(int)
    edges = np.flatnonzero(np.diff(quiet)) * 1000 // RATE
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


@pytest.mark.parametrize(
    ("spans", "left", "right"),
    [
        ([("caller", 500, 700)], [(500, 700)], []),
        ([("agent", 500, 700)], [], [(500, 700)]),
        ([("", 0, 100), ("caller", 50, 200)], [(0, 200)], [(0, 100)]),
        ([("caller", -500, 100), ("caller", 1900, 9000)], [(0, 100), (1900, 2000)], []),
        ([("", 5000, 6000)], [], []),
    ],
)
@pytest.mark.parametrize("chunk", [1000, 1 << 16])
def test_exactly_the_spans_are_silent_on_their_side(
    spans: list[Any], left: list[Any], right: list[Any], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silencing, "_CHUNK_FRAMES", chunk)
    before, after = noise(2.0), io.BytesIO()

    silenced(io.BytesIO(before), after, spans)

    data = after.getvalue()
    assert (silent_ms(data, 0), silent_ms(data, 1)) == (left, right)
    assert len(data) == len(before)
    kept = samples_of(data) != 0
    assert (samples_of(data)[kept] == samples_of(before)[kept]).all()


@pytest.fixture
def ended(node: MediaNode, answered: Call) -> Call:
    said = [
        turn(2, 0, "agent", "Your name?"),
        turn(3, 1, "caller", "Jane Miller it is"),
        event(4, "tool", name="crm", arguments={"name": "Jane Miller", "n": 1}, at_ms=2000),
        event(5, "ended", reason="caller_hung_up", duration_ms=3000, slots={"name": "Jane Miller"}),
    ]
    record_events(node, batch(answered.pk, *said))
    return fresh(answered.pk)


def recording(call: Call) -> Recording:
    with tenant_scope(call.tenant_id):
        return Recording.objects.get(call=call)


def redact(call: Call, **what: Any) -> None:
    with tenant_scope(call.tenant_id):
        redact_turn(call_id=call.pk, **what) if "turn" in what else redact_span(call_id=call.pk, **what)


def test_a_turn_is_silenced_in_the_stored_file(node: MediaNode, ended: Call, folder: Path) -> None:
    old = upload(node, ended, noise(3.0))
    peaks = bytes(recording(ended).peaks)

    redact(ended, turn=1)
    assert recording(ended).sealed
    with tenant_scope(ended.tenant_id):
        assert Call.objects.get(pk=ended.pk).audible is None
    assert silence(ended.tenant_id, ended.pk)
    delete_due()

    new = recording(ended)
    (path,) = files(folder)
    data = path.read_bytes()
    assert not new.sealed
    assert new.storage_key != old.storage_key
    assert (new.sha256, new.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert new.sha256 != old.sha256
    assert bytes(new.peaks) != peaks
    assert (silent_ms(data, 0), silent_ms(data, 1)) == ([(700, 2100)], [])
    with tenant_scope(ended.tenant_id):
        assert Redaction.objects.get().done_at
        assert not FileToDelete.objects.exists()


def test_early_media_shifts_the_sound(node: MediaNode, number: Any, ring: Any, folder: Path) -> None:
    from apps.calls.services import admit_call

    call_id = admit_call(node, ring()).plan.call_id
    record_events(
        node,
        batch(
            call_id,
            event(1, "answered", codec="PCMU", recorded_ms=500),
            turn(2, 1, "caller", "A secret"),
            event(3, "ended", reason="caller_hung_up"),
        ),
    )
    call = fresh(call_id)
    upload(node, call, noise(3.0))

    redact(call, start_ms=1000, end_ms=1200, speaker="caller")
    silence(call.tenant_id, call.pk)
    delete_due()

    (path,) = files(folder)
    assert silent_ms(path.read_bytes(), 0) == [(1500, 1700)]


def test_with_rules_nobody_hears_it_before_it_is_silenced(
    node: MediaNode, answered: Call, folder: Path
) -> None:
    """Whatever comes first: the recording, what was said, or the end."""
    with_rules(answered, "cards")
    upload(node, answered, noise(3.0))
    assert recording(answered).sealed
    assert not silence(answered.tenant_id, answered.pk), "it goes on: who knows what is still said"
    record_events(
        node, batch(answered.pk, turn(2, 1, "caller", BARE), event(3, "ended", reason="caller_hung_up"))
    )
    assert recording(answered).sealed

    assert silence_sealed() == 1
    delete_due()

    (path,) = files(folder)
    assert silent_ms(path.read_bytes(), 0) == [(700, 2100)]
    assert not recording(answered).sealed


def test_with_rules_and_nothing_to_silence_it_is_opened_as_it_is(
    node: MediaNode, answered: Call, folder: Path
) -> None:
    with_rules(answered, "cards")
    record_events(node, batch(answered.pk, event(2, "ended", reason="caller_hung_up")))
    data = noise(0.2)
    upload(node, answered, data)

    assert silence(answered.tenant_id, answered.pk)

    assert [path.read_bytes() for path in files(folder)] == [data]
    assert not recording(answered).sealed


def test_the_same_recording_sent_again_after_it_was_silenced_changes_nothing(
    node: MediaNode, ended: Call, folder: Path
) -> None:
    data = noise(3.0)
    upload(node, ended, data)
    redact(ended, turn=1)
    silence(ended.tenant_id, ended.pk)
    silent = recording(ended).sha256

    upload(node, ended, data)

    assert recording(ended).sha256 == silent


def test_another_recording_is_silenced_as_well(node: MediaNode, ended: Call, folder: Path) -> None:
    upload(node, ended, noise(3.0))
    redact(ended, turn=1)
    silence(ended.tenant_id, ended.pk)

    upload(node, ended, noise(2.5))

    assert recording(ended).sealed
    assert silence(ended.tenant_id, ended.pk)
    delete_due()
    (path,) = files(folder)
    assert silent_ms(path.read_bytes(), 0) == [(700, 2100)]


class Died(BaseException):
    """As `kill -9` would: nothing catches it."""


@pytest.mark.parametrize(
    "place", ["stored", "silenced", "keep", "delete_after_commit", "telling.recording_ready", "_values"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_who_dies_on_the_way_leaves_the_old_or_the_new(
    node: MediaNode,
    ended: Call,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    when: str,
    settings: Any,
) -> None:
    data = noise(3.0)
    old = upload(node, ended, data)
    redact(ended, turn=1)
    with monkeypatch.context() as patch:
        patch.setattr(f"apps.calls.services.silencing.{place}", dying(place, when))
        with pytest.raises(Died):
            silence(ended.tenant_id, ended.pk)

    left = recording(ended)
    assert (left.sealed, left.storage_key) == (True, old.storage_key)
    assert (folder / old.storage_key).read_bytes() == data

    assert silence_sealed() == 1
    with tenant_scope(ended.tenant_id):
        FileToDelete.objects.update(due_at=ended.created_at)
    delete_due()
    (path,) = files(folder)
    assert silent_ms(path.read_bytes(), 0) == [(700, 2100)]
    assert recording(ended).storage_key == str(path.relative_to(folder))


def dying(place: str, when: str) -> Callable[..., Any]:
    import operator

    real: Callable[..., Any] = operator.attrgetter(place)(silencing)

    def die(*args: Any, **named: Any) -> Any:
        if when == "after":
            real(*args, **named)
        raise Died

    return die


def test_a_file_that_is_gone_is_told(node: MediaNode, ended: Call, folder: Path) -> None:
    upload(node, ended, noise(1.0))
    redact(ended, turn=1)
    for path in files(folder):
        path.unlink()

    assert not silence(ended.tenant_id, ended.pk)

    assert recording(ended).sealed
    with tenant_scope(ended.tenant_id):
        assert "could not be changed yet" in Redaction.objects.get().problem


def test_a_redaction_in_between_is_not_forgotten(
    node: MediaNode, ended: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(node, ended, noise(3.0))
    redact(ended, turn=1)
    real = silencing._values

    def meanwhile(file: Any) -> Any:
        monkeypatch.setattr(silencing, "_values", real)
        redact(ended, start_ms=2500, end_ms=2600, speaker="agent")
        return real(file)

    monkeypatch.setattr(silencing, "_values", meanwhile)
    assert not silence(ended.tenant_id, ended.pk)
    assert recording(ended).sealed

    assert silence_sealed() == 1
    with tenant_scope(ended.tenant_id):
        FileToDelete.objects.update(due_at=ended.created_at)
    delete_due()

    (path,) = files(folder)
    assert (silent_ms(path.read_bytes(), 0), silent_ms(path.read_bytes(), 1)) == (
        [(700, 2100)],
        [(2500, 2600)],
    )
