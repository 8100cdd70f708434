"""Cartesia's `/tts/websocket`: contexts side by side, `chunk`, `timestamps`, `done`, `error`, `cancel`."""

from __future__ import annotations

import base64
import json

from websockets.http11 import Request

from media_workers.audio import mulaw
from tests.fakes.speech import Manner, Said, pcm_of, word_starts
from tests.fakes.tts_socket import VoiceServer
from tests.fakes.websocket_server import Connection


class CartesiaServer(VoiceServer):
    def _key_of(self, request: Request) -> str:
        return request.headers.get("X-API-Key", "")

    def _unknown_key(self) -> tuple[int, str]:
        said = {"error_code": None, "title": "Unauthorized", "message": "Invalid API key", "request_id": "r"}
        return 401, json.dumps(said)

    async def serve(self, connection: Connection) -> None:
        contexts: dict[str, Said] = {}
        tasks = []
        async for text in self.heard(connection):
            message = json.loads(text)
            key = message["context_id"]
            if message.get("cancel"):
                contexts[key].stopped.set()
            else:
                contexts[key] = Said(message["transcript"], message)
                tasks.append(self.begin(connection, key, contexts[key]))

    async def piece(self, connection: Connection, key: str, said: Said, text: str, at_ms: int) -> None:
        pcm = pcm_of(text)
        form = said.asked["output_format"]
        assert (form["container"], form["sample_rate"]) == ("raw", 8000)
        audio = mulaw.encode(pcm) if form["encoding"] == "pcm_mulaw" else pcm
        await self._send(connection, key, "chunk", data=base64.b64encode(audio).decode(), step_time=1.0)
        if said.asked.get("add_timestamps") and at_ms == 0:
            words, starts = zip(*word_starts(said.text), strict=True)
            seconds = [ms / 1000 for ms in starts]
            times = {"words": words, "start": seconds, "end": [s + 0.01 for s in seconds]}
            await self._send(connection, key, "timestamps", word_timestamps=times)

    async def end(self, connection: Connection, key: str, said: Said) -> None:
        await self._send(connection, key, "flush_done", flush_id=1, flush_done=True)
        await self._send(connection, key, "done", done=True)

    async def error(self, connection: Connection, key: str, manner: Manner) -> None:
        said = {"error_code": None, "title": "Failed", "message": manner.error, "request_id": "r"}
        await self._send(connection, key, "error", done=True, status_code=manner.status, **said)

    async def _send(self, connection: Connection, key: str, kind: str, **more: object) -> None:
        message = {"type": kind, "context_id": key, "done": False, "status_code": 206} | more
        await connection.send(message)
