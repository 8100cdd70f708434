"""The loop's side of a conversation: what decisions cause, one after the other, in their order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from media_workers.contract.events import EndReason
from media_workers.conversation.answering import Answering, Voice
from media_workers.conversation.listening import Ears
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.speaking import AgentTurn
from media_workers.providers.base import Dialogue, ProviderError, ToolCall

logger = logging.getLogger(__name__)

CLOSE_LIMIT_S = 3.0


class Backstage:
    """Implements `floor.Effects` (any thread, lock held: each posts itself to the loop) and
    `answering.TurnHost` (on the loop, without the lock). Owns the tasks and the dialogue.

    `on_begun` and `on_failed` are called with the lock held.
    """

    def __init__(
        self,
        *,
        dialogue: Dialogue,
        voice: Voice,
        fallback: Voice,
        model_limit_s: float,
        end_call_phrases: Sequence[str],
        hints: Sequence[str],
        ears: Ears,
        report: Reporter,
        lock: AbstractContextManager[bool],
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], int],
        hang_up: Callable[[EndReason, str], None],
        on_begun: Callable[[AgentTurn], None],
        on_failed: Callable[[AgentTurn, ProviderError], None],
    ) -> None:
        self._dialogue = dialogue
        self._hints = hints
        self._ears = ears
        self._report = report
        self._lock = lock
        self._loop = loop
        self._clock = clock
        self._hang_up = hang_up
        self._on_begun = on_begun
        self._on_failed = on_failed
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: asyncio.Task[None] | None = None
        self._answering = Answering(
            dialogue=dialogue,
            voice=voice,
            fallback=fallback,
            model_limit_s=model_limit_s,
            end_call_phrases=end_call_phrases,
            lock=lock,
            clock=clock,
            host=self,
        )

    # --- effects ----------------------------------------------------------------------------------

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Runs `function` on the loop, after everything posted before."""
        self._loop.call_soon_threadsafe(function, *args)

    def start(self, turn: AgentTurn) -> None:
        self.post(self._launch, turn)

    def stop(self, turn: AgentTurn) -> None:
        self.post(self._cancel, turn)

    def commit(self, turn: AgentTurn) -> None:
        self.post(self._commit)

    def heard(self, text: str, interrupted: bool) -> None:
        self.post(lambda: self._dialogue.heard(text, interrupted=interrupted))

    def hang_up(self, reason: EndReason, detail: str) -> None:
        self.post(self._hang_up, reason, detail)

    def _launch(self, turn: AgentTurn) -> None:
        if turn.cancelled:
            return
        turn.task = self._loop.create_task(self._answering.run(turn, self._last))
        self._last = turn.task
        self._tasks.add(turn.task)
        turn.task.add_done_callback(self._tasks.discard)

    def _cancel(self, turn: AgentTurn) -> None:
        turn.cancelled = True
        if turn.task is not None:
            turn.task.cancel()

    def _commit(self) -> None:
        self._dialogue.commit()
        self._expect()

    def _expect(self) -> None:
        phrases = self.phrases()
        with self._lock:
            self._ears.expect(phrases)

    # --- the host of running turns ------------------------------------------------------------------

    def begun(self, turn: AgentTurn) -> None:
        if turn.pressed and not turn.committed:
            with self._lock:
                self._on_begun(turn)

    def replied(self, turn: AgentTurn) -> None:
        if turn.committed:
            self._expect()

    def tool_used(self, turn: AgentTurn, call: ToolCall, result: str) -> None:
        now_ms = self._clock()
        with self._lock:
            if turn.committed:
                self._report.tool(call, result, now_ms)
            else:
                turn.deferred.append(lambda: self._report.tool(call, result, now_ms))

    def trouble(self, error: ProviderError) -> None:
        with self._lock:
            self._report.provider_trouble(error, self._clock())

    def failed(self, turn: AgentTurn, error: ProviderError) -> None:
        with self._lock:
            if not turn.cancelled:
                self._on_failed(turn, error)

    # --- for the conversation -----------------------------------------------------------------------

    def phrases(self) -> list[str]:
        """What the caller may say next: the dialogue's expectation and the agent's own hints."""
        return [*self._dialogue.expected(), *self._hints]

    async def close(self) -> None:
        """Cancels what still runs, closes the dialogue, and returns when all that was posted has run."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError, ProviderError):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._dialogue.close()
        done = asyncio.Event()
        self.post(done.set)
        await done.wait()
