"""A line: one process, one SIP endpoint, its calls.

The asyncio loop runs in the main thread; pjsua2 has a thread of its own. The supervisor speaks over
a pipe, whose end means that the supervisor is gone: then the line hangs up, tells the end of its
calls as far as it can, and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection

import redis.asyncio as redis

from media_workers.audio.recorder import DiskWriter
from media_workers.audio.vad import VadEngine
from media_workers.contract.events import EndReason
from media_workers.providers import registry
from media_workers.runtime import logs
from media_workers.runtime.call import LineTools
from media_workers.runtime.config import NodeConfig
from media_workers.runtime.control import ControlPlane
from media_workers.runtime.desk import CallDesk
from media_workers.runtime.intake import Intake
from media_workers.runtime.messages import (
    Calls,
    Command,
    Drain,
    FromLine,
    Lost,
    Started,
    StartFailed,
    Stop,
    ToLine,
)
from media_workers.runtime.outcomes import Outcome
from media_workers.runtime.places import Places
from media_workers.runtime.processes import Busy, FileLock, die_with_parent, set_watchdog
from media_workers.runtime.spool import NodeSpool
from media_workers.runtime.waiting import cancelled, within
from media_workers.sip.line import PjsuaLine

GOODBYE_S = 6.0
"""What calls that are told to stop get for hanging up and writing their last events."""

DELIVERY_S = 3.0
"""What has not been acknowledged this long after the last call is left to the supervisor."""

WATCHDOG_S = 15.0
WATCHDOG_EVERY_S = 2.0

THREAD_SWITCH_S = 0.001
"""How long the media clock may wait for Python while another thread computes; Python's own 5 ms are
a quarter of a frame."""

LOST = Outcome(EndReason.NODE_LOST, detail="The control plane had given the call up: its node was silent.")
STOPPED = Outcome(EndReason.NODE_STOPPED)
ORPHANED = Outcome(EndReason.NODE_LOST, detail="The node's supervisor died.")


class LineProcess:
    """Runs until told to stop, drained or orphaned."""

    def __init__(self, config: NodeConfig, index: int, pipe: Connection) -> None:
        self._config = config
        self._index = index
        self._pipe = pipe
        self._loop = asyncio.get_running_loop()
        self._desk = CallDesk(self._tell_calls)
        self._line = PjsuaLine(config.line_config(index), self._desk)
        self._places = Places(0, self._line.active)
        self._intake: Intake | None = None
        self._leave = asyncio.Event()
        self._watchdog: asyncio.TimerHandle | None = None
        self._draining: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """The life of the line."""
        try:
            await asyncio.to_thread(self._line.start)
        except (OSError, TimeoutError) as error:
            why = error.strerror if isinstance(error, OSError) else None
            self._tell(StartFailed(f"{why or error}; free it or set another SIP_PORT"))
            return
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, self._line.stop)
            stack.push_async_callback(registry.close)
            control = await stack.enter_async_context(
                ControlPlane(self._config.control_url, self._config.name, self._config.token)
            )
            disk = DiskWriter()
            stack.push_async_callback(asyncio.to_thread, disk.close)
            self._open(control, disk)
            async with self._intake_running(control):
                self._listen()
                await self._leave.wait()
                await self._say_goodbye()

    def _open(self, control: ControlPlane, disk: DiskWriter) -> None:
        tools = LineTools(
            index=self._index,
            line=self._line,
            control=control,
            vad=VadEngine(),
            disk=disk,
            spool=NodeSpool(self._config.spool).line(self._index),
        )
        self._places.capacity = self._line.capacity
        self._desk.open(tools, self._places)

    @asynccontextmanager
    async def _intake_running(self, control: ControlPlane) -> AsyncIterator[None]:
        if not self._config.takes_jobs(self._index):
            yield
            return
        client = redis.from_url(self._config.redis_url, socket_timeout=5, socket_connect_timeout=5)
        self._intake = Intake(client, control, line=self._index, places=self._places, start=self._desk.dial)
        task = asyncio.create_task(self._intake.run())
        try:
            yield
        finally:
            await cancelled(task)
            await client.aclose()

    def _listen(self) -> None:
        self._loop.add_reader(self._pipe.fileno(), self._read_pipe)
        self._loop.add_signal_handler(signal.SIGHUP, self._orphaned)
        self._feed_watchdog()
        self._tell(Started(self._line.capacity))
        logs.get().info("line_started", port=self._line.port, capacity=self._line.capacity)

    async def _say_goodbye(self) -> None:
        """The calls are over or have been told to stop."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        set_watchdog(2 * GOODBYE_S + DELIVERY_S + 10)
        for wait, limit_s in (
            (self._intake_stopped, GOODBYE_S),
            (self._desk.finished, GOODBYE_S),
            (self._desk.delivered, DELIVERY_S),
        ):
            await within(limit_s, wait())
        await self._desk.abandon()
        logs.get().info("line_stopped")

    # --- the supervisor ---------------------------------------------------------------------------

    def _read_pipe(self) -> None:
        try:
            message: ToLine = self._pipe.recv()
        except (EOFError, OSError):
            self._orphaned()
            return
        if isinstance(message, Command):
            self._desk.command(message.command)
        elif isinstance(message, Lost):
            self._desk.give_up(message.ids, LOST)
        elif isinstance(message, Stop):
            self._stop(STOPPED)
        elif isinstance(message, Drain):
            self._drain()

    def _drain(self) -> None:
        self._desk.drain()
        self._stop_intake()
        self._draining = asyncio.create_task(self._leave_when_done())

    async def _leave_when_done(self) -> None:
        await self._intake_stopped()
        await self._desk.finished()
        self._leave.set()

    def _stop(self, outcome: Outcome) -> None:
        self._stop_intake()
        self._desk.stop_all(outcome)
        self._leave.set()

    def _orphaned(self) -> None:
        self._loop.remove_reader(self._pipe.fileno())
        self._stop(ORPHANED)

    def _stop_intake(self) -> None:
        if self._intake is not None:
            self._intake.stop()

    async def _intake_stopped(self) -> None:
        if self._intake is not None:
            await self._intake.stopped.wait()

    def _tell_calls(self) -> None:
        self._tell(Calls(self._desk.carried, self._desk.delivering, self._places.busy))

    def _tell(self, message: FromLine) -> None:
        with contextlib.suppress(OSError):  # a supervisor that is gone is noticed by its pipe
            self._pipe.send(message)

    def _feed_watchdog(self) -> None:
        set_watchdog(WATCHDOG_S)
        self._watchdog = self._loop.call_later(WATCHDOG_EVERY_S, self._feed_watchdog)


def main(config: NodeConfig, index: int, pipe: Connection) -> None:
    """The target of the line's process. Signals are the supervisor's business: it tells us what to do."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    die_with_parent(signal.SIGHUP)
    sys.setswitchinterval(THREAD_SWITCH_S)
    logs.configure(node=config.name, line=index)
    lock = FileLock(NodeSpool(config.spool).lock(index))
    try:
        lock.acquire(timeout_s=GOODBYE_S)
    except Busy:
        pipe.send(StartFailed(f"an earlier process of line {index} is still running"))
        return
    gc.collect()
    gc.freeze()
    asyncio.run(_run(config, index, pipe))


async def _run(config: NodeConfig, index: int, pipe: Connection) -> None:
    await LineProcess(config, index, pipe).run()
