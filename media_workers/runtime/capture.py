"""RTP of a call on disk as pcap, when its number wants that: bounded for the call and for the node.

Two files take turns: when the one that is written is half of what a call may keep, the other, older one
is dropped. At the end they are put together. What a node has not delivered yet is bounded too: the oldest
captures are dropped, and when that does not help the call goes on without one.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO

from media_workers.audio.recorder import DiskWriter
from media_workers.contract.pcap import FILE_HEADER, MAX_UDP_DATA, Packet, flow_of, udp_packet

log = logging.getLogger(__name__)

HAND_OVER_PACKETS = 100
OPEN_WITHIN_S = 60.0
"""A file that was written to so lately belongs to a call that goes on."""

OLDER = ".older"

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """Bytes of one call, and of all that the node whose spool is `root` keeps."""

    root: Path
    call_bytes: int
    node_bytes: int


@dataclass(frozen=True, slots=True)
class Captured:
    """A finished capture. `truncated`: its beginning was dropped."""

    path: Path
    size_bytes: int
    sha256: str
    truncated: bool


class NoRoom(OSError):
    """The node keeps as many captures as it may."""


class PacketFile:
    """One call's packets. `packet` may be called from several threads; the rest from any one."""

    def __init__(self, path: Path, writer: DiskWriter, limits: CaptureLimits) -> None:
        """Creates the file and its folder. `OSError` when that fails, `NoRoom` when it would be too much."""
        self.path = path
        self._writer = writer
        self._half_bytes = limits.call_bytes // 2
        self._waiting: deque[tuple[int, Place, Place, bytes]] = deque()
        self.hush: Callable[[], bool] | None = None
        """Whether packets are left out now, because secret keys are in them."""
        self._rotated = 0
        self._handed_over = self._closed = self._failed = False
        make_room(limits)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._new_file()

    def packet(self, source: Place, target: Place, data: bytes) -> None:
        """A datagram that has just been sent or received."""
        if not self._closed and not (self.hush is not None and self.hush()):
            self._waiting.append((time.time_ns() // 1_000, source, target, data))
            if len(self._waiting) >= HAND_OVER_PACKETS and not self._handed_over:
                self._handed_over = True
                self._writer.submit(self._write)

    def close(self) -> Captured | None:
        """Writes the rest and tells what there is; None: nothing, or nothing that can be used. Blocks."""
        self._closed = True
        done = threading.Event()
        self._writer.submit(self._write)
        self._writer.submit(done.set)
        done.wait()
        self._file.close()
        return found(self.path, truncated=self._rotated > 1)

    # --- the writer's thread ----------------------------------------------------------------------

    def _write(self) -> None:
        self._handed_over = False
        try:
            while self._waiting:
                at_us, source, target, data = self._waiting.popleft()
                if not self._failed:
                    self._file.write(_record(at_us, source, target, data))
                if self._file.tell() >= self._half_bytes:
                    self._rotate()
            self._file.flush()
        except OSError as error:
            self._failed = True
            log.warning("a capture stopped: %s", error)

    def _rotate(self) -> None:
        self._file.close()
        self.path.replace(_older(self.path))
        self._rotated += 1
        self._file = self._new_file()

    def _new_file(self) -> BinaryIO:
        file = self.path.open("wb")
        file.write(FILE_HEADER)
        return file


def found(path: Path, *, truncated: bool = True) -> Captured | None:
    """The capture at `path`, its two files put together; None when it holds no packet. Blocks.

    Of a call whose process died nobody knows whether anything was dropped: with two files, it may be.
    """
    older = _older(path)
    two = older.exists()
    with contextlib.suppress(OSError):
        if two:
            _append(path, to=older)
            older.replace(path)
        size = path.stat().st_size
        if size > len(FILE_HEADER):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Captured(path, size, digest, truncated and two)
    remove(path)
    return None


def remove(path: Path) -> None:
    """The files of the capture at `path`, if there are any."""
    for each in (path, _older(path)):
        each.unlink(missing_ok=True)


def make_room(limits: CaptureLimits) -> None:
    """Drops the oldest captures until one more fits. Raises `NoRoom`."""
    kept = sorted(_captures(limits.root), key=lambda entry: entry[1])
    total = sum(size for _, _, size in kept)
    for path, written_at, size in kept:
        if total + limits.call_bytes <= limits.node_bytes:
            return
        if time.time() - written_at > OPEN_WITHIN_S:
            path.unlink(missing_ok=True)
            total -= size
            log.warning("a capture was dropped: this node keeps as many as it may")
    if total + limits.call_bytes > limits.node_bytes:
        raise NoRoom("This node keeps as much captured audio as it may.")


def _captures(root: Path) -> list[tuple[Path, float, int]]:
    entries = []
    for path in root.glob("*/*.pcap*"):
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            entries.append((path, stat.st_mtime, stat.st_size))
    return entries


def _append(path: Path, *, to: Path) -> None:
    with path.open("rb") as newer, to.open("ab") as file:
        newer.seek(len(FILE_HEADER))
        while chunk := newer.read(1024 * 1024):
            file.write(chunk)


def _record(at_us: int, source: Place, target: Place, data: bytes) -> bytes:
    flow = flow_of((ip_address(source[0]), source[1]), (ip_address(target[0]), target[1]))
    return Packet(at_us, udp_packet(flow, data[:MAX_UDP_DATA])).record()


def _older(path: Path) -> Path:
    return path.with_suffix(path.suffix + OLDER)
