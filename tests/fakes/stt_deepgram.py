"""Deepgram's `/v1/listen`: results with their place in the stream, Finalize, KeepAlive, CloseStream.

`final_ms` after Finalize the final result is sent. `/v2/listen` (flux) says that it is connected; its turns
are what the test sends (`turn_info`).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.http11 import Request

from tests.fakes.listener import ListeningServer, Piece, timed
from tests.fakes.websocket_server import Connection


def turn_info(event: str, transcript: str, until_ms: int, turn: int = 0) -> dict[str, Any]:
    """A message of flux: the turn so far, up to that place in the stream."""
    return {
        "type": "TurnInfo",
        "request_id": "r-1",
        "sequence_id": 1,
        "event": event,
        "turn_index": turn,
        "audio_window_start": 0.0,
        "audio_window_end": until_ms / 1000,
        "transcript": transcript,
        "words": [{"word": word, "confidence": 0.9} for word in transcript.split()],
        "end_of_turn_confidence": 0.8,
    }


class DeepgramServer(ListeningServer):
    """`spoken`: the language that it hears, which it tells to who asked for several."""

    spoken = ""

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
            await self._listen(connection, answers)

    async def _listen(self, connection: Connection, answers: asyncio.TaskGroup) -> None:
        piece = Piece(self)
        async for message in self.heard(connection):
            if isinstance(message, bytes):
                if piece.add(message):
                    await connection.send(_result(piece.text, piece.begins_ms, piece.ends_ms))
                continue
            kind = json.loads(message)["type"]
            if kind == "Finalize":
                final = _result(*piece.finish(), is_final=True, from_finalize=True)
                answers.create_task(self._answer(connection, final))
            elif kind == "CloseStream":
                await connection.send(_result(*piece.finish(), is_final=True))
                await connection.send({"type": "Metadata", "request_id": "r-1"})
                return
            elif kind != "KeepAlive":
                await connection.close(1008, "DATA-0000")

    async def _answer(self, connection: Connection, result: dict[str, Any]) -> None:
        await self.think()
        if self.spoken:
            result["channel"]["alternatives"][0]["languages"] = [self.spoken]
        await connection.send(result)


def _result(
    text: str, begins_ms: int, ends_ms: int, *, is_final: bool = False, from_finalize: bool = False
) -> dict[str, Any]:
    words = [
        {
            "word": word.lower(),
            "punctuated_word": word,
            "start": begins / 1000,
            "end": ends / 1000,
            "confidence": 0.98,
        }
        for word, begins, ends in timed(text, begins_ms, ends_ms)
    ]
    best = {"transcript": text, "confidence": 0.98 if text else 0.0, "words": words}
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "start": begins_ms / 1000,
        "duration": (ends_ms - begins_ms) / 1000,
        "is_final": is_final,
        "speech_final": False,
        "from_finalize": from_finalize,
        "channel": {"alternatives": [best]},
        "metadata": {"request_id": "r-1", "model_info": {"name": "fake"}},
    }
