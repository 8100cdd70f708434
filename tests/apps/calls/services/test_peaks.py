"""The waveform of a recording, computed when it is stored and drawn by the call's page."""

from __future__ import annotations

import hashlib
import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import storages

from apps.calls.models import Call
from apps.calls.services import peaks, save_recording
from apps.calls.services.peaks import POINTS, peaks_of_wav
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tests.tenancy import key_client, make_key


def stereo(left: np.ndarray, right: np.ndarray) -> bytes:
    """A WAV of 8000 Hz with these samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(np.stack([left, right], axis=1).astype("<i2").tobytes())
    return file.getvalue()


def sides(data: bytes) -> tuple[list[int], list[int]]:
    found = peaks_of_wav(io.BytesIO(data))
    return list(found[: len(found) // 2]), list(found[len(found) // 2 :])


def test_each_point_is_the_loudest_sample_of_its_stretch() -> None:
    left, right = np.zeros(8 * POINTS), np.zeros(8 * POINTS)
    left[8 * 10 + 7] = 32_767
    left[8 * 500] = -32_768
    right[8 * 999 + 7] = 16_384

    heard_left, heard_right = sides(stereo(left, right))

    assert (len(heard_left), len(heard_right)) == (POINTS, POINTS)
    assert {n: v for n, v in enumerate(heard_left) if v} == {10: 255, 500: 255}
    assert {n: v for n, v in enumerate(heard_right) if v} == {999: 127}


def test_pieces_read_one_by_one_make_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).integers(-32_768, 32_767, (2, 12_345))
    whole = sides(stereo(*noise))

    monkeypatch.setattr(peaks, "_CHUNK_FRAMES", 97)

    assert sides(stereo(*noise)) == whole


def test_a_recording_shorter_than_the_points() -> None:
    assert sides(stereo(np.array([0, 32_767, 0]), np.array([32_767, 0, 0]))) == ([0, 255, 0], [255, 0, 0])
    assert sides(stereo(np.array([]), np.array([]))) == ([], [])


def test_the_page_gets_what_the_upload_held(
    tenant: Tenant, node: MediaNode, answered: Call, settings: Any, tmp_path: Path
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    client = key_client(make_key(tenant))
    address = f"/api/v1/calls/{answered.public_id}/recording/peaks"
    assert client.get(address).json()["code"] == "no_recording"
    data = stereo(np.full(8_000, 32_767), np.zeros(8_000))

    save_recording(node, answered.pk, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())

    assert storages["recordings"].listdir("")[0]
    told = client.get(address).json()
    assert told["duration_ms"] == 1_000
    assert (set(told["left"]), set(told["right"])) == ({1.0}, {0.0})
    assert len(told["left"]) == len(told["right"]) == POINTS
