"""Soniox's real-time endpoints, both on one socket: transcription (`/transcribe-websocket`) and voices
(`/tts-websocket`), as its documentation has them.
"""

from __future__ import annotations

import asyncio
import base64
import json

from websockets.http11 import Request

from tests.fakes.websocket_server import Connection, WebSocketServer


class SonioxServer(WebSocketServer):
    """`text` is what it hears; each text to speak gives `chunks` of 100 ms. `fail`: the error that is sent
    instead, as (code, message)."""

    def __init__(self, *, text: str = "Table for two.", chunks: int = 3) -> None:
        super().__init__()
        self.text = text
        self.chunks = chunks
        self.fail: tuple[int, str] | None = None
        self.silent = False

    def reset(self) -> None:
        super().reset()
        self.fail, self.silent = None, False

    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    async def serve(self, connection: Connection) -> None:
        hears = "transcribe" in connection.path
        async for message in self.heard(connection):
            if isinstance(message, str) and message:
                await (self._heard if hears else self._asked)(connection, json.loads(message))

    async def _heard(self, connection: Connection, message: dict[str, object]) -> None:
        if self.fail is not None:
            code, words = self.fail
            await connection.send({"tokens": [], "error_code": code, "error_message": words})
        elif message.get("type") == "finalize":
            words = self.text.split(" ")
            early = [{"text": words[0], "is_final": False}]
            await connection.send({"tokens": early})
            final = [{"text": ("" if n == 0 else " ") + w, "is_final": True} for n, w in enumerate(words)]
            await connection.send({"tokens": [*final, {"text": "<fin>", "is_final": True}]})

    async def _asked(self, connection: Connection, message: dict[str, object]) -> None:
        stream = message.get("stream_id")
        if self.fail is not None and "text" in message:
            code, words = self.fail
            await connection.send({"stream_id": stream, "error_code": code, "error_message": words})
        elif message.get("text_end"):
            await connection.send({"stream_id": stream, "terminated": True})
        elif message.get("text") and not self.silent:
            for _ in range(self.chunks):
                audio = base64.b64encode(b"\1\0" * 800).decode()
                await connection.send({"stream_id": stream, "audio": audio})
                await asyncio.sleep(0)
