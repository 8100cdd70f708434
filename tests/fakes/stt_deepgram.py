"""Deepgram's `/v1/listen`: results with their place in the stream, Finalize, KeepAlive, CloseStream.

`final_ms` after Finalize the final result is sent; with `interim_ms` a partial one after so much audio.
`/v2/listen` (flux) is scripted by the test: `Flux` events are sent as they are given.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.http11 import Request

from tests.fakes.hearing import Hear, saying
from tests.fakes.websocket_server import Connection, WebSocketServer

BYTES_PER_MS = 16


class DeepgramServer(WebSocketServer):
    """Linear PCM at 8 kHz only. `hear` says what there is in the audio between two final results."""

    def __init__(self, hear: Hear | None = None, *, final_ms: int = 0, interim_ms: int = 0) -> None:
        super().__init__()
        self.hear = hear or saying(("yes please",))
        self.final_ms = final_ms
        self.interim_ms = interim_ms

    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Token ")

    def _unknown_key(self) -> tuple[int, str]:
        said = {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials.", "request_id": "r-1"}
        return 401, json.dumps(said)

    async def serve(self, connection: Connection) -> None:
        if connection.path == "/v2/listen":
            await connection.send({"type": "Connected", "request_id": "r-1", "sequence_id": 0})
            async for message in self.heard(connection):
                if message == '{"type":"CloseStream"}':
                    return
            return
        async with asyncio.TaskGroup() as answers:
            await self._listen(_Stream(connection, self), answers)

    async def _listen(self, stream: _Stream, answers: asyncio.TaskGroup) -> None:
        async for message in self.heard(stream.connection):
            if isinstance(message, bytes):
                if result := stream.take(message):
                    await stream.connection.send(result)
                continue
            kind = json.loads(message)["type"]
            if kind == "Finalize":
                answers.create_task(stream.answer(stream.final(from_finalize=True)))
            elif kind == "CloseStream":
                await stream.connection.send(stream.final())
                await stream.connection.send({"type": "Metadata", "request_id": "r-1"})
                return
            elif kind != "KeepAlive":
                await stream.connection.close(1008, "DATA-0000")


class _Stream:
    """The audio of one connection; `begins` is where what is not final yet begins, in ms."""

    def __init__(self, connection: Connection, server: DeepgramServer) -> None:
        self.connection = connection
        self._server = server
        self._audio = bytearray()
        self._begins = 0
        self._finals = 0
        self._told = 0

    def take(self, pcm: bytes) -> dict[str, Any] | None:
        self._audio += pcm
        heard = len(self._audio) // BYTES_PER_MS
        every = self._server.interim_ms
        if not every or heard // every == self._told:
            return None
        self._told = heard // every
        return self._result(is_final=False)

    def final(self, *, from_finalize: bool = False) -> dict[str, Any]:
        result = self._result(is_final=True, from_finalize=from_finalize)
        self._begins += len(self._audio) // BYTES_PER_MS
        self._audio.clear()
        self._finals += 1
        self._told = 0
        return result

    async def answer(self, result: dict[str, Any]) -> None:
        await asyncio.sleep(self._server.final_ms / 1000)
        await self.connection.send(result)

    def _result(self, *, is_final: bool, from_finalize: bool = False) -> dict[str, Any]:
        text = self._server.hear(self._finals, bytes(self._audio))
        length = len(self._audio) / BYTES_PER_MS / 1000
        begins = self._begins / 1000
        words = text.split()
        timed = [
            {
                "word": word.lower(),
                "punctuated_word": word,
                "start": begins + length * i / len(words),
                "end": begins + length * (i + 1) / len(words),
                "confidence": 0.98,
            }
            for i, word in enumerate(words)
        ]
        best = {"transcript": text, "confidence": 0.98 if text else 0.0, "words": timed}
        return {
            "type": "Results",
            "channel_index": [0, 1],
            "start": begins,
            "duration": length,
            "is_final": is_final,
            "speech_final": False,
            "from_finalize": from_finalize,
            "channel": {"alternatives": [best]},
            "metadata": {"request_id": "r-1", "model_info": {"name": "fake"}},
        }
