"""Rime's `/ws3`: text by contexts, flush, clear; `chunk`, `timestamps`, `done`, `error`. Everything about the
voice stands in the query. Times count anew in every list, of which there is one for each sentence."""

from __future__ import annotations

import base64
import json

from websockets.http11 import Request

from media_workers.audio import mulaw
from tests.fakes.speech import Manner, Said, pcm_of, word_starts
from tests.fakes.tts_socket import VoiceServer
from tests.fakes.websocket_server import Connection


class RimeServer(VoiceServer):
    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    def _unknown_key(self) -> tuple[int, str]:
        return 401, "invalid api key"

    async def serve(self, connection: Connection) -> None:
        texts: dict[str, str] = {}
        saying: list[Said] = []
        tasks = []
        async for message in self.heard(connection):
            asked = json.loads(message)
            if "text" in asked:
                texts[asked["contextId"]] = texts.get(asked["contextId"], "") + asked["text"]
            elif asked["operation"] == "flush":
                key = asked["contextId"]
                query = {name: values[0] for name, values in connection.query.items()}
                saying.append(Said(texts.pop(key).strip(), query))
                tasks.append(self.begin(connection, key, saying[-1]))
            elif asked["operation"] == "clear":
                for said in saying:
                    said.stopped.set()

    async def piece(self, connection: Connection, key: str, said: Said, text: str, at_ms: int) -> None:
        pcm = pcm_of(text)
        assert said.asked["samplingRate"] == "8000"
        audio = mulaw.encode(pcm) if said.asked["audioFormat"] == "mulaw" else pcm
        await self._send(connection, key, "chunk", data=base64.b64encode(audio).decode())
        if at_ms == 0:
            words = word_starts(said.text)
            half = len(words) // 2
            await self._times(connection, key, words[:half])
            await self._times(connection, key, words[half:])

    async def _times(self, connection: Connection, key: str, words: list[tuple[str, int]]) -> None:
        """A list that begins where the one before it ended."""
        if not words:
            return
        first = words[0][1]
        starts = [(ms - first) / 1000 for _, ms in words]
        ends = [(ms - first + 20 * (len(word) + 1)) / 1000 for word, ms in words]
        times = {"words": [word for word, _ in words], "start": starts, "end": ends}
        await self._send(connection, key, "timestamps", word_timestamps=times)

    async def end(self, connection: Connection, key: str, said: Said) -> None:
        if not said.stopped.is_set():
            await self._send(connection, key, "done")

    async def error(self, connection: Connection, key: str, manner: Manner) -> None:
        await self._send(connection, key, "error", message=manner.error)

    async def _send(self, connection: Connection, key: str, kind: str, **more: object) -> None:
        await connection.send({"type": kind, "contextId": key} | more)
