"""Events of one call, on their way to the control plane: numbered, on disk, sent, acknowledged.

Everything here runs on the event loop; `emit` may be called from any thread. A batch goes out about
every 200 ms, at once when it holds something people wait for. While the control plane is away the
events wait (on disk and in memory) and are sent again, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import islice

from media_workers.contract.events import (
    Answered,
    CallEvent,
    Dtmf,
    Ended,
    EventBatch,
    EventBody,
    Partial,
    RecordingReady,
    Ringing,
    Trouble,
    TurnSpoken,
)
from media_workers.runtime import logs
from media_workers.runtime.control import ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.spool import CallSpool
from media_workers.runtime.waiting import Backoff, cancelled, within

BATCH_EVENTS = 100
BATCH_S = 0.2
KEYS = 500
"""Pressed keys that are told of one call; a peer can send fifty a second, for hours."""

URGENT = (Ringing, Answered, TurnSpoken, Ended, RecordingReady)

Send = Callable[[EventBatch], Awaitable[int]]


class CallReporter:
    """Numbers, keeps and delivers the events of one call.

    `waiting` are events of an earlier life that were not acknowledged (already in the spool).
    """

    def __init__(
        self, spool: CallSpool, send: Send, node: str, *, waiting: list[CallEvent] | None = None
    ) -> None:
        self._spool = spool
        self._send = send
        self._node = node
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._inbox: deque[tuple[EventBody, datetime]] = deque()
        self._unacked: deque[CallEvent] = deque(waiting or ())
        self._seq = self._unacked[-1].seq if self._unacked else 0
        self._acked = 0
        self._keys = 0
        self._partials: dict[str, tuple[Partial, datetime]] = {}
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._delivered = asyncio.Event()
        self._down = False
        self._refused = False
        self._log = logs.get().bind(call_id=str(spool.call_id))
        if self._unacked:
            self._wake.set()
            self._urgent.set()
        self._task = asyncio.create_task(self._deliver(), name=f"report {spool.call_id}")

    @property
    def refused(self) -> bool:
        """The control plane will take nothing of this call."""
        return self._refused

    @property
    def delivered(self) -> bool:
        """Nothing waits to be acknowledged."""
        return not self._unacked and not self._inbox

    def emit(self, body: EventBody, at: datetime | None = None) -> None:
        """Reports `body` as happening now, or `at`. From any thread; returns without touching disk or
        network, since the media clock may be waiting for a lock that the caller holds."""
        self._inbox.append((body, at or datetime.now(UTC)))
        if threading.get_ident() == self._thread:
            self._loop.call_soon(self._take_inbox)
        else:
            with contextlib.suppress(RuntimeError):  # the loop has ended: so has the call
                self._loop.call_soon_threadsafe(self._take_inbox)

    def flush(self) -> None:
        """Everything emitted so far is on disk on return. On the loop."""
        self._take_inbox()

    async def drained(self) -> None:
        """Returns when everything is acknowledged (or refused for good)."""
        self._take_inbox()
        while self._unacked and not self._refused:
            self._delivered.clear()
            await self._delivered.wait()

    async def close(self) -> None:
        """Stops sending. What is not acknowledged stays on disk."""
        self._take_inbox()
        await cancelled(self._task)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._spool.sync)
        self._spool.close()

    def skip_acknowledged(self) -> None:
        """Continues after what the control plane has, should that be more than the spool held."""
        self._seq = max(self._seq, self._acked)

    def _take_inbox(self) -> None:
        while self._inbox and not self._refused:
            self._add(*self._inbox.popleft())

    def _add(self, body: EventBody, at: datetime) -> None:
        if isinstance(body, Partial):
            # Numbered only when sent: of live text only the latest is worth anything.
            self._partials[body.speaker] = (body, at)
        else:
            if isinstance(body, TurnSpoken):
                self._partials.pop(body.speaker, None)
            if self._passes_over(body, at):
                return
            self._number(body, at)
        if isinstance(body, URGENT):
            self._urgent.set()
        self._wake.set()

    def _passes_over(self, body: EventBody, at: datetime) -> bool:
        """Whether it is one key too many, as an event or as a turn; the first one is told as trouble."""
        if isinstance(body, Dtmf):
            self._keys += 1
            if self._keys == KEYS + 1:
                detail = f"More than {KEYS} keys were pressed: those that follow are not told."
                self._number(Trouble(what="keys_passed_over", component="runtime", detail=detail), at)
        elif not (isinstance(body, TurnSpoken) and body.dtmf):
            return False
        return self._keys > KEYS

    def _number(self, body: EventBody, at: datetime) -> None:
        self._seq += 1
        event = CallEvent(seq=self._seq, at=at, body=body)
        self._unacked.append(event)
        try:
            self._spool.append([event])
        except OSError as error:
            # A full disk must not end a call: the event is still sent, it only cannot survive us.
            self._log.error("spool_failed", seq=event.seq, error=str(error))

    async def _deliver(self) -> None:
        backoff = Backoff(0.25, 5.0)
        while not self._refused:
            await self._wake.wait()
            await self._gather_batch()
            try:
                while self._unacked:
                    await self._send_batch()
                self._down = False
                backoff.reset()
            except ControlPlaneDown as error:
                self._delayed(error)
                await asyncio.sleep(backoff.delay())
                self._wake.set()
                self._urgent.set()
            except ControlPlaneRefused as error:
                self._give_up(error)

    async def _gather_batch(self) -> None:
        if not self._urgent.is_set():
            await within(BATCH_S, self._urgent.wait())
        self._wake.clear()
        self._urgent.clear()
        partials, self._partials = self._partials, {}
        if not self._down:
            for body, at in partials.values():
                self._number(body, at)

    async def _send_batch(self) -> None:
        events = list(islice(self._unacked, BATCH_EVENTS))
        acked = await self._send(EventBatch(call_id=self._spool.call_id, node=self._node, events=events))
        if acked < events[0].seq:
            await self._go_back_to(acked)
            raise ControlPlaneDown(f"acknowledged only {acked} of events {events[0].seq} to {events[-1].seq}")
        self._acked = acked
        while self._unacked and self._unacked[0].seq <= acked:
            self._unacked.popleft()
        if not self._unacked:
            self._delivered.set()

    async def _go_back_to(self, acked: int) -> None:
        """The control plane has less than it once said (restored from a backup): the file has it all."""
        first = self._unacked[0].seq
        kept = await asyncio.to_thread(self._spool.read)
        self._unacked.extendleft(e for e in reversed(kept) if acked < e.seq < first)

    def _delayed(self, error: ControlPlaneDown) -> None:
        if not self._down:
            self._log.warning("events_delayed", error=str(error), waiting=len(self._unacked))
        self._down = True

    def _give_up(self, error: ControlPlaneRefused) -> None:
        self._refused = True
        kept = self._spool.set_aside()
        self._log.error("events_refused", error=str(error), events=len(self._unacked), kept=kept.name)
        self._unacked.clear()
        self._delivered.set()
