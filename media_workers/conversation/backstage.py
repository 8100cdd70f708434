"""The loop's side of a conversation: what decisions cause, one after the other, in their order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from typing import Any

from media_workers.contract.events import EndReason
from media_workers.contract.tools import KeyInput
from media_workers.conversation.account import Ledger
from media_workers.conversation.answering import Answering, Voice
from media_workers.conversation.listening import Ears
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.speaking import AgentTurn
from media_workers.conversation.tools import Result, Tools
from media_workers.providers.base import Dialogue, ProviderError, ToolCall, Usage
from media_workers.providers.fallback import FallbackVoice, Watch

logger = logging.getLogger(__name__)

CLOSE_LIMIT_S = 3.0
WARM_UP_LIMIT_S = 5.0
OVERHEARD = "While you were muted the caller said: {text}"


class Backstage:
    """Implements `floor.Effects` (any thread, lock held: each posts itself to the loop) and
    `answering.TurnHost` (on the loop, without the lock). Owns the tasks and the dialogue.

    `on_begun`, `on_failed` and `on_tool_...` are called with the lock held.
    """

    def __init__(
        self,
        *,
        dialogue: Dialogue,
        voice: FallbackVoice,
        fallback: Voice,
        tools: Tools,
        model_limit_s: float,
        end_call_phrases: Sequence[str],
        hints: Sequence[str],
        ears: Ears,
        report: Reporter,
        ledger: Ledger,
        watch: Watch,
        lock: AbstractContextManager[bool],
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], int],
        hang_up: Callable[[EndReason, str], None],
        on_begun: Callable[[AgentTurn], None],
        on_failed: Callable[[AgentTurn, ProviderError], None],
        on_tool_started: Callable[[AgentTurn], None],
        on_tool_finished: Callable[[AgentTurn], None],
        on_keys_expected: Callable[[KeyInput | None], None],
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
        self._on_tool_started = on_tool_started
        self._on_tool_finished = on_tool_finished
        self._on_keys_expected = on_keys_expected
        self._ledger = ledger
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: asyncio.Task[None] | None = None
        self._answering = Answering(
            dialogue=dialogue,
            voice=voice,
            fallback=fallback,
            tools=tools,
            model_limit_s=model_limit_s,
            end_call_phrases=end_call_phrases,
            ledger=ledger,
            watch=watch,
            lock=lock,
            clock=clock,
            host=self,
        )
        watch.passed_over = self._passed_over
        watch.spent = self._spent

    # --- effects ----------------------------------------------------------------------------------

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Runs `function` on the loop, after everything posted before."""
        self._loop.call_soon_threadsafe(function, *args)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that takes a while, beside everything else. On the loop."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def start(self, turn: AgentTurn) -> None:
        self.post(self._launch, turn)

    def stop(self, turn: AgentTurn) -> None:
        self.post(self._cancel, turn)

    def commit(self, turn: AgentTurn) -> None:
        self.post(self._commit)

    def heard(self, text: str, interrupted: bool) -> None:
        self.post(lambda: self._dialogue.heard(text, interrupted=interrupted))

    def overheard(self, text: str) -> None:
        self.post(lambda: self._dialogue.note(OVERHEARD.format(text=text)))

    def interject(self, turn: AgentTurn, text: str) -> None:
        self.post(self._interject, turn, text)

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
        if turn.started_ms is None:
            with self._lock:
                self._ledger.drop(turn.account)

    def _interject(self, turn: AgentTurn, text: str) -> None:
        if turn.interject is not None and not turn.cancelled:
            turn.interject(text)

    def _commit(self) -> None:
        self._dialogue.commit()
        self._expect()

    def _expect(self) -> None:
        phrases, rules = self.phrases(), self._dialogue.key_input()
        with self._lock:
            self._ears.expect(phrases)
            self._on_keys_expected(rules)

    # --- the host of running turns ------------------------------------------------------------------

    def begun(self, turn: AgentTurn) -> None:
        if turn.pressed and not turn.committed:
            with self._lock:
                self._on_begun(turn)

    def replied(self, turn: AgentTurn) -> None:
        if turn.committed:
            self._expect()

    def tool_started(self, turn: AgentTurn) -> None:
        with self._lock:
            if not turn.cancelled:
                self._on_tool_started(turn)

    def tool_finished(self, turn: AgentTurn) -> None:
        with self._lock:
            if not turn.cancelled:
                self._on_tool_finished(turn)

    def tool_used(self, turn: AgentTurn, call: ToolCall, result: Result, kind: str, took_ms: int) -> None:
        now_ms = self._clock()
        with self._lock:
            if turn.committed:
                self._report.tool(call, result, kind, now_ms, took_ms)
            else:
                turn.deferred.append(lambda: self._report.tool(call, result, kind, now_ms, took_ms))

    def trouble(self, what: str, component: str, detail: str) -> None:
        with self._lock:
            self._report.trouble(what, component, detail, self._clock())

    def provider_trouble(self, error: ProviderError) -> None:
        with self._lock:
            self._report.provider_trouble(error, self._clock())

    def failed(self, turn: AgentTurn, error: ProviderError) -> None:
        with self._lock:
            if not turn.cancelled:
                self._on_failed(turn, error)

    # --- told by the lists of vendors ---------------------------------------------------------------

    def _passed_over(self, error: ProviderError, after_ms: int) -> None:
        turn = self._answering.turn
        with self._lock:
            self._report.provider_trouble(error, self._clock())
            if error.component == "stt" or turn is None:
                self._ledger.passed_over(None, error, after_ms)
            else:
                self._ledger.passed_over(turn.account, error, after_ms)

    def _spent(self, usage: Usage) -> None:
        if (turn := self._answering.turn) is not None:
            with self._lock:
                self._ledger.used(turn.account, usage)

    # --- for the conversation -----------------------------------------------------------------------

    def phrases(self) -> list[str]:
        """What the caller may say next: the dialogue's expectation and the agent's own hints."""
        return [*self._dialogue.expected(), *self._hints]

    def change_voice(self, voice: FallbackVoice) -> None:
        """`voice` speaks from the next sentence on."""
        self._answering.change_voice(voice)

    async def warm_up(self) -> None:
        """Connects model and voices, so that the first answer does not wait for it. Never raises."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WARM_UP_LIMIT_S):
                await asyncio.gather(
                    self._dialogue.warm_up(), self._answering.warm_up(), return_exceptions=True
                )

    async def close(self) -> None:
        """Cancels what still runs, closes dialogue and voices, and returns when all that was posted has
        run."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await asyncio.gather(self._dialogue.close(), self._answering.close(), return_exceptions=True)
        done = asyncio.Event()
        self.post(done.set)
        await done.wait()
