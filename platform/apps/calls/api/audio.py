"""Recordings over HTTP, whole or in parts (RFC 9110, section 14), without holding them in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from django.core.files.storage import Storage
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from apps.api.problems import problem_response
from apps.calls.models import Recording

CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `end`, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1


class NotSatisfiable(ValueError):
    """The range lies outside the file."""


def requested_part(header: str, size: int) -> Part | None:
    """The part that a Range header asks of `size` bytes; None: all of it. Raises NotSatisfiable.

    What is no single range of bytes is ignored, as the RFC allows: the answer is then the whole.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start > end:
        raise NotSatisfiable
    return Part(start, end)


def audio_response(
    request: HttpRequest, recording: Recording, storage: Storage, filename: str
) -> HttpResponseBase:
    """200, 206 or 416 for a recording that `storage` has."""
    size, tag = recording.size_bytes, f'"{recording.sha256}"'
    header = request.headers.get("Range", "")
    if request.headers.get("If-Range", tag) != tag:
        header = ""
    try:
        part = requested_part(header, size)
    except NotSatisfiable:
        span = {"Content-Range": f"bytes */{size}"}
        return problem_response(416, f"The recording has {size} bytes.", "range_not_satisfiable", span)
    sent = part or Part(0, size - 1)
    response = StreamingHttpResponse(
        _chunks(storage, recording.storage_key, sent), status=206 if part else 200, content_type="audio/wav"
    )
    response["Content-Length"] = str(sent.length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    if part:
        response["Content-Range"] = f"bytes {part.start}-{part.end}/{size}"
    return response


async def _chunks(storage: Storage, key: str, part: Part) -> AsyncIterator[bytes]:
    """The bytes, read in threads: the event loop serves everybody."""
    file = await asyncio.to_thread(storage.open, key, "rb")
    try:
        await asyncio.to_thread(file.seek, part.start)
        left = part.length
        while left and (data := await asyncio.to_thread(file.read, min(left, CHUNK_BYTES))):
            left -= len(data)
            yield data
    finally:
        await asyncio.to_thread(file.close)
