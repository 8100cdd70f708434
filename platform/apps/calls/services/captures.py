"""Captured RTP: from a node's upload into the storage called `recordings`, where it lives as they do."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from django.core.files import File

from apps.calls.errors import CallNotYours, RecordingRefused
from apps.calls.models import Call, Capture
from apps.calls.selectors import tenant_of
from apps.calls.services.recordings import (
    CHUNK_BYTES,
    IN_MEMORY_BYTES,
    Readable,
    recording_storage,
    refuse_when_leaving,
)
from media_workers.contract.pcap import NotPcap, read_packets
from telephony.edge.models import MediaNode
from tenants.ids import new_id
from tenants.scope import tenant_scope

MAX_BYTES = 256 * 1024 * 1024
"""More than a node keeps of a call."""


@dataclass(frozen=True, slots=True)
class _Upload:
    file: IO[bytes]
    size_bytes: int
    packets: int


def save_capture(
    node: MediaNode, call_id: UUID, stream: Readable, *, sha256: str, truncated: bool
) -> Capture:
    """Stores the pcap that `stream` gives, once its SHA-256 (hexadecimal) is found right.

    The same file sent again is answered with the first one; another one for the same call replaces it.
    Raises CallUnknown, CallNotYours, RecordingRefused.
    """
    with tenant_scope(tenant_of(call_id)):
        call = Call.objects.get(pk=call_id)
        if call.node_id != node.pk:
            raise CallNotYours("This call is carried by another media node, or by none.")
        present = Capture.objects.filter(call=call).first()
    if present is not None and present.sha256 == sha256 and recording_storage().exists(present.storage_key):
        return present
    with _checked(stream, sha256) as upload:
        key = recording_storage().save(_storage_key(call), File(upload.file))
        values = {
            "storage_key": key,
            "size_bytes": upload.size_bytes,
            "sha256": sha256,
            "packets": upload.packets,
            "truncated": truncated,
        }
        return _attach(call, key, values)


def _storage_key(call: Call) -> str:
    return f"{call.tenant_id.hex}/{call.created_at:%Y/%m/%d}/{call.pk.hex}-{new_id().hex}.pcap"


def _attach(call: Call, key: str, values: dict[str, object]) -> Capture:
    """Makes the stored file the call's capture; the file it replaces, or fails with, is deleted."""
    try:
        with tenant_scope(call.tenant_id):
            refuse_when_leaving()
            old = Capture.objects.select_for_update().filter(call=call).first()
            replaced = old.storage_key if old else ""
            capture, _ = Capture.objects.update_or_create(call=call, defaults=values)
    except Exception:
        recording_storage().delete(key)
        raise
    if replaced:
        recording_storage().delete(replaced)
    return capture


@contextmanager
def _checked(stream: Readable, sha256: str) -> Iterator[_Upload]:
    """The upload in a temporary file, found to be what was announced, and pcap."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        digest, size = hashlib.sha256(), 0
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_BYTES:
                raise RecordingRefused(f"A capture may have at most {MAX_BYTES} bytes.", code="too_large")
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != sha256:
            raise RecordingRefused(
                "The SHA-256 of the body is not the one announced; send it again.", code="sha256"
            )
        file.seek(0)
        try:
            packets = sum(1 for _ in read_packets(file))
        except NotPcap as error:
            raise RecordingRefused(str(error), code="not_pcap") from error
        file.seek(0)
        yield _Upload(file, size, packets)
