"""The functions that an answer calls: run side by side where they may be, and what comes of them told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from media_workers.conversation import tools as functions
from media_workers.conversation.account import Ledger
from media_workers.conversation.speaking import AgentTurn
from media_workers.conversation.tools import Result, Tools
from media_workers.providers.base import Dialogue, ToolCall

END_CALL = "end_call"
DECIDED_EVERY_S = 0.02

FINISH_S = 3.0
"""What still runs when the conversation is over, and has been sent, gets so long to be told."""


class ActingHost(Protocol):
    """On the loop, without the lock."""

    def tool_started(self, turn: AgentTurn) -> None:
        """A function begins to run: the turn stands from here on, for what it does cannot be undone."""

    def tool_finished(self, turn: AgentTurn) -> None: ...

    def tool_used(self, turn: AgentTurn, call: ToolCall, result: Result, kind: str, took_ms: int) -> None: ...

    def trouble(self, what: str, component: str, detail: str) -> None: ...


class Acting:
    """Of one conversation. What is called is stopped with its turn, unless another machine may have done it
    already (`About.firm`): that runs to its end, and the dialogue hears of it for its next answer."""

    def __init__(
        self,
        *,
        dialogue: Dialogue,
        tools: Tools,
        ledger: Ledger,
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
        host: ActingHost,
    ) -> None:
        self._dialogue = dialogue
        self._tools = tools
        self._ledger = ledger
        self._lock = lock
        self._clock = clock
        self._host = host
        self._late: dict[str, asyncio.Task[None]] = {}

    async def run(self, turn: AgentTurn, calls: Sequence[ToolCall]) -> bool:
        """Calls of one answer. Whether the answer ends with them, because somebody else has the call."""
        over = False
        for group in self._groups(calls):
            if over:
                break
            over = await self._together(turn, group)
        return over

    async def close(self) -> None:
        late = tuple(self._late.values())
        if late:
            await asyncio.wait(late, timeout=FINISH_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _groups(self, calls: Sequence[ToolCall]) -> Iterator[list[ToolCall]]:
        """What acts on the call itself runs in its place, between the others."""
        group: list[ToolCall] = []
        for call in calls:
            if call.name == END_CALL or (self._tools.has(call.name) and self._tools.about(call.name).alone):
                if group:
                    yield group
                yield [call]
                group = []
            else:
                group.append(call)
        if group:
            yield group

    async def _together(self, turn: AgentTurn, calls: Sequence[ToolCall]) -> bool:
        known = [call for call in calls if call.name != END_CALL and self._tools.has(call.name)]
        for call in calls:
            if call not in known:
                self._at_once(turn, call)
        if not known:
            return False
        await self._certain(turn)
        turn.tool_quiet = self._tools.about(known[0].name).alone
        self._host.tool_started(turn)
        try:
            async with asyncio.TaskGroup() as group:
                running = [group.create_task(self._one(turn, call)) for call in known]
        finally:
            self._host.tool_finished(turn)
            turn.tool_quiet = False
        return any(task.result() for task in running)

    async def _certain(self, turn: AgentTurn) -> None:
        """Not before the caller's turn is over for certain: a draft may be dropped, its deeds may not."""
        while turn.caller is not None and turn.caller.decided_ms is None and not turn.committed:
            await asyncio.sleep(DECIDED_EVERY_S)
        if turn.cancelled:  # dropped at this very moment; the task is about to hear of it
            raise asyncio.CancelledError

    def _at_once(self, turn: AgentTurn, call: ToolCall) -> None:
        if call.name == END_CALL:
            with self._lock:
                turn.end_after()
            self._tell(turn, call, Result("ok"), "", 0)
            return
        words = f"There is no function called {call.name[:100]}."
        self._tell(turn, call, Result(words, words), "", 0)

    async def _one(self, turn: AgentTurn, call: ToolCall) -> bool:
        if (late := self._late.get(call.id)) is not None:
            await asyncio.shield(late)  # a flow takes its node up again, whose call still runs
            return False
        began, about = self._clock(), self._tools.about(call.name)
        running = asyncio.ensure_future(functions.run(self._tools, call))
        try:
            result = await asyncio.shield(running)
        except asyncio.CancelledError:
            if about.firm and not running.done():
                self._finish_late(turn, call, running, about.kind, began)
            else:
                running.cancel()
            raise
        finally:
            with self._lock:
                self._ledger.ran(turn.account, call.name, self._clock() - began)
        if result.retrieval is not None:
            with self._lock:
                self._ledger.looked_up(turn.account, result.retrieval)
        self._tell(turn, call, result, about.kind, self._clock() - began)
        return result.over

    def _finish_late(
        self, turn: AgentTurn, call: ToolCall, running: asyncio.Future[Result], kind: str, began: int
    ) -> None:
        async def told() -> None:
            result = await running
            self._tell(turn, call, result, kind, self._clock() - began)

        task = asyncio.ensure_future(told())
        self._late[call.id] = task
        task.add_done_callback(lambda _: self._late.pop(call.id, None))

    def _tell(self, turn: AgentTurn, call: ToolCall, result: Result, kind: str, took_ms: int) -> None:
        if result.trouble and self._tools.has(call.name):
            self._host.trouble("tool_failed", "tool", f"{call.name[:100]}: {result.trouble}")
        self._dialogue.tool_result(call, result.text, failed=bool(result.trouble))
        self._host.tool_used(turn, call, result, kind, took_ms)
