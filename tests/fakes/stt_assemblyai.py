"""AssemblyAI's `/v3/ws`: Begin, Turn with its words, ForceEndpoint, Terminate.

A key is checked after the upgrade: the refusal is an `Error` message and close code 1008.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.http11 import Request

from tests.fakes.listener import BYTES_PER_MS, ListeningServer, Piece, timed
from tests.fakes.websocket_server import Connection

LEAST_MS, MOST_MS = 50, 1_000


def turn(
    text: str, begins_ms: int, ends_ms: int, *, order: int = 0, over: bool = False, utterance: str = ""
) -> dict[str, Any]:
    """A `Turn`. While it goes on its words are not final and its transcript is empty."""
    words = [
        {"text": word, "start": round(begins), "end": round(ends), "confidence": 0.9, "word_is_final": over}
        for word, begins, ends in timed(text, begins_ms, ends_ms)
    ]
    return {
        "type": "Turn",
        "turn_order": order,
        "turn_is_formatted": False,
        "end_of_turn": over,
        "transcript": text if over or utterance else "",
        "end_of_turn_confidence": 0.8 if over else 0.01,
        "words": words,
        "utterance": utterance,
    }


class AssemblyAIServer(ListeningServer):
    def _key_of(self, request: Request) -> str:
        return self.key

    async def serve(self, connection: Connection) -> None:
        if connection.headers.get("authorization") != self.key:
            text = "Not authorized: Missing Authorization header or invalid key"
            await connection.send({"type": "Error", "error_code": 1008, "error": text})
            await connection.close(1008, "See Error message for details")
            return
        await connection.send({"type": "Begin", "id": "session-1", "expires_at": 4_000_000_000})
        async with asyncio.TaskGroup() as answers:
            await self._listen(connection, answers)

    async def _listen(self, connection: Connection, answers: asyncio.TaskGroup) -> None:
        piece = Piece(self)
        async for message in self.heard(connection):
            if isinstance(message, bytes):
                if not LEAST_MS <= len(message) // BYTES_PER_MS <= MOST_MS:
                    await self._refuse(connection, "Input duration violation")
                    return
                if piece.add(message):
                    await connection.send(
                        turn(piece.text, piece.begins_ms, piece.ends_ms, order=piece.number)
                    )
                continue
            kind = json.loads(message)["type"]
            if kind == "ForceEndpoint":
                order = piece.number
                answers.create_task(self._answer(connection, turn(*piece.finish(), order=order, over=True)))
            elif kind == "Terminate":
                await connection.send({"type": "Termination", "audio_duration_seconds": 1})
                return

    async def _refuse(self, connection: Connection, text: str) -> None:
        await connection.send({"type": "Error", "error_code": 3007, "error": text})
        await connection.close(3007, text)

    async def _answer(self, connection: Connection, message: dict[str, Any]) -> None:
        await self.think()
        await connection.send(message)
