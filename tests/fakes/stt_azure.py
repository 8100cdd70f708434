"""Azure's speech websocket: headers in every message, a turn for each request id, ended by empty audio."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any

from websockets.http11 import Request

from tests.fakes.listener import ListeningServer, Piece
from tests.fakes.websocket_server import Connection


def headers_of(head: str) -> dict[str, str]:
    lines = (line.partition(":") for line in head.split("\r\n") if line)
    return {name.strip(): value.strip() for name, _, value in lines}


def audio_of(message: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and audio of a binary message."""
    (length,) = struct.unpack(">H", message[:2])
    return headers_of(message[2 : 2 + length].decode()), message[2 + length :]


def answer(path: str, request: str, body: dict[str, Any]) -> str:
    head = f"X-RequestId:{request}\r\nPath:{path}\r\nContent-Type:application/json; charset=utf-8\r\n"
    return f"{head}\r\n{json.dumps(body)}"


def phrase(text: str, status: str = "Success") -> dict[str, Any]:
    best = [{"Confidence": 0.9, "Lexical": text.lower(), "Display": text}] if text else []
    return {"RecognitionStatus": status, "Offset": 0, "Duration": 0, "DisplayText": text, "NBest": best}


class AzureServer(ListeningServer):
    def _key_of(self, request: Request) -> str:
        return request.headers.get("Ocp-Apim-Subscription-Key", "")

    async def serve(self, connection: Connection) -> None:
        async with asyncio.TaskGroup() as answers:
            await self._listen(connection, answers)

    async def _listen(self, connection: Connection, answers: asyncio.TaskGroup) -> None:
        piece = Piece(self)
        request = ""
        async for message in self.heard(connection):
            if isinstance(message, str):
                continue
            headers, audio = audio_of(message)
            if headers["X-RequestId"] != request:
                request = headers["X-RequestId"]
                assert (audio[:4], len(audio)) == (b"RIFF", 44), "a turn begins with the header of a WAV"
                await connection.send(answer("turn.start", request, {"context": {"serviceTag": "t"}}))
                continue
            if not audio:
                answers.create_task(self._answer(connection, request, piece.finish()[0]))
            elif piece.add(audio):
                hypothesis = {"Text": piece.text, "Offset": 0, "Duration": 0}
                await connection.send(answer("speech.hypothesis", request, hypothesis))

    async def _answer(self, connection: Connection, request: str, text: str) -> None:
        await self.think()
        said = phrase(text) if text else phrase("", "NoMatch")
        await connection.send(answer("speech.phrase", request, said))
        await connection.send(answer("turn.end", request, {}))
