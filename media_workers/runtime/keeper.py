"""Keeps one line of the node alive: starts it, and again when it dies, until told to end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext

from media_workers.runtime import logs
from media_workers.runtime.child import LineChild
from media_workers.runtime.config import NodeConfig
from media_workers.runtime.messages import Calls, Drain, Stop, ToLine
from media_workers.runtime.spool import NodeSpool
from media_workers.runtime.waiting import Backoff, within

HEALTHY_S = 30.0
"""A line that lived this long is started again at once when it dies."""

START_LIMIT_S = 60.0
STOP_LIMIT_S = 25.0
"""A line that was told to stop has ended by then, or is killed."""


class LineFailed(Exception):
    """A line could not start when the node did; the text names the address or variable."""


class LineKeeper:
    """One line through all its lives. `on_left` is called when a life may have left something to
    deliver, `on_change` when the capacity has changed."""

    def __init__(
        self,
        context: ForkServerContext,
        config: NodeConfig,
        index: int,
        *,
        on_left: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._context = context
        self._config = config
        self._index = index
        self._spools = NodeSpool(config.spool)
        self._on_left = on_left
        self._on_change = on_change
        self._child: LineChild | None = None
        self._ending = asyncio.Event()
        self._ever_started = False
        self._lives = 0
        self._log = logs.get().bind(line=index)

    @property
    def capacity(self) -> int:
        """Calls at once, 0 while the line is down."""
        return self._child.capacity if self._child is not None else 0

    @property
    def life(self) -> str:
        """Another one after each start."""
        return str(self._lives)

    @property
    def calls(self) -> Calls:
        """What the line last said that it carries."""
        return self._child.calls if self._child is not None else Calls()

    def send(self, message: ToLine) -> None:
        """Tells the line, if there is one."""
        if self._child is not None:
            self._child.send(message)

    def end(self, how: Drain | Stop) -> None:
        """The line is to end, and stay so."""
        self._ending.set()
        self.send(how)
        if isinstance(how, Stop):
            asyncio.get_running_loop().call_later(STOP_LIMIT_S, self._kill)

    async def run(self) -> None:
        """Until the line has ended as it was told. Raises `LineFailed` when its first start fails."""
        backoff = Backoff(0.5, 15.0)
        while not self._ending.is_set():
            born = time.monotonic()
            # In the main thread: the kernel ties the life of what is forked to the thread that forks.
            self._lives += 1
            child = self._child = LineChild(self._context, self._config, self._index)
            await self._live(child)
            self._child = None
            self._spools.adopt(self._spools.line(self._index))
            self._on_left()
            self._on_change()
            if self._ending.is_set():
                return
            if child.problem and not self._ever_started:
                raise LineFailed(child.problem)
            if time.monotonic() - born > HEALTHY_S:
                backoff.reset()
            await self._pause(child, backoff.delay())

    async def _live(self, child: LineChild) -> None:
        if not await within(START_LIMIT_S, child.known.wait()):
            self._log.error("line_did_not_start", limit_s=START_LIMIT_S)
            child.kill()
        self._ever_started = self._ever_started or child.capacity > 0
        self._on_change()
        await child.exited.wait()

    async def _pause(self, child: LineChild, delay_s: float) -> None:
        self._log.error(
            "line_died", exit_code=child.exit_code, problem=child.problem, restart_in_s=round(delay_s, 1)
        )
        await within(delay_s, self._ending.wait())

    def _kill(self) -> None:
        if self._child is not None:
            self._log.error("line_killed", after_s=STOP_LIMIT_S)
            self._child.kill()
