"""The supervisor of a media node: starts the lines and the process of the browser calls,
restarts dead ones, keeps the lease, stops in order.

It carries no call itself, so that nothing a call does can end it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from contextlib import AsyncExitStack
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from uuid import UUID, uuid4

import redis.asyncio as redis

from media_workers.contract.calls import CallCommand, Heartbeat, SipLine
from media_workers.contract.signalling import SIGNALLING_EVERY_S
from media_workers.runtime import commands, logs
from media_workers.runtime.config import NodeConfig
from media_workers.runtime.control import ControlPlane, ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.keeper import LineKeeper
from media_workers.runtime.leftovers import Leftovers
from media_workers.runtime.locate import Locator
from media_workers.runtime.messages import Command, Drain, Lost, Stop, ToLine
from media_workers.runtime.processes import Busy, FileLock
from media_workers.runtime.signalling.desk import SignallingDesk
from media_workers.runtime.signalling.wire import Wire
from media_workers.runtime.spool import NodeSpool
from media_workers.runtime.waiting import cancelled, within

HEARTBEAT_S = 5.0
EARLIER_LIFE_S = 20.0
"""How long the lines of a supervisor that was killed may take to hang up and end."""

LAST_DELIVERY_S = 3.0


class NodeFailed(Exception):
    """The node cannot run; the text says why and what to do."""


class Node:
    """One media node, from start to end."""

    def __init__(self, config: NodeConfig) -> None:
        self._config = config
        self._spools = NodeSpool(config.spool)
        self._boot_id = uuid4()
        self._draining = False
        self._stopping = False
        self._hurry: asyncio.TimerHandle | None = None
        self._beat_soon = asyncio.Event()
        self._log = logs.get()
        self._keepers: list[LineKeeper] = []

    async def run(self) -> None:
        """Returns when the node has stopped. Raises `NodeFailed`."""
        lock = await self._take_over()
        self._handle_signals()
        try:
            async with AsyncExitStack() as stack:
                await self._serve(stack)
        finally:
            lock.release()
        self._log.info("node_stopped")

    async def _serve(self, stack: AsyncExitStack) -> None:
        config = self._config
        control = await stack.enter_async_context(ControlPlane(config.control_url, config.name, config.token))
        broker = redis.from_url(config.redis_url, socket_timeout=5, socket_connect_timeout=5)
        stack.push_async_callback(broker.aclose)
        leftovers = Leftovers(control, self._spools)
        leftovers.look()
        self._start_lines(leftovers)
        background = [
            asyncio.create_task(self._keep_lease(control, leftovers)),
            asyncio.create_task(commands.follow(broker, config.name, self._hand_on)),
            asyncio.create_task(self._signal(control)),
        ]
        try:
            ends = await asyncio.gather(*map(self._keep, self._keepers), return_exceptions=True)
        finally:
            await cancelled(*background)
        await leftovers.finish(LAST_DELIVERY_S)
        await self._beat(control, leftovers)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _signal(self, control: ControlPlane) -> None:
        """Registrations and questions to gateways; should that fail, calls go on and it begins anew."""
        config = self._config
        while True:
            try:
                async with Wire(config.sip_host, config.public_address) as wire:
                    locator = Locator(ipv6=":" in config.sip_host)
                    reached_at, edge = config.reached_at, config.edge
                    await SignallingDesk(control, wire, locator, reached_at=reached_at, edge=edge).run()
            except Exception:
                self._log.exception("signalling_failed")
            await asyncio.sleep(SIGNALLING_EVERY_S)

    async def _keep(self, keeper: LineKeeper) -> None:
        """One line that cannot start ends the node: half a node would be a silent loss of capacity."""
        try:
            await keeper.run()
        except BaseException:
            self._stop()
            raise

    def _start_lines(self, leftovers: Leftovers) -> None:
        """By a server that has everything imported: forking costs a line's start 50 ms instead of 2 s."""
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        context = get_context("forkserver")
        context.set_forkserver_preload(["media_workers.runtime.preload"])
        self._keepers = [
            LineKeeper(context, self._config, index, on_left=leftovers.look, on_change=self._beat_soon.set)
            for index in (*range(self._config.lines), self._config.browser_line)
        ]

    async def _take_over(self) -> FileLock:
        """The node's name is ours, nobody of an earlier life is left, and what they left is found."""
        lock = FileLock(self._config.spool / "node.lock")
        try:
            lock.acquire()
        except Busy:
            raise NodeFailed(
                f"Another media node with NODE_NAME={self._config.name} runs in"
                f" DATA_DIR={self._config.data_dir}; stop it, or set another NODE_NAME."
            ) from None
        for line in self._spools.lines():
            earlier = FileLock(line.with_suffix(".lock"))
            try:
                await asyncio.to_thread(earlier.acquire, EARLIER_LIFE_S)
            except Busy:
                raise NodeFailed(f"A process of an earlier node still holds {line}; end it.") from None
            self._spools.adopt(line)
            earlier.release()
        return lock

    # --- the control plane ------------------------------------------------------------------------

    async def _keep_lease(self, control: ControlPlane, leftovers: Leftovers) -> None:
        """A change of capacity is told at once."""
        while True:
            await within(HEARTBEAT_S, self._beat_soon.wait())
            self._beat_soon.clear()
            await self._beat(control, leftovers)

    async def _beat(self, control: ControlPlane, leftovers: Leftovers) -> None:
        try:
            answer = await control.heartbeat(self._heartbeat(leftovers.waiting))
        except (ControlPlaneDown, ControlPlaneRefused) as error:
            self._log.warning("heartbeat_failed", error=str(error))
            return
        if answer.lost:
            self._tell(Lost(tuple(answer.lost)))

    def _heartbeat(self, leftover: Iterable[UUID]) -> Heartbeat:
        *lines, browsers = self._keepers
        calls = [keeper.calls for keeper in self._keepers]
        return Heartbeat(
            node=self._config.name,
            boot_id=self._boot_id,
            sip_address=self._config.sip_address,
            lines=self._config.lines,
            capacity=sum(line.capacity for line in lines),
            active=sum(line.calls.busy for line in lines),
            draining=self._draining,
            version=_version(),
            calls=[*(i for c in calls for i in (*c.carried, *c.delivering)), *leftover],
            browser_url=self._config.browser_url,
            browser_capacity=browsers.capacity,
            browser_active=browsers.calls.busy,
            sip_lines=self._sip_lines(),
        )

    def _sip_lines(self) -> list[SipLine]:
        """The lines that can be called: without an edge only the first, whose port is the public one."""
        config = self._config
        host = config.line_config(0).sip_address
        host = f"[{host}]" if ":" in host else host
        return [
            SipLine(
                address=f"{host}:{config.line_port(line)}",
                capacity=keeper.capacity,
                active=keeper.calls.busy,
                life=keeper.life,
            )
            for line, keeper in enumerate(self._keepers[: config.lines])
            if keeper.capacity and (line == 0 or config.edge is not None)
        ]

    def _hand_on(self, command: CallCommand) -> None:
        self._tell(Command(command))

    # --- stopping ---------------------------------------------------------------------------------

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._asked_to_end)
        loop.add_signal_handler(signal.SIGINT, self._stop)

    def _asked_to_end(self) -> None:
        """The first time in an orderly way, the second time at once."""
        if self._draining:
            self._stop()
            return
        self._draining = True
        self._log.info("draining", limit_s=self._config.drain_limit_s)
        self._beat_soon.set()
        for keeper in self._keepers:
            keeper.end(Drain())
        loop = asyncio.get_running_loop()
        self._hurry = loop.call_later(self._config.drain_limit_s, self._stop)

    def _stop(self) -> None:
        if self._stopping:
            return
        self._draining = self._stopping = True
        if self._hurry is not None:
            self._hurry.cancel()
        self._log.info("stopping")
        for keeper in self._keepers:
            keeper.end(Stop())

    def _tell(self, message: ToLine) -> None:
        for keeper in self._keepers:
            keeper.send(message)


def _version() -> str:
    try:
        return version("trunkline")
    except PackageNotFoundError:
        return ""
