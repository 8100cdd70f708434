"""Captured RTP: from a node's upload into the storage called `recordings`, where it lives as they do."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from django.core.files import File

from apps.calls.errors import RecordingRefused
from apps.calls.models import Capture
from apps.calls.services.call_files import (
    Readable,
    attach,
    present_file,
    received,
    recording_storage,
    storage_key,
)
from media_workers.contract.pcap import NotPcap, read_packets
from telephony.edge.models import MediaNode

MAX_BYTES = 256 * 1024 * 1024
"""More than a node keeps of a call."""


def save_capture(
    node: MediaNode, call_id: UUID, stream: Readable, *, sha256: str, truncated: bool
) -> Capture:
    """Stores the pcap that `stream` gives, once its SHA-256 (hexadecimal) is found right.

    The same file sent again is answered with the first one; another one for the same call replaces it.
    Raises CallUnknown, CallNotYours, RecordingRefused.
    """
    call, present = present_file(Capture, node, call_id, sha256)
    if present is not None:
        return present
    with received(stream, sha256=sha256, max_bytes=MAX_BYTES) as (file, size):
        packets = _count_packets(file)
        file.seek(0)
        key = recording_storage().save(storage_key(call, "pcap"), File(file))
        values = {"size_bytes": size, "sha256": sha256, "packets": packets, "truncated": truncated}
        return attach(Capture, call, key, values)


def _count_packets(file: IO[bytes]) -> int:
    try:
        return sum(1 for _ in read_packets(file))
    except NotPcap as error:
        raise RecordingRefused(str(error), code="not_pcap") from error
