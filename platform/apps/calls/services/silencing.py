"""The sound of what is taken out of a call: a new file in which it is silent, and then the old one goes.

A recording with something to silence is sealed: nobody hears it until this is done. Whoever dies on the way
leaves the sealed old file, and the next one begins again.
"""

from __future__ import annotations

import hashlib
import tempfile
import wave
from collections.abc import Iterable, Sequence
from functools import partial
from typing import IO, Any
from uuid import UUID

import numpy as np
import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from apps.calls import telling
from apps.calls.models import Call, CallEvent, Recording, Redaction
from apps.calls.selectors import locked
from apps.calls.services.call_files import CHUNK_BYTES, IN_MEMORY_BYTES, recording_storage, stored
from apps.calls.services.files_to_delete import delete_after_commit, keep
from apps.calls.services.peaks import peaks_of_wav
from apps.calls.states import CallState
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

JOB = "calls.silence"
BATCH = 50
_CHUNK_FRAMES = 1 << 16
_SIDES = {"caller": (0,), "agent": (1,), "": (0, 1)}
"""The channels of a side, caller left and agent right."""

Span = tuple[str, int, int]
"""A side, and from when to when: ms from the beginning of the recording."""


def seal(call: Call) -> None:
    """Nobody hears the call's recording until it is silenced anew, soon after the commit. The call is
    locked."""
    if Recording.objects.filter(call=call).update(sealed=True):
        silence_after_commit(call)


def silence_after_commit(call: Call) -> None:
    """Failing is harmless: beat asks too."""
    transaction.on_commit(partial(_ask, call.tenant_id, call.pk), robust=True)


def silence_sealed() -> int:
    """Silences sealed recordings of calls that have ended; how many were looked at."""
    with platform_scope():
        sealed = Recording.objects.filter(sealed=True, call__state=CallState.ENDED).order_by("id")
        found = list(sealed.values_list("tenant_id", "call_id")[:BATCH])
    for tenant_id, call_id in found:
        silence(tenant_id, call_id)
    return len(found)


def silence(tenant_id: UUID, call_id: UUID) -> bool:
    """Silences what is to be silenced in the call's recording, and opens it. False: it was not sealed, the
    call goes on, or it did not succeed, which the redactions then say. Twice at once does no harm."""
    with tenant_scope(tenant_id):
        recording = Recording.objects.select_related("call").filter(call_id=call_id, sealed=True).first()
        if recording is None or recording.call.state != CallState.ENDED:
            return False
        redactions = list(Redaction.objects.filter(call_id=call_id))
        spans = _spans(recording.call, redactions)
    try:
        return _rewrite(recording, redactions, spans) if spans else _open(recording, redactions, {})
    except (OSError, wave.Error, EOFError, ValueError) as error:
        log.exception("recording_not_silenced", call_id=str(call_id))
        _tell_problem(recording, f"The recording could not be changed yet: {error}")
        return False


def silenced(source: IO[bytes], target: IO[bytes], spans: Iterable[Span]) -> None:
    """Copies a WAV of 16 bits to `target`, with zeros in each of `spans`. In pieces: it may last hours."""
    with wave.open(source, "rb") as wav, wave.open(target, "wb") as out:
        if wav.getsampwidth() != 2:
            raise ValueError("the samples do not have 16 bits")
        out.setparams(wav.getparams())
        rate, channels = wav.getframerate(), wav.getnchannels()
        places = [(side, max(0, begin) * rate // 1000, -(-end * rate // 1000)) for side, begin, end in spans]
        start = 0
        while data := wav.readframes(_CHUNK_FRAMES):
            samples = np.frombuffer(data, "<i2").reshape(-1, channels).copy()
            for side, begin, end in places:
                for channel in _SIDES[side]:
                    samples[max(0, begin - start) : max(0, end - start), channel] = 0
            out.writeframesraw(samples.tobytes())
            start += len(samples)


def _spans(call: Call, redactions: Iterable[Redaction]) -> list[Span]:
    """By the recording's own time, which begins before the answer where there was early media."""
    answered = CallEvent.objects.filter(call=call, type="answered").order_by("seq").first()
    before = int(answered.body.get("recorded_ms") or 0) if answered is not None else 0
    return [(r.speaker, r.start_ms + before, r.end_ms + before) for r in redactions]


def _rewrite(recording: Recording, redactions: Sequence[Redaction], spans: Sequence[Span]) -> bool:
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        with recording_storage().open(recording.storage_key, "rb") as source:
            silenced(source, file, spans)
        values = _values(file)
        key = stored(recording.call, file, "wav")
    return _open(recording, redactions, {"storage_key": key, **values})


def _values(file: IO[bytes]) -> dict[str, Any]:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    size = file.tell()
    file.seek(0)
    peaks = peaks_of_wav(file)
    file.seek(0)
    return {"sha256": digest.hexdigest(), "size_bytes": size, "peaks": peaks}


def _open(recording: Recording, redactions: Sequence[Redaction], values: dict[str, Any]) -> bool:
    """The one moment in which the old recording becomes the new one. False: something has changed since it
    was read, and the new file goes by itself."""
    with tenant_scope(recording.tenant_id):
        locked(recording.call_id)
        current = Recording.objects.select_for_update().filter(pk=recording.pk, sealed=True).first()
        if current is None or current.storage_key != recording.storage_key:
            return False
        known = {redaction.pk for redaction in redactions}
        if set(Redaction.objects.filter(call_id=current.call_id).values_list("pk", flat=True)) != known:
            silence_after_commit(recording.call)
            return False
        if values:
            if not keep(values["storage_key"]):
                return False
            delete_after_commit(current.storage_key)
        for name, value in (values | {"sealed": False}).items():
            setattr(current, name, value)
        current.save()
        done = Redaction.objects.filter(call_id=current.call_id, done_at=None)
        done.update(done_at=timezone.now(), problem="")
        telling.recording_ready(current)
    log.info("recording_silenced", recording=current.public_id, redactions=len(redactions))
    return True


def _tell_problem(recording: Recording, problem: str) -> None:
    with tenant_scope(recording.tenant_id):
        Redaction.objects.filter(call_id=recording.call_id, done_at=None).update(problem=problem[:1_000])


def _ask(tenant_id: UUID, call_id: UUID) -> None:
    try:
        current_app.send_task(JOB, args=[str(tenant_id), str(call_id)], queue="after_call")
    except BrokerDown as error:
        log.warning("silencing_delayed", error=type(error).__name__)
