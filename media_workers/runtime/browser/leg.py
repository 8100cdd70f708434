"""A browser's socket as the leg of a call: what `sip.leg` is to a telephone."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from media_workers.audio.pcm import SILENCE
from media_workers.contract.events import MediaStats
from media_workers.conversation.snapshot import Snapshot
from media_workers.runtime.browser.clock import FrameClock
from media_workers.runtime.browser.jitter import JitterBuffer
from media_workers.runtime.waiting import within
from media_workers.sip.types import LegEnd, LegHandler

CODEC = "L16"
SILENT_LIMIT_S = 8.0
"""A browser sends all the time, silence too; one that sends nothing for this long is gone."""

OUTBOX = 20
"""Frames that may wait for a slow socket; older ones are dropped, so that speech stays live."""

FAREWELL_S = 3.0

PICTURE_FRAMES = 5
"""The picture of the floor is sent every 100 ms."""

NOTHING_HEARD = f"No audio came from the browser for {SILENT_LIMIT_S:g} s: its connection is lost."
SOCKET_LOST = "The connection to the browser was lost."
DIGIT = re.compile(r"[0-9*#A-D]")


class BrowserLeg:
    """One browser. Everything runs on the event loop; the handler hears what a telephone's would."""

    def __init__(self, socket: ServerConnection, clock: FrameClock) -> None:
        self._socket = socket
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._handler: LegHandler | None = None
        self._inbox = JitterBuffer()
        self._outbox: deque[str | bytes] = deque()
        self._wake = asyncio.Event()
        self._heard_at = self._loop.time()
        self._sent = 0
        self._over = False
        self._picture: Callable[[], Snapshot] | None = None
        self._pictured = 0

    def answer(self, handler: LegHandler) -> None:
        """The call is up: `handler` hears and speaks from now on, unless the browser has gone."""
        self._handler = handler
        if self._over:
            handler.on_ended(_end(SOCKET_LOST, by_peer=True, lost=True))
            return
        self._heard_at = self._loop.time()
        self._send(json.dumps({"type": "ready"}))
        handler.on_answered(CODEC)
        self._clock.add(self)

    def show(self, picture: Callable[[], Snapshot]) -> None:
        """From now on the browser is told, ten times a second, what `picture` gives:
        `{"type": "floor", ...}` with the fields of `Snapshot`."""
        self._picture = picture

    def hang_up(self, reason: str = "") -> None:
        """Our side ends the call. Doing it twice, or after the end, does no harm."""
        self._finish(_end(reason, by_peer=False))

    def stats(self) -> MediaStats:
        """In frames of 20 ms."""
        inbox = self._inbox
        return MediaStats(
            codec=CODEC, rx_packets=inbox.received, rx_discarded=inbox.discarded, tx_packets=self._sent
        )

    def tick(self, now: float) -> None:
        """20 ms, both ways."""
        handler = self._handler
        if handler is None or self._over:
            return
        if now - self._heard_at > SILENT_LIMIT_S:
            self._finish(_end(NOTHING_HEARD, by_peer=False, lost=True))
            return
        handler.on_frame(self._inbox.take() or SILENCE)
        self._send(handler.next_frame() or SILENCE)
        if self._picture is not None:
            self._pictured += 1
            if self._pictured % PICTURE_FRAMES == 0 and len(self._outbox) <= 1:
                self._send(json.dumps({"type": "floor", **asdict(self._picture())}))

    async def serve(self) -> None:
        """Until the socket is closed, by either side."""
        sender = asyncio.create_task(self._send_outbox())
        try:
            async for message in self._socket:
                if isinstance(message, bytes):
                    self._heard_at = self._loop.time()
                    self._inbox.put(message)
                else:
                    self._control(message)
        except ConnectionClosed:
            pass
        finally:
            self._finish(_end(SOCKET_LOST, by_peer=True, lost=True))
            await within(FAREWELL_S, sender)

    def _control(self, text: str) -> None:
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return
        if kind == "hang_up":
            self._finish(_end("", by_peer=True))
        elif kind == "gone":
            self._finish(_end(SOCKET_LOST, by_peer=True, lost=True))
        elif kind == "dtmf" and self._handler is not None and not self._over:
            digit = str(message.get("digit", ""))
            if DIGIT.fullmatch(digit):
                self._handler.on_dtmf(digit)

    def _finish(self, end: LegEnd) -> None:
        if self._over:
            return
        self._over = True
        self._clock.remove(self)
        self._wake.set()
        if self._handler is not None:
            self._handler.on_ended(end)

    def _send(self, message: str | bytes) -> None:
        if len(self._outbox) >= OUTBOX:
            self._outbox.popleft()
        self._outbox.append(message)
        self._wake.set()

    async def _send_outbox(self) -> None:
        try:
            while not (self._over and not self._outbox):
                await self._wake.wait()
                self._wake.clear()
                while self._outbox:
                    message = self._outbox.popleft()
                    await self._socket.send(message)
                    self._sent += isinstance(message, bytes)
            await self._socket.close()
        except ConnectionClosed:
            self._finish(_end(SOCKET_LOST, by_peer=True, lost=True))


def _end(text: str, *, by_peer: bool, lost: bool = False) -> LegEnd:
    """`text` takes the place of SIP's words; there is no SIP code."""
    return LegEnd(sip_code=0, sip_reason=text, by_peer=by_peer, answered=True, media_lost=lost, stats=None)
