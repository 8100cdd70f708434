"""Keeps pjsip from running out of I/O handles, which in the builds in use ends the process.

Each of pjsip's two select() queues (one for SIP, one for RTP) has 64 handles, and a closed one is not
reused for half a second (PJ_IOQUEUE_KEY_FREE_DELAY). A burst that needs more while some are waiting
meets an assertion (pjproject #2617, #4935): 64 TCP connections, or 32 calls, within that time are
enough, and any port scanner can do that. So the owner thread waits before it lets pjsip open more.
"""

from __future__ import annotations

import logging
import time
from collections import deque

log = logging.getLogger(__name__)

REUSE_AFTER_S = 0.7
"""How long a handle counts as used after its close: the delay, and what the close itself takes."""

MAX_CALLS = 24
"""RTP handles come in pairs, so this many calls, in progress or just ended, of 32 are let happen."""

MAX_CONNECTIONS = 24
"""TCP connections at once: more are closed as they come. Together with `MAX_CONNECTION_HANDLES` below
it leaves room for what a single turn of pjsip's loop may accept (its listen backlog is 5)."""

MAX_CONNECTION_HANDLES = 44

WARN_EVERY_S = 60.0


class HandleBudget:
    """Handles in use, open or closed too short a time ago."""

    def __init__(self, what: str, limit: int) -> None:
        self._what = what
        self._limit = limit
        self._warn_at = 0.0
        self._closed: deque[float] = deque()
        self.open = 0

    def opened(self) -> None:
        """One more is in use."""
        self.open += 1

    def closed(self, now: float) -> None:
        """One was closed at `now` (s, monotonic)."""
        self.open = max(0, self.open - 1)
        self._closed.append(now)

    def delay(self, now: float) -> float:
        """Seconds to wait from `now` until another may be opened; 0: at once."""
        while self._closed and now - self._closed[0] >= REUSE_AFTER_S:
            self._closed.popleft()
        excess = self.open + len(self._closed) - self._limit
        if excess < 0 or not self._closed:
            return 0.0
        return self._closed[min(excess, len(self._closed) - 1)] + REUSE_AFTER_S - now

    def wait(self) -> None:
        """Sleeps until another may be opened."""
        now = time.monotonic()
        pause = self.delay(now)
        if pause <= 0:
            return
        if now >= self._warn_at:
            self._warn_at = now + WARN_EVERY_S
            log.warning("too many %s in too short a time: SIP is held up now and then", self._what)
        time.sleep(pause)
