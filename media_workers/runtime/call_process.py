"""A process that carries calls: its life under the supervisor, whatever the calls come by.

The asyncio loop runs in the main thread. The supervisor speaks over a pipe, whose end means that the
supervisor is gone: then the process hangs up, tells the end of its calls as far as it can, and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from multiprocessing.connection import Connection

from media_workers.audio.recorder import DiskWriter
from media_workers.audio.vad import VadEngine
from media_workers.contract.events import EndReason
from media_workers.conversation.endpointing.turn_model import TURN_MODEL
from media_workers.providers import local, registry
from media_workers.providers.fallback.breaker import Breakers
from media_workers.runtime import logs
from media_workers.runtime.call import CallTools
from media_workers.runtime.config import NodeConfig
from media_workers.runtime.control import ControlPlane
from media_workers.runtime.desk import CallDesk
from media_workers.runtime.listening import Broadcast
from media_workers.runtime.locate import Locator
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
from media_workers.runtime.waiting import within

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


class CallProcess(ABC):
    """Runs until told to stop, drained or orphaned."""

    port_variable: str
    """Which variable to change when the port is taken."""

    def __init__(self, config: NodeConfig, index: int, pipe: Connection) -> None:
        self._config = config
        self._index = index
        self._pipe = pipe
        self._loop = asyncio.get_running_loop()
        self._leave = asyncio.Event()
        self._watchdog: asyncio.TimerHandle | None = None
        self._draining: asyncio.Task[None] | None = None
        local.put("piper", config.voice_path)
        local.put(TURN_MODEL, config.turn_model_path)
        local.put("sherpa", config.hearing_path)

    # --- what the kinds differ in -----------------------------------------------------------------

    @property
    @abstractmethod
    def _desk(self) -> CallDesk: ...

    @property
    @abstractmethod
    def _places(self) -> Places: ...

    @abstractmethod
    async def _bind(self, stack: AsyncExitStack) -> None:
        """Takes the port; `stack` frees it. Raises `OSError` or `TimeoutError`."""

    @abstractmethod
    def _taking(self, tools: CallTools) -> AbstractAsyncContextManager[None]:
        """Calls are taken inside."""

    @abstractmethod
    def _stop_taking(self) -> None:
        """No call is taken any more, as soon as possible; `_taking_stopped` tells when."""

    @abstractmethod
    async def _taking_stopped(self) -> None:
        """Returns when what was being taken is in the desk's hands."""

    # --- life -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """The life of the process."""
        async with AsyncExitStack() as stack:
            try:
                await self._bind(stack)
            except (OSError, TimeoutError) as error:
                why = error.strerror if isinstance(error, OSError) else None
                self._tell(StartFailed(f"{why or error}; free it or set another {self.port_variable}"))
                return
            tools = await self._tools(stack)
            self._desk.open(tools, self._places)
            async with self._taking(tools):
                self._listen()
                await self._leave.wait()
                await self._say_goodbye()

    async def _tools(self, stack: AsyncExitStack) -> CallTools:
        config = self._config
        stack.push_async_callback(registry.close)
        control = await stack.enter_async_context(ControlPlane(config.control_url, config.name, config.token))
        disk = DiskWriter()
        stack.push_async_callback(asyncio.to_thread, disk.close)
        broadcast = Broadcast(config.redis_url)
        stack.push_async_callback(broadcast.close)
        breakers = Breakers(config.redis_url)
        stack.push_async_callback(breakers.close)
        return CallTools(
            index=self._index,
            control=control,
            vad=VadEngine(),
            disk=disk,
            broadcast=broadcast,
            breakers=breakers,
            spool=NodeSpool(config.spool).line(self._index),
            sip_domain=config.sip_domain,
            captures=config.captures,
            redis_url=config.redis_url,
            locator=Locator(ipv6=":" in config.sip_host) if config.edge is None else None,
            places=self._places,
            line=self._desk.line,
        )

    def _listen(self) -> None:
        self._loop.add_reader(self._pipe.fileno(), self._read_pipe)
        self._loop.add_signal_handler(signal.SIGHUP, self._orphaned)
        self._feed_watchdog()
        self._tell(Started(self._places.capacity))
        logs.get().info("line_started", capacity=self._places.capacity)

    async def _say_goodbye(self) -> None:
        """The calls are over or have been told to stop."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        set_watchdog(2 * GOODBYE_S + DELIVERY_S + 10)
        for wait, limit_s in (
            (self._taking_stopped, GOODBYE_S),
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
        self._stop_taking()
        self._draining = asyncio.create_task(self._leave_when_done())

    async def _leave_when_done(self) -> None:
        await self._taking_stopped()
        await self._desk.finished()
        self._leave.set()

    def _stop(self, outcome: Outcome) -> None:
        self._stop_taking()
        self._desk.stop_all(outcome)
        self._leave.set()

    def _orphaned(self) -> None:
        self._loop.remove_reader(self._pipe.fileno())
        self._stop(ORPHANED)

    def _tell_calls(self) -> None:
        self._tell(Calls(self._desk.carried, self._desk.delivering, self._places.busy))

    def _tell(self, message: FromLine) -> None:
        with contextlib.suppress(OSError):  # a supervisor that is gone is noticed by its pipe
            self._pipe.send(message)

    def _feed_watchdog(self) -> None:
        set_watchdog(WATCHDOG_S)
        self._watchdog = self._loop.call_later(WATCHDOG_EVERY_S, self._feed_watchdog)


Kind = Callable[[NodeConfig, int, Connection], CallProcess]


def run_process(kind: Kind, config: NodeConfig, index: int, pipe: Connection) -> None:
    """The whole life of a call process. Signals are the supervisor's business: it tells us what to do."""
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
    asyncio.run(_run(kind, config, index, pipe))


async def _run(kind: Kind, config: NodeConfig, index: int, pipe: Connection) -> None:
    await kind(config, index, pipe).run()
