"""Speechmatics' realtime `/v2`: StartRecognition, AudioAdded, transcripts with times, ForceEndOfUtterance."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.http11 import Request

from tests.fakes.listener import ListeningServer, Piece, timed
from tests.fakes.websocket_server import Connection


def transcript(kind: str, text: str, begins_ms: int, ends_ms: int) -> dict[str, Any]:
    """An `AddTranscript` or `AddPartialTranscript`."""
    results = [
        {
            "type": "word",
            "start_time": begins / 1000,
            "end_time": ends / 1000,
            "alternatives": [{"content": word, "confidence": 0.9, "language": "en"}],
        }
        for word, begins, ends in timed(text, begins_ms, ends_ms)
    ]
    about = {
        "transcript": f"{text} " if text else "",
        "start_time": begins_ms / 1000,
        "end_time": ends_ms / 1000,
    }
    return {"message": kind, "format": "2.9", "metadata": about, "results": results}


def end_of_utterance(at_ms: int, *, forced: bool = False) -> dict[str, Any]:
    about = {"start_time": at_ms / 1000, "end_time": at_ms / 1000}
    return {"message": "EndOfUtterance", "format": "2.9", "metadata": about, "forced": forced}


class SpeechmaticsServer(ListeningServer):
    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    async def serve(self, connection: Connection) -> None:
        async with asyncio.TaskGroup() as answers:
            await self._listen(connection, answers)

    async def _listen(self, connection: Connection, answers: asyncio.TaskGroup) -> None:
        piece = Piece(self)
        count = 0
        async for message in self.heard(connection):
            if isinstance(message, bytes):
                count += 1
                await connection.send({"message": "AudioAdded", "seq_no": count})
                if piece.add(message):
                    partial = ("AddPartialTranscript", piece.text, piece.begins_ms, piece.ends_ms)
                    await connection.send(transcript(*partial))
                continue
            said = json.loads(message)
            if said["message"] == "StartRecognition":
                await connection.send({"message": "RecognitionStarted", "id": "s-1"})
            elif said["message"] == "ForceEndOfUtterance":
                answers.create_task(self._answer(connection, piece.finish()))
            elif said["message"] == "EndOfStream":
                assert said["last_seq_no"] == count, (said, count)
                await connection.send({"message": "EndOfTranscript"})
                return

    async def _answer(self, connection: Connection, heard: tuple[str, int, int]) -> None:
        await self.think()
        await connection.send(transcript("AddTranscript", *heard))
        await connection.send(end_of_utterance(heard[2], forced=True))
