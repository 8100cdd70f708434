"""Captured RTP: from a node's upload into the storage called `recordings`, where it lives as they do."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from apps.calls.errors import RecordingRefused
from apps.calls.models import Call, Capture, Redaction
from apps.calls.services.call_files import Readable, attach, present_file, received, stored
from media_workers.contract.pcap import NotPcap, read_packets
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope

MAX_BYTES = 256 * 1024 * 1024
"""More than a node keeps of a call."""


def save_capture(
    node: MediaNode, call_id: UUID, stream: Readable, *, sha256: str, truncated: bool
) -> Capture | None:
    """Stores the pcap that `stream` gives, once its SHA-256 (hexadecimal) is found right.

    The same file sent again is answered with the first one; another one for the same call replaces it. None
    of a call that something is taken out of, or was: packets sound like the call.
    Raises CallUnknown, CallNotYours, RecordingRefused.
    """
    call, present = present_file(Capture, node, call_id, sha256)
    if present is not None:
        return present
    with received(stream, sha256=sha256, max_bytes=MAX_BYTES) as (file, size):
        packets = _count_packets(file)
        if not _may_be_kept(call):
            return None
        file.seek(0)
        key = stored(call, file, "pcap")
        values = {"size_bytes": size, "sha256": sha256, "packets": packets, "truncated": truncated}
        return attach(Capture, call, key, values)


def _may_be_kept(call: Call) -> bool:
    with tenant_scope(call.tenant_id):
        taken_out = Redaction.objects.filter(call=call).exists()
    return not (taken_out or call.redact or call.packets_erased_at)


def _count_packets(file: IO[bytes]) -> int:
    try:
        return sum(1 for _ in read_packets(file))
    except NotPcap as error:
        raise RecordingRefused(str(error), code="not_pcap") from error
