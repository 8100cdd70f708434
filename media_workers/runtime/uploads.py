"""Recordings and captures, from the spool to the control plane."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from media_workers.audio.recorder import Recorded, repair
from media_workers.contract.events import RecordingReady
from media_workers.runtime import logs
from media_workers.runtime.capture import Captured, remove
from media_workers.runtime.control import ControlPlane, ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.spool import REFUSED
from media_workers.runtime.waiting import Backoff

CHUNK_BYTES = 256 * 1024


async def upload(control: ControlPlane, call_id: UUID, recorded: Recorded) -> RecordingReady | None:
    """Uploads a recording, however long that takes; None: it was refused, and lies aside.

    The file is left where it is; so it is when this is cancelled.
    """
    log = logs.get().bind(call_id=str(call_id))
    backoff = Backoff(0.5, 15.0)
    while True:
        try:
            await control.recording(
                call_id,
                _chunks(recorded.path),
                size_bytes=recorded.size_bytes,
                sha256=recorded.sha256,
            )
        except ControlPlaneDown as error:
            log.warning("recording_delayed", error=str(error))
            await asyncio.sleep(backoff.delay())
        except ControlPlaneRefused as error:
            aside = recorded.path.rename(recorded.path.with_suffix(recorded.path.suffix + REFUSED))
            log.error("recording_refused", error=str(error), kept=aside.name)
            return None
        else:
            return RecordingReady(
                duration_ms=recorded.duration_ms, size_bytes=recorded.size_bytes, sha256=recorded.sha256
            )


async def upload_capture(control: ControlPlane, call_id: UUID, captured: Captured) -> None:
    """Uploads captured RTP, however long that takes, and removes the file. One that is refused is of no use
    to anybody. When this is cancelled the file is left where it is."""
    log = logs.get().bind(call_id=str(call_id))
    backoff = Backoff(0.5, 15.0)
    while True:
        try:
            await control.capture(
                call_id,
                _chunks(captured.path),
                size_bytes=captured.size_bytes,
                sha256=captured.sha256,
                truncated=captured.truncated,
            )
        except ControlPlaneDown as error:
            log.warning("capture_delayed", error=str(error))
            await asyncio.sleep(backoff.delay())
            continue
        except ControlPlaneRefused as error:
            log.error("capture_refused", error=str(error))
        except FileNotFoundError:
            log.warning("capture_dropped")
        remove(captured.path)
        return


def found(path: Path) -> Recorded | None:
    """The recording that a dead process left, made whole; None when there is no sound in it. Blocks."""
    try:
        duration_ms = repair(path)
    except (FileNotFoundError, ValueError):
        return None
    if not duration_ms:
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Recorded(path=path, duration_ms=duration_ms, size_bytes=path.stat().st_size, sha256=digest)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
