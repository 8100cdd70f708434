"""The media clock of the browser calls: every 20 ms, all calls of the process in turn."""

from __future__ import annotations

import asyncio
from typing import Protocol

from media_workers.audio.pcm import FRAME_MS
from media_workers.runtime import logs

FRAME_S = FRAME_MS / 1000
BEHIND_S = 0.4
"""A clock that is later than this goes on from now: nobody wants to hear what was missed in a hurry."""


class Ticking(Protocol):
    """What the clock drives."""

    def tick(self, now: float) -> None:
        """20 ms have passed. `now`: the loop's time, in seconds."""


class FrameClock:
    """Ticks while there is somebody to tick for. Event loop only."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ticking: list[Ticking] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, call: Ticking) -> None:
        """From the next tick on."""
        self._ticking.append(call)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def remove(self, call: Ticking) -> None:
        """No more ticks. Removing twice does no harm."""
        if call in self._ticking:
            self._ticking.remove(call)

    async def _run(self) -> None:
        due = self._loop.time()
        while self._ticking:
            due = max(due + FRAME_S, self._loop.time() - BEHIND_S)
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            now = self._loop.time()
            for call in tuple(self._ticking):
                try:
                    call.tick(now)
                except Exception:
                    self.remove(call)
                    logs.get().exception("browser_call_clock_failed")
