"""Vendors that listen over a websocket: connecting, keeping the connection, taking their answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from media_workers.providers import websocket
from media_workers.providers.base import ProviderError
from media_workers.providers.stt.stream import Callbacks, StreamTranscription
from media_workers.providers.websocket import Message, VendorSocket

READY_LIMIT_S = 5.0


class SocketTranscription(StreamTranscription):
    """A vendor's adapter says what its messages are; see the last part of the class."""

    keep_alive_s: ClassVar[float | None] = None
    """After so long without a message `_keep_alive` is sent."""
    waits_for_ready: ClassVar[bool] = True
    """Whether the vendor says that it is ready (`_ready`); audio waits for it."""

    def __init__(self, callbacks: Callbacks, *, model: str, secret: str = "") -> None:
        super().__init__(callbacks, model=model, secret=secret)
        self._socket: VendorSocket | None = None
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._keeping: asyncio.TimerHandle | None = None

    async def connect(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (),
        public_only: bool = False,
    ) -> None:
        """Returns when the vendor listens. Raises `ProviderError`."""
        connection = await websocket.connect(
            url,
            component="stt",
            vendor=self.name,
            headers=headers,
            subprotocols=subprotocols,
            secret=self._secret,
            public_only=public_only,
        )
        self._socket = VendorSocket(
            connection,
            component="stt",
            vendor=self.name,
            on_message=self._arrived,
            on_broken=self._broken,
            secret=self._secret,
        )
        self._put(self._first())
        if not self.waits_for_ready:
            self._ready()
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                await self._opened
        except TimeoutError:
            await self.close()
            raise self._error(f"not ready after {READY_LIMIT_S:.0f} s") from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends the stream, within a second."""
        self._over = True
        if self._keeping is not None:
            self._keeping.cancel()
        if self._socket is not None:
            await self._socket.close(*self._last())

    def _ask(self, number: int, at_ms: int) -> None:
        """`number` has ended at `at_ms`: the vendor is asked for it unless it has said everything."""
        self._utterances.ask(number, at_ms)
        if any(True for _ in self._utterances.waiting()):
            self._put(self._ending())

    def _send_audio(self, pcm: bytes) -> None:
        self._put([self._audio(pcm)])

    def _put(self, messages: Iterable[Message]) -> None:
        if self._socket is not None and not self._over:
            for message in messages:
                self._socket.put(message)

    def _ready(self) -> None:
        """The vendor listens."""
        if not self._opened.done():
            self._opened.set_result(None)
            self._stay()

    def _stay(self) -> None:
        """Sees to it that the vendor hears of us every `keep_alive_s`."""
        if self.keep_alive_s is None or self._socket is None or self._over:
            return
        idle = self._loop.time() - self._socket.sent_at
        if idle >= self.keep_alive_s:
            self._put(self._keep_alive())
            idle = 0.0
        self._keeping = self._loop.call_later(self.keep_alive_s - idle, self._stay)

    def _arrived(self, message: Message) -> None:
        """Raises `ProviderError` for what cannot be understood, and for what is an error of the vendor's."""
        if self._over:
            return
        try:
            self._take_message(message)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise self._error("sent an answer that is not understood") from error

    def _take_message(self, message: Message) -> None:
        answer = json.loads(message)
        if not isinstance(answer, dict):
            raise ValueError("no object")
        self._take(answer)

    def _broken(self, error: ProviderError) -> None:
        if not self._over and not self._opened.done():
            self._opened.set_exception(error)
        else:
            self._fail(error)

    # --- what a vendor's adapter says -------------------------------------------------------------

    def _first(self) -> Sequence[Message]:
        """Sent when the connection is there."""
        return ()

    def _audio(self, pcm: bytes) -> Message:
        return pcm

    def _ending(self) -> Sequence[Message]:
        """Asks for everything that has been said."""
        return ()

    def _keep_alive(self) -> Sequence[Message]:
        return ()

    def _last(self) -> Sequence[Message]:
        """Ends the stream in good order."""
        return ()

    def _take(self, answer: dict[str, Any]) -> None:
        """An answer of the vendor's. Raises `ProviderError` for its errors."""
        raise NotImplementedError
