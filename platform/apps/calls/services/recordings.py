"""Recordings: from a node's upload into the storage called `recordings`."""

from __future__ import annotations

import hashlib
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol
from uuid import UUID

import structlog
from django.core.files import File
from django.core.files.storage import Storage, storages

from apps.calls.errors import CallNotYours, RecordingRefused
from apps.calls.models import Call, Recording
from apps.calls.selectors import tenant_of
from apps.calls.services.peaks import peaks_of_wav
from telephony.edge.models import MediaNode
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import current_tenant_id, tenant_scope

log = structlog.get_logger(__name__)

CHUNK_BYTES = 256 * 1024
MAX_BYTES = 1024 * 1024 * 1024
"""Four hours of 8000 Hz stereo in 16 bits are 461 MB."""


class Readable(Protocol):
    """What a recording is read from: a file, or a request."""

    def read(self, size: int, /) -> bytes: ...


IN_MEMORY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Upload:
    file: IO[bytes]
    size_bytes: int
    duration_ms: int
    peaks: bytes


def recording_storage() -> Storage:
    """Where recordings are kept: the file system, or S3 when RECORDINGS_S3_BUCKET is set."""
    return storages["recordings"]


def save_recording(node: MediaNode, call_id: UUID, stream: Readable, *, sha256: str) -> Recording:
    """Stores the WAV that `stream` gives, once its SHA-256 (hexadecimal) is found right.

    The same recording sent again is answered with the first one; another one for the same call
    replaces it. No transaction is open while the bytes travel. Raises CallUnknown, CallNotYours,
    RecordingRefused.
    """
    tenant_id = tenant_of(call_id)
    with tenant_scope(tenant_id):
        call = Call.objects.get(pk=call_id)
        if call.node_id != node.pk:
            raise CallNotYours("This call is carried by another media node, or by none.")
        present = Recording.objects.filter(call=call).first()
    if present is not None and present.sha256 == sha256 and recording_storage().exists(present.storage_key):
        return present
    with _checked(stream, sha256) as upload:
        key = recording_storage().save(_storage_key(call), File(upload.file))
        return _attach(call, key, upload, sha256)


def _storage_key(call: Call) -> str:
    return f"{call.tenant_id.hex}/{call.created_at:%Y/%m/%d}/{call.pk.hex}-{new_id().hex}.wav"


def _attach(call: Call, key: str, upload: _Upload, sha256: str) -> Recording:
    """Makes the stored file the call's recording; the file it replaces, or fails with, is deleted."""
    values = {
        "storage_key": key,
        "duration_ms": upload.duration_ms,
        "size_bytes": upload.size_bytes,
        "sha256": sha256,
        "peaks": upload.peaks,
    }
    try:
        with tenant_scope(call.tenant_id):
            refuse_when_leaving()
            old = Recording.objects.select_for_update().filter(call=call).first()
            replaced = old.storage_key if old else ""
            recording, _ = Recording.objects.update_or_create(call=call, defaults=values)
    except Exception:
        recording_storage().delete(key)
        raise
    if replaced:
        recording_storage().delete(replaced)
    return recording


def refuse_when_leaving() -> None:
    """RecordingRefused once the tenant in force is being deleted: its files may be gone already, and a new
    one would stay for ever. The lock keeps the deletion waiting until this file is known."""
    if Tenant.objects.select_for_update().get(pk=current_tenant_id()).deleting_at is not None:
        raise RecordingRefused("The tenant of this call is being deleted.", code="tenant_leaving")


@contextmanager
def _checked(stream: Readable, sha256: str) -> Iterator[_Upload]:
    """The upload in a temporary file, found to be what was announced and a stereo WAV."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        digest, size = hashlib.sha256(), 0
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_BYTES:
                raise RecordingRefused(f"A recording may have at most {MAX_BYTES} bytes.", code="too_large")
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != sha256:
            raise RecordingRefused(
                "The SHA-256 of the body is not the one announced; send it again.", code="sha256"
            )
        file.seek(0)
        duration_ms = _duration_of_stereo_wav(file)
        file.seek(0)
        peaks = peaks_of_wav(file)
        file.seek(0)
        yield _Upload(file, size, duration_ms, peaks)


def _duration_of_stereo_wav(file: IO[bytes]) -> int:
    try:
        with wave.open(file, "rb") as wav:
            channels, frames, rate = wav.getnchannels(), wav.getnframes(), wav.getframerate()
    except (wave.Error, EOFError, ValueError) as error:
        raise RecordingRefused(f"The body is not a WAV file: {error}.", code="not_wav") from error
    if channels != 2 or rate < 1:
        raise RecordingRefused(
            f"A recording has two channels, caller left and agent right; this one has {channels}.",
            code="not_stereo",
        )
    return int(frames * 1000 // rate)
