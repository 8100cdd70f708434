"""The end of a call's money, for whoever talks: the agent says its last words before it, and two people whom
it has connected are parted by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LAST_WORDS_S = 10.0
"""The agent may be late with its last words, and the word that the money ends may be late itself: after so
long the call ends without them."""


class Money:
    """Of one call. Loop only. `end`: ends the call, whatever happens in it."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._paid_ms: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def lasts(self, paid_ms: int | None, spent_ms: int, *, words: bool) -> None:
        """The call is paid for `paid_ms` from its answer, of which `spent_ms` have passed. `words`: an agent
        is there to say something first. None: the money does not end. The same told again changes nothing: it
        gives no more time."""
        if paid_ms == self._paid_ms:
            return
        self.close()
        self._paid_ms = paid_ms
        if paid_ms is None:
            return
        left_s = max(0, paid_ms - spent_ms) / 1000
        self._timer = self._loop.call_later(left_s + (LAST_WORDS_S if words else 0), self._end)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
