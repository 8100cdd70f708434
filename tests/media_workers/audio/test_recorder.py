"""Stereo recordings: right sides, right length, playable after a crash, honest about a full disk."""

from __future__ import annotations

import errno
import hashlib
import os
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_workers.audio import recorder
from media_workers.audio.recorder import DiskWriter, Recorder, repair
from tests.media_workers.audio.samples import frames, spoken, tone


@pytest.fixture
def writer() -> Iterator[DiskWriter]:
    writer = DiskWriter()
    yield writer
    writer.close()


def sides(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (8000, 2, 2)
        samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 2)
    return samples[:, 0], samples[:, 1]


def test_the_caller_is_left_and_the_agent_right(tmp_path: Path, writer: DiskWriter) -> None:
    caller, agent = spoken("Hello there, is anybody at home today?"), tone(440, 1_000)
    recording = Recorder(tmp_path / "calls" / "one.wav", writer)
    left, right = frames(caller)[:50], frames(agent)[:50]
    for a, b in zip(left, right, strict=True):
        recording.feed(a, b)
    recorded = recording.close()
    heard = sides(recorded.path)
    assert heard[0].tobytes() == b"".join(left)
    assert heard[1].tobytes() == b"".join(right)


def test_what_is_told_of_it_is_true(tmp_path: Path, writer: DiskWriter) -> None:
    recording = Recorder(tmp_path / "one.wav", writer)
    for pcm in frames(tone(300, 1_500)):
        recording.feed(pcm, None)
    recorded = recording.close()
    content = recorded.path.read_bytes()
    assert recorded.duration_ms == 1_500
    assert recorded.size_bytes == len(content)
    assert recorded.sha256 == hashlib.sha256(content).hexdigest()


def test_a_side_that_says_nothing_is_silent(tmp_path: Path, writer: DiskWriter) -> None:
    recording = Recorder(tmp_path / "one.wav", writer)
    recording.feed(None, b"\x01\x00" * 160)
    left, right = sides(recording.close().path)
    assert not left.any()
    assert (right == 1).all()


def test_an_empty_call_leaves_an_empty_recording(tmp_path: Path, writer: DiskWriter) -> None:
    recorded = Recorder(tmp_path / "one.wav", writer).close()
    assert recorded.duration_ms == 0
    assert len(sides(recorded.path)[0]) == 0


def test_feeding_waits_for_no_disk(tmp_path: Path, writer: DiskWriter) -> None:
    recording = Recorder(tmp_path / "one.wav", writer)
    read_end, write_end = os.pipe()
    writer.submit(lambda: (os.read(read_end, 1), None)[1])  # the disk hangs
    for pcm in frames(tone(300, 5_000)):
        recording.feed(pcm, pcm)
    assert (tmp_path / "one.wav").stat().st_size == recorder.HEADER.size
    os.write(write_end, b"x")
    assert recording.close().duration_ms == 5_000
    os.close(read_end)
    os.close(write_end)


def test_the_file_of_a_process_that_died_plays_up_to_its_last_second(
    tmp_path: Path, writer: DiskWriter
) -> None:
    recording = Recorder(tmp_path / "one.wav", writer)
    for pcm in frames(tone(300, 2_600)):
        recording.feed(pcm, pcm)
    writer.submit(lambda: None)
    writer.close()  # everything handed over is written; the call is never closed
    assert len(sides(tmp_path / "one.wav")[0]) == 2_000 * 8


def test_repair_cuts_what_a_crash_tore(tmp_path: Path, writer: DiskWriter) -> None:
    recording = Recorder(tmp_path / "one.wav", writer)
    for pcm in frames(tone(300, 1_000)):
        recording.feed(pcm, pcm)
    path = recording.close().path
    torn = recorder.header(0) + path.read_bytes()[recorder.HEADER.size :] + b"\x01\x02\x03"
    path.write_bytes(torn)
    assert repair(path) == 1_000
    assert len(sides(path)[0]) == 8_000


def test_repair_leaves_strangers_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a recording at all, but long enough to have a header in it")
    with pytest.raises(ValueError, match=r"notes\.txt is not a recording"):
        repair(path)
    assert path.read_text().startswith("not a recording")


def test_a_full_disk_is_told_at_the_end_and_what_was_written_plays(
    tmp_path: Path, writer: DiskWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = os.pwrite, []

    def pwrite(file: int, data: memoryview, offset: int) -> int:
        if offset > 2 * 32_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(offset)
        return real(file, data, offset)

    monkeypatch.setattr(recorder.os, "pwrite", pwrite)
    recording = Recorder(tmp_path / "one.wav", writer)
    for pcm in frames(tone(300, 5_000)):
        recording.feed(pcm, pcm)
    with pytest.raises(OSError, match="No space left"):
        recording.close()
    assert written
    assert len(sides(tmp_path / "one.wav")[0]) == 2_000 * 8


def test_a_frame_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="whole frames"):
        recorder.interleave(b"\x00" * 320, b"\x00" * 318)
