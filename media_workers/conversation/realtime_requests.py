"""What functions, and people beside the call, ask of a model that speaks itself, and wait for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

from media_workers.contract.tools import CollectDigitsTool
from media_workers.conversation.control import Collected
from media_workers.conversation.keys import Keys, tell
from media_workers.conversation.realtime_floor import RealtimeFloor

SPEAK_BEGIN_S = 4.0
SPEAK_LIMIT_S = 30.0


class RealtimeRequests:
    """Everything here is called on the loop, without the lock. `say`: a live command; `post` runs a function
    on the loop."""

    def __init__(
        self,
        *,
        say: Callable[[str], None],
        floor: RealtimeFloor,
        keys: Keys,
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
        post: Callable[..., None],
        is_over: Callable[[], bool],
    ) -> None:
        self._say = say
        self._floor = floor
        self._keys = keys
        self._lock = lock
        self._clock = clock
        self._post = post
        self._is_over = is_over

    async def announce(self, text: str) -> None:
        """Has the model say `text`, and returns when it has been heard, or nothing of it comes."""
        self._say(text)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SPEAK_BEGIN_S):
                while not self._is_over() and not self._floor.answers:
                    await asyncio.sleep(0.02)
        await self.said_all()

    async def said_all(self) -> None:
        """Returns when the caller has heard what the model has said so far."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SPEAK_LIMIT_S):
                while not self._is_over() and self._floor.answers:
                    await asyncio.sleep(0.02)

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        """The model says the prompt; then keys are waited for."""
        found: asyncio.Future[Collected] = asyncio.get_running_loop().create_future()

        def done(collected: Collected) -> None:
            self._post(tell, found, collected)

        if tool.prompt:
            await self.announce(tool.prompt)
        with self._lock:
            if self._is_over():
                return Collected("", "the call is over")
            self._keys.collect(tool, self._clock(), done)
        try:
            return await found
        finally:
            with self._lock:
                if not found.done() or found.cancelled():
                    self._keys.give_up(self._clock())
