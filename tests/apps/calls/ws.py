"""A WebSocket client that speaks ASGI to the application in this process.

`channels.testing` has one, but its package needs daphne, which nothing else here does.
"""

from __future__ import annotations

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator

from config.asgi import application
from tests.apps.calls import protocol

TIMEOUT_S = 20.0


class Socket:
    """One connection to `path`, with headers as a client sends them."""

    def __init__(self, path: str, **headers: str) -> None:
        plain, _, query = path.partition("?")
        self._path = plain
        scope = {
            "type": "websocket",
            "path": plain,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": [],
        }
        self.gone = False
        """The client has closed the connection, and the server does not know it yet: what it sends fails."""
        self._asgi = ApplicationCommunicator(self._application, scope)

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if self.gone:
                raise RuntimeError("the client is gone")
            await send(message)

        await application(scope, receive, sent)

    async def connect(self) -> int | None:
        """None once the socket is open, or the code with which the server refuses it."""
        await self._asgi.send_input({"type": "websocket.connect"})
        answer = await self._asgi.receive_output(TIMEOUT_S)
        if answer["type"] == "websocket.accept":
            return None
        code: int = answer.get("code", 1000)
        return code

    async def send(self, message: Any) -> None:
        await self.send_frame(json.dumps(message))

    async def send_frame(self, frame: str | bytes) -> None:
        kind = "text" if isinstance(frame, str) else "bytes"
        await self._asgi.send_input({"type": "websocket.receive", kind: frame})

    async def hear(self) -> Any:
        """The next message."""
        answer = await self._asgi.receive_output(TIMEOUT_S)
        assert answer["type"] == "websocket.send", answer
        return self._checked(answer["text"])

    async def hear_audio(self) -> bytes:
        """The next binary message; the others before it are passed over."""
        while True:
            answer = await self._asgi.receive_output(TIMEOUT_S)
            assert answer["type"] == "websocket.send", answer
            if answer.get("bytes") is not None:
                audio: bytes = answer["bytes"]
                return audio

    async def hear_type(self, kind: str) -> Any:
        """The next JSON message of this type; what comes before it is passed over."""
        while True:
            answer = await self._asgi.receive_output(TIMEOUT_S)
            assert answer["type"] == "websocket.send", answer
            if answer.get("text") and (message := self._checked(answer["text"]))["type"] == kind:
                return message

    def _checked(self, text: str) -> Any:
        """A message of ours, which the document of the protocol must know."""
        message = json.loads(text)
        protocol.check(self._path, message)
        return message

    async def silent(self) -> bool:
        """Whether nothing more has come a moment later."""
        nothing: bool = await self._asgi.receive_nothing(timeout=0.2)
        return nothing

    async def closed(self) -> int:
        """The code with which the server closes, once all it sent before is read."""
        while True:
            answer = await self._asgi.receive_output(TIMEOUT_S)
            if answer["type"] == "websocket.close":
                code: int = answer.get("code", 1000)
                return code

    async def disconnect(self, code: int = 1000) -> None:
        await self._asgi.send_input({"type": "websocket.disconnect", "code": code})
        await self._asgi.wait(TIMEOUT_S)
