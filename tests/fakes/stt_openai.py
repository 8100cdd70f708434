"""OpenAI's transcription session: mu-law in `append`, an item for each `commit`, deltas, `completed`."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

from websockets.http11 import Request

from media_workers.audio import mulaw
from tests.fakes.listener import ListeningServer, Piece
from tests.fakes.websocket_server import Connection

_EVENT = "conversation.item.input_audio_transcription."
LEAST_MS = 100


class OpenAITranscriptionServer(ListeningServer):
    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    def _unknown_key(self) -> tuple[int, str]:
        error = {"message": "Incorrect API key provided.", "code": "invalid_api_key"}
        return 401, json.dumps({"error": error})

    async def serve(self, connection: Connection) -> None:
        await connection.send({"type": "session.created", "event_id": "e", "session": {}})
        async with asyncio.TaskGroup() as answers:
            await self._listen(connection, answers)

    async def _listen(self, connection: Connection, answers: asyncio.TaskGroup) -> None:
        piece = Piece(self)
        said = ""
        async for message in self.heard(connection):
            event = json.loads(message)
            item = f"item_{piece.number}"
            if event["type"] == "session.update":
                await connection.send({"type": "session.updated", "session": event["session"]})
            elif event["type"] == "input_audio_buffer.append":
                if piece.add(mulaw.decode(base64.b64decode(event["audio"]))):
                    delta, said = piece.text.removeprefix(said), piece.text
                    await connection.send({"type": f"{_EVENT}delta", "item_id": item, "delta": delta})
            elif event["type"] == "input_audio_buffer.commit":
                if piece.length_ms < LEAST_MS:
                    await connection.send(_too_small())
                    continue
                said = ""
                await connection.send({"type": "input_audio_buffer.committed", "item_id": item})
                answers.create_task(self._answer(connection, item, piece.finish()[0]))

    async def _answer(self, connection: Connection, item: str, text: str) -> None:
        await self.think()
        usage = {"type": "duration", "seconds": 1}
        logprobs = [{"token": text, "logprob": -0.1, "bytes": []}]
        completed = {"item_id": item, "transcript": text, "usage": usage, "logprobs": logprobs}
        await connection.send({"type": f"{_EVENT}completed", "content_index": 0, **completed})


def _too_small() -> dict[str, Any]:
    text = "Error committing input audio buffer: buffer too small."
    error = {"type": "invalid_request_error", "code": "input_audio_buffer_commit_empty", "message": text}
    return {"type": "error", "event_id": "e", "error": error}
