"""The run of a worker: it takes what is due, sends it all at once, keeps what came of it, until nothing is
left to do.

A run is one task in one thread; tasks that come meanwhile in the same process only wake it. Its requests run
on an event loop of their own, its transactions in the thread that it began in. Killed at any moment, nothing
is lost: what it had taken is due again when the leases are over.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import structlog
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from apps.webhooks.services.claiming import LEASE, Claim, claim
from apps.webhooks.services.sending import Outcome, send
from apps.webhooks.services.storing import store
from apps.webhooks.services.waking import looking
from tenants.outbound_async import guarded_transport

log = structlog.get_logger(__name__)

AT_ONCE = 400
"""Requests of one process."""

RESOLVERS = 64
"""Names that are looked up at once: a lookup that nobody answers holds a thread for a while."""

LOOKS_EVERY_S = 0.25
"""While requests are under way, if nobody wakes it before."""

SOON_S = 0.02
TROUBLE_S = 0.5

_lock = threading.Lock()
_running: list[Run] = []


def deliver(*, stopping: Callable[[], bool] = lambda: False) -> None:
    """Delivers all that is due, or has the run of this process do so. `stopping`: take nothing new.

    Outside any scope. Two processes at once do no harm.
    """
    with _lock:
        if _running:
            _running[0].wake()
            return
        run = Run(stopping)
        _running.append(run)
    try:
        while True:
            async_to_sync(run)()
            with _lock:
                if stopping() or not run.asked:
                    _running.remove(run)
                    return
    except BaseException:
        with _lock:
            _running.remove(run)
        raise


class Run:
    """Takes, sends and stores, until nothing is left. `clock` gives the time; `asked`: somebody woke it since
    it looked last."""

    def __init__(
        self, stopping: Callable[[], bool] = lambda: False, *, clock: Callable[[], datetime] = timezone.now
    ) -> None:
        self.asked = False
        self._stopping = stopping
        self._now = clock
        self._sending: set[asyncio.Task[Outcome]] = set()
        self._done: list[Outcome] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None
        self._trouble_since: float | None = None

    def wake(self) -> None:
        """Something new may be due. From any thread."""
        self.asked = True
        loop, woken = self._loop, self._woken
        if loop is not None and woken is not None:
            with contextlib.suppress(RuntimeError):  # it is over; whoever began it looks at `asked`
                loop.call_soon_threadsafe(woken.set)

    async def __call__(self) -> None:
        self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="webhook-names")
        self._loop.set_default_executor(resolvers)
        try:
            async with guarded_transport(
                allow_private=settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES
            ) as transport:
                while await self._turn(transport, self._woken):
                    pass
        finally:
            for task in self._sending:
                task.cancel()
            resolvers.shutdown(wait=False, cancel_futures=True)

    async def _turn(self, transport: httpx.AsyncBaseTransport, woken: asyncio.Event) -> bool:
        """Whether there is anything left to do."""
        self.asked = False
        woken.clear()
        try:
            found = await sync_to_async(self._exchange)()
            self._trouble_since = None
        except (OperationalError, InterfaceError) as error:
            return await self._after_trouble(error)
        for message in found.messages:
            self._sending.add(asyncio.create_task(send(transport, message)))
        if not (self._sending or self._done or found.again):
            return self.asked and not self._stopping()
        await self._wait(woken, SOON_S if found.again or self._done else LOOKS_EVERY_S)
        return True

    def _exchange(self) -> Claim:
        """Stores what is done, and takes what is due. Both in the thread that the task runs in."""
        done = list(self._done)
        self._done[: len(done)] = self._store(done)
        room = AT_ONCE - len(self._sending)
        if self._stopping() or room <= 0:
            return Claim()
        looking()
        return claim(now=self._now(), room=room)

    def _store(self, done: list[Outcome]) -> list[Outcome]:
        """What is left to be stored later. One that cannot be, why ever, keeps no other from it."""
        try:
            return store(done, now=self._now())
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            if len(done) == 1:
                log.exception("webhook_not_stored", delivery=str(done[0].message.delivery))
                return []
            return [left for one in done for left in self._store([one])]

    async def _wait(self, woken: asyncio.Event, at_most_s: float) -> None:
        """For an answer, or a wake-up. What is done then is all stored together."""
        waker = asyncio.create_task(woken.wait())
        try:
            await asyncio.wait(
                {*self._sending, waker}, timeout=at_most_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            waker.cancel()
        done = {task for task in self._sending if task.done()}
        self._sending -= done
        self._done += [task.result() for task in done]

    async def _after_trouble(self, error: Exception) -> bool:
        """The database is away, or was restarted: what is done is kept for as long as it is ours to tell."""
        now = time.monotonic()
        self._trouble_since = self._trouble_since or now
        log.warning("webhooks_database_trouble", error=type(error).__name__, waiting=len(self._done))
        await sync_to_async(_connect_anew)()
        if now - self._trouble_since > LEASE.total_seconds():
            raise error
        await asyncio.sleep(TROUBLE_S)
        await self._wait(asyncio.Event(), 0)
        return True


def _connect_anew() -> None:
    if not connection.in_atomic_block:
        close_old_connections()
