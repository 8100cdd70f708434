"""Events on disk until the control plane has them: one file a call, one JSON object a line.

An event is written before it is sent, so that whatever dies can be told later by whoever finds the
file. Written means handed to the operating system: that survives the death of this process; `sync`
makes it survive the machine's. A line torn by a crash of the machine is dropped when read.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from media_workers.contract.events import CallEvent

EVENTS = ".events"
RECORDING = ".wav"
CAPTURE = ".pcap"
REFUSED = ".refused"


def recording_path(folder: Path, call_id: UUID) -> Path:
    """Where the recording of a call lies beside its events."""
    return folder / f"{call_id}{RECORDING}"


def capture_path(folder: Path, call_id: UUID) -> Path:
    """Where the captured RTP of a call lies beside its events."""
    return folder / f"{call_id}{CAPTURE}"


class CallSpool:
    """The events of one call. Not safe from several threads."""

    def __init__(self, folder: Path, call_id: UUID) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.call_id = call_id
        self.folder = folder
        self.path = folder / f"{call_id}{EVENTS}"
        self._fd = -1

    @property
    def recording(self) -> Path:
        return recording_path(self.folder, self.call_id)

    @property
    def capture(self) -> Path:
        return capture_path(self.folder, self.call_id)

    def append(self, events: Iterable[CallEvent]) -> None:
        """Adds events. Raises `OSError` (disk full) and then leaves the file as it was."""
        data = b"".join(event.model_dump_json().encode() + b"\n" for event in events)
        fd = self._open()
        size = os.fstat(fd).st_size
        try:
            _write_all(fd, data)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(fd, size)
            raise

    def read(self) -> list[CallEvent]:
        """What is there, in order, up to the first line that is not whole."""
        return _read(self.path)[0]

    def repair(self) -> list[CallEvent]:
        """`read`, and cuts the file after the last whole line so that it can be appended to."""
        events, size = _read(self.path)
        with contextlib.suppress(FileNotFoundError):
            os.truncate(self.path, size)
        return events

    def sync(self) -> None:
        """Waits until the disk has it: milliseconds, so never on the event loop."""
        if self._fd >= 0:
            os.fsync(self._fd)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def delete(self) -> None:
        """All of it has arrived."""
        self.close()
        self.path.unlink(missing_ok=True)

    def set_aside(self) -> Path:
        """The control plane will never take it: keep it for people to look at, out of the way."""
        self.close()
        for path in (self.path, self.recording):
            with contextlib.suppress(FileNotFoundError):
                path.rename(path.with_suffix(path.suffix + REFUSED))
        return self.path.with_suffix(EVENTS + REFUSED)

    def _open(self) -> int:
        if self._fd < 0:
            self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._fd


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read(path: Path) -> tuple[list[CallEvent], int]:
    """The whole events of a file and the bytes that they take."""
    events: list[CallEvent] = []
    size = 0
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return events, size
    for line in data.split(b"\n")[:-1]:
        try:
            events.append(CallEvent.model_validate_json(line))
        except ValidationError:
            break
        size += len(line) + 1
    return events, size


@dataclass(frozen=True, slots=True)
class NodeSpool:
    """The folders of one node: `line-<i>` of each living line, `leftover` of those that died."""

    root: Path

    def line(self, index: int) -> Path:
        return self.root / f"line-{index}"

    def lock(self, index: int) -> Path:
        """Held by the line as long as it lives."""
        return self.root / f"line-{index}.lock"

    @property
    def leftover(self) -> Path:
        return self.root / "leftover"

    def adopt(self, line: Path) -> None:
        """Moves what a dead line left to `leftover`. The line must be dead: see `FileLock`."""
        self.leftover.mkdir(parents=True, exist_ok=True)
        # Recordings first: events without their recording would be taken for a call without one.
        for pattern in (f"*{RECORDING}", f"*{CAPTURE}*", f"*{EVENTS}"):
            for path in line.glob(pattern):
                path.rename(self.leftover / path.name)

    def lines(self) -> list[Path]:
        return sorted(path for path in self.root.glob("line-*") if path.is_dir())

    def leftovers(self) -> list[UUID]:
        """Ids of calls that still have something to tell, the oldest first (ids are ordered by time)."""
        names = {path.stem for path in self.leftover.glob("*") if path.suffix in {EVENTS, RECORDING, CAPTURE}}
        return sorted(UUID(name) for name in names if _is_uuid(name))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
