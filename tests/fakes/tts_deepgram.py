"""Deepgram's `/v1/speak` over a websocket: Speak, Flush, Clear, Close; binary audio, Flushed, Cleared."""

from __future__ import annotations

import json
from typing import Any

from websockets.http11 import Request

from media_workers.audio import mulaw
from tests.fakes.speech import Manner, Said, pcm_of
from tests.fakes.tts_socket import VoiceServer
from tests.fakes.websocket_server import Connection

MOST_CHARACTERS = 2_000


class DeepgramVoiceServer(VoiceServer):
    """`late_flushed`: a `Clear` is answered by what the flush before it would have been, too. Without
    `says_cleared` it is not answered at all."""

    def __init__(self) -> None:
        super().__init__()
        self.late_flushed = False
        self.says_cleared = True

    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Token ")

    def _unknown_key(self) -> tuple[int, str]:
        return 401, json.dumps({"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials."})

    async def serve(self, connection: Connection) -> None:
        await connection.send({"type": "Metadata", "request_id": "r-1", "model_name": "fake"})
        text, saying = "", None
        async for message in self.heard(connection):
            asked: dict[str, Any] = json.loads(message)
            if asked["type"] == "Speak":
                assert len(asked["text"]) <= MOST_CHARACTERS
                text += asked["text"]
            elif asked["type"] == "Flush":
                saying = Said(text.strip(), {key: values[0] for key, values in connection.query.items()})
                connection.task = self.begin(connection, "", saying)  # type: ignore[attr-defined]
                text = ""
            elif asked["type"] == "Clear" and saying is not None:
                text = ""
                saying.stopped.set()

    async def piece(self, connection: Connection, key: str, said: Said, text: str, at_ms: int) -> None:
        pcm = pcm_of(text)
        assert said.asked["sample_rate"] == "8000"
        await connection.send(mulaw.encode(pcm) if said.asked["encoding"] == "mulaw" else pcm)

    async def end(self, connection: Connection, key: str, said: Said) -> None:
        if said.stopped.is_set() and self.says_cleared:
            await connection.send(pcm_of("stale"))
            await connection.send({"type": "Cleared", "sequence_id": 1})
        if not said.stopped.is_set() or self.late_flushed:
            await connection.send({"type": "Flushed", "sequence_id": 0})

    async def error(self, connection: Connection, key: str, manner: Manner) -> None:
        await connection.send({"type": "Error", "err_code": "NET-0000", "err_msg": manner.error})
        await connection.close(1011, "NET-0000")
