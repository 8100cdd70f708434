"""A browser's side of a call for tests: speaks and listens over a WebSocket, 20 ms at a time."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.speech import say

FRAME_BYTES = 320
FRAME_S = 0.02
SILENCE = bytes(FRAME_BYTES)
PATIENCE_S = 40.0

Json = dict[str, Any]


class Talker:
    """Use as an async context manager. A frame leaves every 20 ms, of speech or of silence."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._url = url
        self._headers = headers
        self._speech: deque[bytes] = deque()
        self.muted = False
        self.messages: list[Json] = []
        self.heard = bytearray()
        self.closed = asyncio.Event()
        self.socket: ClientConnection

    async def __aenter__(self) -> Talker:
        self.socket = await connect(
            self._url, additional_headers=self._headers, compression=None, proxy=None, max_size=None
        )
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.socket.close()

    # --- what a person does -----------------------------------------------------------------------

    async def say(self, text: str) -> None:
        """Speaks after what is being said."""
        self.play(await asyncio.to_thread(say, text))

    def play(self, pcm: bytes) -> None:
        """Sends this audio after what waits already."""
        whole = pcm + bytes(-len(pcm) % FRAME_BYTES)
        self._speech.extend(whole[at : at + FRAME_BYTES] for at in range(0, len(whole), FRAME_BYTES))

    async def tell(self, message: Json) -> None:
        """A message that is not audio."""
        await self.socket.send(json.dumps(message))

    # --- what a person hears ----------------------------------------------------------------------

    def of_type(self, kind: str) -> list[Json]:
        """The messages of this type so far."""
        return [message for message in self.messages if message["type"] == kind]

    def turns(self) -> list[tuple[str, str]]:
        """Speaker and text of the turns told so far."""
        events = [message["event"] for message in self.of_type("event")]
        return [(event["speaker"], event["text"]) for event in events if event["type"] == "turn"]

    def loud_frames(self) -> int:
        """Frames heard in which somebody speaks."""
        heard = bytes(self.heard)
        frames = (heard[at : at + FRAME_BYTES] for at in range(0, len(heard) - FRAME_BYTES + 1, FRAME_BYTES))
        return sum(max(memoryview(frame).cast("h")) > 500 for frame in frames)

    async def until(self, probe: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
        """The first truthy answer of `probe`. Fails naming `what` when there is none in time."""
        deadline = time.monotonic() + timeout_s
        while not (answer := probe()):
            assert time.monotonic() < deadline, f"still not: {what}; told: {self.messages[-5:]}"
            await asyncio.sleep(0.02)
        return answer

    # --- the socket -------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            async for message in self.socket:
                if isinstance(message, bytes):
                    self.heard += message
                else:
                    self.messages.append(json.loads(message))
        except ConnectionClosed:
            pass
        self.closed.set()

    async def _send(self) -> None:
        due = time.monotonic()
        while not self.closed.is_set():
            try:
                if not self.muted:
                    await self.socket.send(self._speech.popleft() if self._speech else SILENCE)
            except ConnectionClosed:
                return
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
