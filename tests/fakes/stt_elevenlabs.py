"""ElevenLabs' realtime scribe with manual commits. A wrong key is told in a message after the upgrade."""

from __future__ import annotations

import asyncio
import base64
import json

from websockets.http11 import Request

from tests.fakes.listener import ListeningServer, Piece
from tests.fakes.websocket_server import Connection

LEAST_MS = 300


class ElevenLabsServer(ListeningServer):
    def _key_of(self, request: Request) -> str:
        return self.key

    async def serve(self, connection: Connection) -> None:
        if connection.headers.get("xi-api-key") != self.key:
            await connection.send({"message_type": "auth_error", "error": "Invalid API key"})
            await connection.close(1008)
            return
        await connection.send({"message_type": "session_started", "session_id": "s-1", "config": {}})
        async with asyncio.TaskGroup() as answers:
            await self._listen(connection, answers)

    async def _listen(self, connection: Connection, answers: asyncio.TaskGroup) -> None:
        piece = Piece(self)
        async for message in self.heard(connection):
            chunk = json.loads(message)
            assert chunk["message_type"] == "input_audio_chunk", chunk
            assert chunk["sample_rate"] == 8000, chunk
            if piece.add(base64.b64decode(chunk["audio_base_64"])):
                await connection.send({"message_type": "partial_transcript", "text": piece.text})
            if not chunk["commit"]:
                continue
            if piece.length_ms < LEAST_MS:
                error = "Commit request was throttled: less than 0.3s of uncommitted audio"
                await connection.send({"message_type": "commit_throttled", "error": error})
            else:
                answers.create_task(self._answer(connection, piece.finish()[0]))

    async def _answer(self, connection: Connection, text: str) -> None:
        await self.think()
        await connection.send({"message_type": "committed_transcript", "text": text})
