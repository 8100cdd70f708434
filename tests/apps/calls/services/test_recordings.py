from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.calls.errors import CallNotYours, CallUnknown, RecordingRefused
from apps.calls.models import Call, Recording
from apps.calls.services import recordings, save_recording
from apps.calls.services.call_files import recording_storage
from apps.calls.services.files_to_delete import delete_due
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import platform_scope


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


def wav(seconds: float = 1.0, *, channels: int = 2, rate: int = 8000, fill: bytes = b"\x01\x02") -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(fill * channels * int(seconds * rate))
    return buffer.getvalue()


def upload(node: MediaNode, call: Call, data: bytes, sha256: str = "") -> Recording:
    digest = sha256 or hashlib.sha256(data).hexdigest()
    return save_recording(node, call.pk, io.BytesIO(data), sha256=digest)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def kept() -> list[Recording]:
    with platform_scope():
        return list(Recording.objects.all())


def test_a_tenant_that_is_being_deleted_gets_no_file(node: MediaNode, answered: Call, folder: Path) -> None:
    with platform_scope():
        Tenant.objects.filter(pk=answered.tenant_id).update(deleting_at=timezone.now())

    with pytest.raises(RecordingRefused) as refused:
        upload(node, answered, wav())

    assert refused.value.code == "tenant_leaving"
    assert (files(folder), kept()) == ([], [])


@pytest.mark.parametrize("seconds", [0.0, 0.5, 40.0])
def test_a_recording_is_stored(node: MediaNode, answered: Call, folder: Path, seconds: float) -> None:
    data = wav(seconds)
    recording = upload(node, answered, data)
    assert (recording.duration_ms, recording.size_bytes) == (seconds * 1000, len(data))
    assert recording.tenant_id == answered.tenant_id
    assert [path.read_bytes() for path in files(folder)] == [data]
    with recording_storage().open(recording.storage_key) as file:
        assert file.read() == data


def test_the_name_tells_nothing_but_ids(node: MediaNode, answered: Call, folder: Path) -> None:
    key = upload(node, answered, wav()).storage_key
    assert key.startswith(f"{answered.tenant_id.hex}/")
    assert answered.pk.hex in key
    assert answered.from_number.strip("+") not in key


def test_sent_again_it_stays_one(node: MediaNode, answered: Call, folder: Path) -> None:
    first, second = upload(node, answered, wav()), upload(node, answered, wav())
    assert first == second
    assert len(files(folder)) == len(kept()) == 1


def test_sent_again_after_the_file_was_lost(node: MediaNode, answered: Call, folder: Path) -> None:
    upload(node, answered, wav())
    files(folder)[0].unlink()
    again = upload(node, answered, wav())
    assert recording_storage().exists(again.storage_key)
    assert len(kept()) == 1


def test_a_longer_one_replaces_the_first(node: MediaNode, answered: Call, folder: Path) -> None:
    upload(node, answered, wav(1))
    upload(node, answered, wav(2))
    delete_due()
    assert [recording.duration_ms for recording in kept()] == [2000]
    assert [path.read_bytes() for path in files(folder)] == [wav(2)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_wav"),
        (b"not a wav", "not_wav"),
        (wav()[:30], "not_wav"),
        (wav(channels=1), "not_stereo"),
    ],
    ids=["empty", "text", "torn", "mono"],
)
def test_what_is_no_recording_is_refused(
    node: MediaNode, answered: Call, folder: Path, data: bytes, code: str
) -> None:
    with pytest.raises(RecordingRefused) as caught:
        upload(node, answered, data)
    assert caught.value.code == code
    assert files(folder) == []
    assert kept() == []


def test_a_body_that_was_damaged_on_its_way(node: MediaNode, answered: Call, folder: Path) -> None:
    with pytest.raises(RecordingRefused) as caught:
        upload(node, answered, wav(fill=b"\x01\x03"), hashlib.sha256(wav()).hexdigest())
    assert caught.value.code == "sha256"
    assert files(folder) == []


def test_a_body_without_end(
    node: MediaNode, answered: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless:
        def read(self, size: int, /) -> bytes:
            return b"\x00" * size

    monkeypatch.setattr(recordings, "MAX_BYTES", 10_000_000)
    with pytest.raises(RecordingRefused) as caught:
        save_recording(node, answered.pk, Endless(), sha256="0" * 64)
    assert caught.value.code == "too_large"


def test_another_nodes_call(other_node: MediaNode, answered: Call, folder: Path) -> None:
    with pytest.raises(CallNotYours):
        upload(other_node, answered, wav())
    assert files(folder) == []


def test_an_unknown_call(node: MediaNode) -> None:
    with pytest.raises(CallUnknown):
        save_recording(node, uuid4(), io.BytesIO(wav()), sha256=hashlib.sha256(wav()).hexdigest())


def test_a_file_whose_row_cannot_be_written_is_removed(
    node: MediaNode, answered: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError("database gone")

    monkeypatch.setattr(Recording.objects, "update_or_create", fails)
    with pytest.raises(RuntimeError, match="database gone"):
        upload(node, answered, wav())
    assert files(folder) == []
