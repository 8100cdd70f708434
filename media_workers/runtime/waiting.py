"""Waiting: between attempts, and for something that may not come."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from typing import Any

CANCEL_AGAIN_S = 0.5


async def within(limit_s: float, awaitable: Awaitable[object]) -> bool:
    """Whether `awaitable` was done in time.

    Not `asyncio.wait_for`: before Python 3.12 that swallows a cancellation that comes at the very
    moment in which the awaited is done.
    """
    try:
        async with asyncio.timeout(limit_s):
            await awaitable
    except TimeoutError:
        return False
    return True


async def cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks and returns when they are over.

    More than once when it takes that: redis-py waits by `asyncio.wait_for` (see `within`), and a
    loop whose cancellation was swallowed would go round for ever.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


class Backoff:
    """Delays in seconds: `first`, doubling up to `last`, each between half and all of it (jitter keeps
    many from returning at once)."""

    def __init__(self, first: float, last: float) -> None:
        self._first = first
        self._last = last
        self._next = first

    def delay(self) -> float:
        """The next pause."""
        delay, self._next = self._next, min(self._last, self._next * 2)
        return delay * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked: begin again with the shortest."""
        self._next = self._first
