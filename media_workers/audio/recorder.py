"""Records a call as stereo WAV, 8000 Hz, 16 bit: the caller on the left, the agent on the right.

The media clock hands over frames and never waits for a disk: a second of them at a time goes to the
writer thread that all calls of the process share. The header is rewritten with every second, so that
the file of a process that died can be played as it is; `repair` cuts what a crash tore.
"""

from __future__ import annotations

import hashlib
import logging
import os
import queue
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media_workers.audio.pcm import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, SILENCE

log = logging.getLogger(__name__)

CHUNK_FRAMES = 1000 // FRAME_MS
CHANNELS = 2
SAMPLE_PAIR = 2 * CHANNELS
HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished recording."""

    path: Path
    duration_ms: int
    size_bytes: int
    sha256: str


class DiskWriter:
    """One thread that does the writing of a process, in order."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        """Returns at once; `job` looks after its own errors."""
        self._jobs.put(job)

    def close(self) -> None:
        """Finishes what has been submitted."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                log.exception("a recording job failed")


class Recorder:
    """One call's recording. `feed` belongs to the media clock; the rest to any one other thread."""

    def __init__(self, path: Path, writer: DiskWriter) -> None:
        """Creates the file and its folder. `OSError` when that fails."""
        self.path = path
        self._writer = writer
        self._caller: list[bytes] = []
        self._agent: list[bytes] = []
        self._data_bytes = 0
        self._error: OSError | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        os.write(self._file, header(0))

    def feed(self, caller: bytes | None, agent: bytes | None) -> None:
        """The same 20 ms of both sides (320 bytes each); None is silence."""
        self._caller.append(caller or SILENCE)
        self._agent.append(agent or SILENCE)
        if len(self._caller) >= CHUNK_FRAMES:
            self._hand_over()

    def close(self) -> Recorded:
        """Writes the rest, waits for the disk and tells what there is. `OSError`: it could not be
        written, from the first failure on; what was written before stays playable."""
        self._hand_over()
        done = threading.Event()
        self._writer.submit(done.set)
        done.wait()
        os.close(self._file)
        if self._error is not None:
            raise self._error
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Recorded(
            path=self.path,
            duration_ms=self._data_bytes * 1000 // (SAMPLE_RATE * SAMPLE_PAIR),
            size_bytes=HEADER.size + self._data_bytes,
            sha256=digest,
        )

    def _hand_over(self) -> None:
        caller, self._caller = self._caller, []
        agent, self._agent = self._agent, []
        if caller:
            self._writer.submit(lambda: self._write(caller, agent))

    def _write(self, caller: list[bytes], agent: list[bytes]) -> None:
        if self._error is not None:
            return
        data = interleave(b"".join(caller), b"".join(agent))
        try:
            _write_all(self._file, data, HEADER.size + self._data_bytes)
            self._data_bytes += len(data)
            _write_all(self._file, header(self._data_bytes), 0)
        except OSError as error:
            self._error = error
            log.warning("recording stopped: %s", error)


def interleave(left: bytes, right: bytes) -> bytes:
    """Stereo of two mono pieces of the same length, which must be whole frames (ValueError)."""
    if len(left) != len(right) or len(left) % FRAME_BYTES:
        raise ValueError(f"{len(left)} and {len(right)} bytes are not the same whole frames")
    stereo = np.empty((len(left) // 2, CHANNELS), "<i2")
    stereo[:, 0] = np.frombuffer(left, "<i2")
    stereo[:, 1] = np.frombuffer(right, "<i2")
    return stereo.tobytes()


def header(data_bytes: int) -> bytes:
    """The 44 bytes before the samples."""
    byte_rate = SAMPLE_RATE * SAMPLE_PAIR
    riff = (b"RIFF", HEADER.size - 8 + data_bytes, b"WAVE")
    form = (b"fmt ", 16, 1, CHANNELS, SAMPLE_RATE, byte_rate, SAMPLE_PAIR, 16)
    return HEADER.pack(*riff, *form, b"data", data_bytes)


def repair(path: Path) -> int:
    """Makes the recording of a process that died whole; its duration in ms.

    `ValueError`: the file is not one of ours.
    """
    with path.open("r+b") as file:
        if len(start := file.read(HEADER.size)) < HEADER.size or start[8:12] != b"WAVE":
            raise ValueError(f"{path.name} is not a recording")
        data_bytes = (path.stat().st_size - HEADER.size) // SAMPLE_PAIR * SAMPLE_PAIR
        file.truncate(HEADER.size + data_bytes)
        file.seek(0)
        file.write(header(data_bytes))
    return data_bytes * 1000 // (SAMPLE_RATE * SAMPLE_PAIR)


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
