"""Recordings: from a node's upload into the storage called `recordings`."""

from __future__ import annotations

import wave
from typing import IO
from uuid import UUID

from apps.calls import telling
from apps.calls.errors import RecordingRefused
from apps.calls.models import Call, Recording, Redaction
from apps.calls.services.call_files import Readable, attach, present_file, received, stored
from apps.calls.services.peaks import peaks_of_wav
from apps.calls.services.silencing import silence_after_commit
from telephony.edge.models import MediaNode

MAX_BYTES = 1024 * 1024 * 1024
"""Four hours of 8000 Hz stereo in 16 bits are 461 MB."""


def save_recording(node: MediaNode, call_id: UUID, stream: Readable, *, sha256: str) -> Recording:
    """Stores the WAV that `stream` gives, once its SHA-256 (hexadecimal) is found right.

    The same recording sent again is answered with the first one; another one for the same call
    replaces it. What is to be taken out of the call is silenced before anybody hears it. No transaction is
    open while the bytes travel. Raises CallUnknown, CallNotYours, RecordingRefused.
    """
    call, present = present_file(Recording, node, call_id, sha256)
    if present is not None:
        return present
    with received(stream, sha256=sha256, max_bytes=MAX_BYTES) as (file, size):
        values = {"size_bytes": size, "sha256": sha256, "source_sha256": sha256, "sealed": False}
        values["duration_ms"] = _duration_of_stereo_wav(file)
        file.seek(0)
        values["peaks"] = peaks_of_wav(file)
        file.seek(0)
        key = stored(call, file, "wav")
        return attach(Recording, call, key, values, tell=_tell)


def _tell(recording: Recording) -> None:
    """It can be heard, or will be, once what is to be taken out of it is silent. The call is locked."""
    call = Call.objects.get(pk=recording.call_id)
    if call.redact or Redaction.objects.filter(call=call).exists():
        recording.sealed = True
        recording.save(update_fields=["sealed", "updated_at"])
        silence_after_commit(call)
    else:
        telling.recording_ready(recording)


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
