"""/ws/v1/talk/?call=call_...: the microphone of a browser call, relayed to the media node that has it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from apps.calls.api.sockets.base import NOT_FOUND, UNAVAILABLE, Json, LiveConsumer
from apps.calls.api.sockets.hub import Update
from apps.calls.api.sockets.nodes import NoNode, node_socket
from apps.calls.live import call_group
from apps.calls.models import Call, Direction
from apps.calls.states import CallState
from media_workers.contract.events import END_REASON_WORDS, EndReason

FRAME_BYTES = 320
LONGEST = 20 * FRAME_BYTES
"""Audio in one message, at most."""

MICROPHONE = 20
"""Messages of audio that may wait for a media node; the oldest are dropped."""

END_TOLD_S = 5.0
"""How long the end of the call may take to be told once its node has closed the socket."""

ON_PURPOSE = frozenset({1000, 1001, 1005})
"""Close codes of a client that leaves: anything else is a connection that broke."""


class TalkConsumer(LiveConsumer):
    """Audio both ways, the call's live events, and its end."""

    permission = "calls.place"

    async def begin(self) -> None:
        self._microphone: deque[str | bytes] = deque()
        self._something = asyncio.Event()
        self._end: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._connected = False
        self._complained = False
        call = await self.call_of_address()
        if call is None:
            return
        if call.direction != Direction.BROWSER:
            await self.refuse(NOT_FOUND, "not_a_browser_call", "Nobody can talk in this call from here.")
        elif call.state == CallState.ENDED:
            self.put(_ended(call.end_reason, call.end_detail))
            await self.finish()
        elif call.state != CallState.QUEUED:
            await self.refuse(NOT_FOUND, "already_connected", "Another socket talks in this call.")
        else:
            await self.join(call_group(call.pk))
            self._relay = self.start(self._carry(call))

    async def disconnect(self, code: int) -> None:
        self._closing = True
        if getattr(self, "_connected", False):
            self._say(json.dumps({"type": "hang_up" if code in ON_PURPOSE else "gone"}))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_TOLD_S):
                    await asyncio.wait([self._relay])
        await super().disconnect(code)

    async def hear(self, message: Json) -> None:
        if message.get("type") == "hang_up":
            self._say(json.dumps({"type": "hang_up"}))
        elif message.get("type") == "dtmf":
            self._say(json.dumps({"type": "dtmf", "digit": str(message.get("digit", ""))[:1]}))
        else:
            self.put_error("unknown_type", "Send audio, or a message of the type hang_up or dtmf.")

    async def hear_audio(self, pcm: bytes) -> None:
        if pcm and len(pcm) % FRAME_BYTES == 0 and len(pcm) <= LONGEST:
            self._say(pcm)
        elif not self._complained:
            self._complained = True
            self.put_error("bad_audio", "Send 20 ms at a time: 320 bytes of 16-bit mono at 8000 Hz.")

    async def updated(self, update: Update) -> None:
        for message in update.messages:
            if message["type"] == "event":
                self.put(message)
                event = message["event"]
                if event["type"] == "ended":
                    self._over(_ended(event["reason"], event["detail"]))
            elif message["state"] == CallState.ENDED:
                self._over(_ended(message["end_reason"]))
        await self.too_slow()

    # --- the relay ---------------------------------------------------------------------------------

    def _say(self, message: str | bytes) -> None:
        """To the node, after what waits. Orders are never dropped."""
        if isinstance(message, bytes) and len(self._microphone) >= MICROPHONE:
            self._microphone.popleft()
        self._microphone.append(message)
        self._something.set()

    def _over(self, message: Json) -> None:
        if not self._end.done():
            self._end.set_result(message)

    async def _carry(self, call: Call) -> None:
        try:
            async with node_socket(call.pk) as node:
                self._connected = True
                await self._send_quietly(text_data=json.dumps({"type": "ready"}))
                up = asyncio.create_task(self._send_up(node))
                try:
                    await self._send_down(node)
                finally:
                    up.cancel()
                    await asyncio.gather(up, return_exceptions=True)
        except NoNode as refusal:
            await self.refuse(UNAVAILABLE, refusal.code, str(refusal))
            return
        self._connected = False
        if not self._closing:
            self.put(await self._how_it_ended(call))
            await self.finish()

    async def _send_up(self, node: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._something.wait()
                self._something.clear()
                while self._microphone:
                    await node.send(self._microphone.popleft())

    async def _send_down(self, node: ClientConnection) -> None:
        """Until the node closes the socket. A browser that reads slowly makes the node drop audio."""
        with contextlib.suppress(ConnectionClosed):
            async for message in node:
                if isinstance(message, bytes):
                    await self._send_quietly(bytes_data=message)
                else:
                    # The node's only text after `ready`: the picture of the floor, ten times a second.
                    await self._send_quietly(text_data=message)

    async def _send_quietly(self, **message: Any) -> None:
        # The browser may have gone, while its call is still being told so.
        if not self._closing:
            await self.send(**message)

    async def _how_it_ended(self, call: Call) -> Json:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_TOLD_S):
                return await asyncio.shield(self._end)
        fresh = await self.find_call(call.pk)
        if fresh is not None and fresh.state == CallState.ENDED:
            return _ended(fresh.end_reason, fresh.end_detail)
        return _ended(EndReason.NODE_LOST)


def _ended(reason: str, detail: str = "") -> Json:
    words = END_REASON_WORDS[EndReason(reason)]
    return {"type": "ended", "end_reason": reason, "end_words": words, "end_detail": detail}
