"""Functions that a model runs which hears and speaks itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from media_workers.conversation.account import Account, Ledger
from media_workers.conversation.acting import END_CALL
from media_workers.conversation.realtime_floor import RealtimeFloor
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.tools import Result, Tools, run
from media_workers.providers.base import ToolCall
from media_workers.providers.llm.chat import SAY_GOODBYE

MOST_FUNCTIONS = 25
"""Calls of functions without a word of the caller between: a model that goes on and on is stopped."""


class RealtimeFunctions:
    """`answer(call, text)` tells the vendor what came of one. On the loop."""

    def __init__(
        self,
        tools: Tools,
        *,
        floor: RealtimeFloor,
        report: Reporter,
        ledger: Ledger,
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
        answer: Callable[[ToolCall, str], None],
    ) -> None:
        self._tools = tools
        self._floor = floor
        self._report = report
        self._ledger = ledger
        self._lock = lock
        self._clock = clock
        self._answer = answer
        self._running = 0
        self._asked_for = 0

    @property
    def running(self) -> bool:
        return self._running > 0

    def caller_spoke(self) -> None:
        self._asked_for = 0

    def endless(self) -> bool:
        """Counts a call: whether there have been too many."""
        self._asked_for += 1
        return self._asked_for > MOST_FUNCTIONS

    async def call(self, call: ToolCall, asked_ms: int) -> None:
        """Runs it, reports it, and tells the vendor."""
        if call.name == END_CALL:
            with self._lock:
                spoken = self._floor.ends_call(self._clock())
                self._report.tool(call, Result("ok"), "", asked_ms, 0)
            if not spoken:
                self._answer(call, SAY_GOODBYE)
            return
        result = Result(words := f"There is no function called {call.name}.", words)
        kind, known = "", self._tools.has(call.name)
        if known:
            kind = self._tools.about(call.name).kind
            self._running += 1
            try:
                result = await run(self._tools, call)
            finally:
                self._running -= 1
        with self._lock:
            now_ms = self._clock()
            if result.trouble and known:
                self._report.trouble("tool_failed", "tool", f"{call.name}: {result.trouble}", now_ms)
            self._ledger.ran(self._account(), call.name, now_ms - asked_ms)
            if result.retrieval is not None and (account := self._account()) is not None:
                self._ledger.looked_up(account, result.retrieval)
            self._report.tool(call, result, kind, asked_ms, now_ms - asked_ms)
        self._answer(call, result.text)

    def _account(self) -> Account | None:
        return self._floor.answers[-1].turn.account if self._floor.answers else None
