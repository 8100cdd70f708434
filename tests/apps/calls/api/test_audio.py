from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import FileSystemStorage
from hypothesis import given
from hypothesis import strategies as st

from apps.calls.api import audio
from apps.calls.api.audio import NotSatisfiable, Part, requested_part
from apps.calls.models import Call
from apps.calls.services import save_recording
from telephony.edge.models import MediaNode
from tenants import scope
from tenants.models import Tenant
from tests.apps.calls.services.test_recordings import wav
from tests.tenancy import key_client, make_key

DATA = wav(1.5)
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=0-", Part(0, 99)),
        ("bytes=0-0", Part(0, 0)),
        ("bytes=10-19", Part(10, 19)),
        ("bytes=90-500", Part(90, 99)),
        ("bytes=-10", Part(90, 99)),
        ("bytes=-500", Part(0, 99)),
        ("bytes=99-99", Part(99, 99)),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("seconds=0-1", None),
        ("bytes=0-99999999999999999999999", None),
    ],
)
def test_ranges(header: str, part: Part | None) -> None:
    assert requested_part(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_outside(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        requested_part(header, 100)


@given(header=st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), size=st.integers(0, 5000))
def test_a_part_lies_inside(header: str, size: int) -> None:
    try:
        part = requested_part(header, size)
    except NotSatisfiable:
        return
    assert part is None or 0 <= part.start <= part.end < size


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes


Get = Callable[..., Answer]


@pytest.fixture
def get(node: MediaNode, tenant: Tenant, answered: Call, settings: Any, tmp_path: Path) -> Get:
    """Asks for the recording of a call."""
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    save_recording(node, answered.pk, io.BytesIO(DATA), sha256=DIGEST)
    client = key_client(make_key(tenant))

    def ask(**headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response: Any = client.get(f"/api/v1/calls/{answered.public_id}/recording", headers=named)
        return Answer(response.status_code, response.headers, async_to_sync(_body)(response))

    return ask


async def _body(response: Any) -> bytes:
    """What an ASGI server sends: never read in the event loop, so that nobody waits for our disk."""
    if not response.streaming:
        content: bytes = response.content
        return content
    assert response.is_async
    return b"".join([chunk async for chunk in response.streaming_content])


def test_the_whole(get: Get, answered: Call) -> None:
    answer = get()
    assert (answer.status, answer.body) == (200, DATA)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == str(len(DATA))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{answered.public_id}.wav"'
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("chunk", [7, 1000, 1_000_000])
def test_a_part(get: Get, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(audio, "CHUNK_BYTES", chunk)
    answer = get(Range="bytes=44-2043")
    assert (answer.status, answer.body) == (206, DATA[44:2044])
    assert answer.headers["Content-Range"] == f"bytes 44-2043/{len(DATA)}"
    assert answer.headers["Content-Length"] == "2000"


def test_the_end(get: Get) -> None:
    assert get(Range="bytes=-100").body == DATA[-100:]


def test_parts_make_the_whole(get: Get) -> None:
    step = 5_000
    parts = [get(Range=f"bytes={start}-{start + step - 1}").body for start in range(0, len(DATA), step)]
    assert b"".join(parts) == DATA


def test_outside(get: Get) -> None:
    answer = get(Range=f"bytes={len(DATA)}-")
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(DATA)}"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("tag", "status"), [(f'"{DIGEST}"', 206), ('"another"', 200)])
def test_a_part_of_the_same_recording_only(get: Get, tag: str, status: int) -> None:
    assert get(Range="bytes=0-9", If_Range=tag).status == status


@pytest.mark.parametrize("accept", ["audio/wav", "audio/*;q=0.9,*/*;q=0.1", "*/*", "application/json"])
def test_whatever_a_player_accepts(get: Get, accept: str) -> None:
    assert get(Accept=accept).status == 200


def test_a_missing_recording_is_told_in_words(get: Get, answered: Call, tmp_path: Path) -> None:
    for path in tmp_path.rglob("*.wav"):
        path.unlink()
    answer = get(Accept="audio/wav")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.body)["code"] == "no_recording"


def test_the_storage_is_asked_when_the_transaction_is_over(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    in_force: list[Any] = []
    exists = FileSystemStorage.exists

    def look(storage: FileSystemStorage, name: str) -> bool:
        in_force.append(scope._current.get())
        return exists(storage, name)

    monkeypatch.setattr(FileSystemStorage, "exists", look)

    assert get().status == 200
    assert set(in_force) == {None}
