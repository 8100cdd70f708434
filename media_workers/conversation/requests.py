"""What functions, and people beside the call, ask of a conversation and wait for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

from media_workers.contract.tools import CollectDigitsTool
from media_workers.conversation.answered_by.policy import AnswerPolicy
from media_workers.conversation.control import IMPOSSIBLE, Collected, Deed
from media_workers.conversation.floor import Floor
from media_workers.conversation.keys import tell
from media_workers.conversation.reporting import Reporter
from media_workers.providers.base import Dialogue, ProviderError

SPEAK_LIMIT_S = 30.0
BRIEF_LIMIT_S = 6.0
"""A summary that takes longer is done without: somebody is on the telephone and waits for it."""

LEAVES = "The message will be left after the beep, and the call ends then."


class Requests:
    """Everything here is called on the loop, without the lock. `post` runs a function on the loop."""

    def __init__(
        self,
        *,
        floor: Floor,
        dialogue: Dialogue,
        answerer: AnswerPolicy | None,
        report: Reporter,
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
        post: Callable[..., None],
        is_over: Callable[[], bool],
    ) -> None:
        self._floor = floor
        self._dialogue = dialogue
        self._answerer = answerer
        self._report = report
        self._lock = lock
        self._clock = clock
        self._post = post
        self._is_over = is_over

    async def announce(self, text: str, *, firm: bool = True) -> None:
        """Says `text`, for the function that is running if there is one, and returns when it has been heard.
        `firm`: the caller cannot interrupt it."""
        with self._lock:
            if not self._is_over():
                self._floor.announce(text, firm=firm)
        await asyncio.sleep(0.02)
        await self.said_all()

    async def said_all(self) -> None:
        """Returns when the caller has heard what there is to say but for the function that is running."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SPEAK_LIMIT_S):
                while not self._is_over():
                    with self._lock:
                        if self._floor.said_all:
                            return
                    await asyncio.sleep(0.02)

    async def brief(self) -> str:
        """The call so far in two sentences, for somebody who takes over; empty when there is nothing, or no
        answer in time."""
        try:
            async with asyncio.timeout(BRIEF_LIMIT_S):
                return await self._dialogue.brief()
        except (ProviderError, TimeoutError) as error:
            with self._lock:
                detail = str(error) or "The model gave no summary in time."
                self._report.trouble("no_summary", "llm", detail, self._clock())
            return ""

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        """Says the tool's prompt and waits for keys. Cancelled with the agent's turn."""
        found: asyncio.Future[Collected] = asyncio.get_running_loop().create_future()

        def done(collected: Collected) -> None:
            self._post(tell, found, collected)

        with self._lock:
            if self._is_over():
                return Collected("", "the call is over")
            self._floor.collect(tool, self._clock(), done)
        try:
            return await found
        finally:
            with self._lock:
                if not found.done() or found.cancelled():
                    self._floor.collect_no_more(self._clock())

    async def leave_voicemail(self) -> Deed:
        """The message is left after the beep of the machine that has taken the call."""
        with self._lock:
            leaves = self._answerer is not None and self._answerer.leave_message(self._clock())
        return Deed(leaves, LEAVES if leaves else IMPOSSIBLE, over=leaves)
