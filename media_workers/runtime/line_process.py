"""A line: one process, one SIP endpoint, its calls. pjsua2 has a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection

import redis.asyncio as redis

from media_workers.runtime.call import CallTools
from media_workers.runtime.call_process import CallProcess, run_process
from media_workers.runtime.config import NodeConfig
from media_workers.runtime.desk import LineDesk
from media_workers.runtime.intake import Intake
from media_workers.runtime.places import Places
from media_workers.runtime.waiting import cancelled
from media_workers.sip.line import PjsuaLine


class LineProcess(CallProcess):
    """The calls of one SIP endpoint."""

    port_variable = "SIP_PORT"

    def __init__(self, config: NodeConfig, index: int, pipe: Connection) -> None:
        super().__init__(config, index, pipe)
        self._line_desk = LineDesk(self._tell_calls)
        self._line = self._line_desk.line = PjsuaLine(config.line_config(index), self._line_desk)
        self._line_places = Places(0, self._line.active)
        self._intake: Intake | None = None

    @property
    def _desk(self) -> LineDesk:
        return self._line_desk

    @property
    def _places(self) -> Places:
        return self._line_places

    async def _bind(self, stack: AsyncExitStack) -> None:
        await asyncio.to_thread(self._line.start)
        stack.push_async_callback(asyncio.to_thread, self._line.stop)
        self._line_places.capacity = self._line.capacity

    @asynccontextmanager
    async def _taking(self, tools: CallTools) -> AsyncIterator[None]:
        """Inbound calls come by themselves; jobs are taken where `config` says so."""
        if not self._config.takes_jobs(self._index):
            yield
            return
        client = redis.from_url(self._config.redis_url, socket_timeout=5, socket_connect_timeout=5)
        self._intake = Intake(
            client,
            tools.control,
            line=self._index,
            places=self._places,
            start=lambda plan: self._desk.dial(plan, self._line),
        )
        task = asyncio.create_task(self._intake.run())
        try:
            yield
        finally:
            await cancelled(task)
            await client.aclose()

    def _stop_taking(self) -> None:
        if self._intake is not None:
            self._intake.stop()

    async def _taking_stopped(self) -> None:
        if self._intake is not None:
            await self._intake.stopped.wait()


def main(config: NodeConfig, index: int, pipe: Connection) -> None:
    """The target of the line's process."""
    run_process(LineProcess, config, index, pipe)
