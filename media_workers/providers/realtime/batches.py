"""The caller's audio on its way from the media clock to a session's socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from media_workers.providers.base import FRAME_BYTES, FRAME_MS

FRAMES = 2
"""In a message. More would cost less and be heard later."""


class Batches:
    """Collects frames; `send` gets each batch on the loop. `add` is called by one thread, in order."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._held = bytearray()
        self._closed = False
        self.sent_ms = 0

    def add(self, pcm: bytes) -> None:
        self._held += pcm
        if len(self._held) < FRAMES * FRAME_BYTES or self._closed:
            return
        batch = bytes(self._held)
        self._held.clear()
        self.sent_ms += len(batch) // FRAME_BYTES * FRAME_MS
        self._loop.call_soon_threadsafe(self._send, batch)

    def close(self) -> None:
        self._closed = True
