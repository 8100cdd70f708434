"""ElevenLabs' `/v1/text-to-speech/{voice}/multi-stream-input`: contexts, of which five may be open; a
context ends with `isFinal`, and only after it was closed. Times of characters count from the beginning of
their message. A context that is closed while it is said is stopped, or said to its end with `drains`."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

from websockets.http11 import Request

from media_workers.audio import mulaw
from tests.fakes.speech import CHARACTER_MS, Manner, Said, pcm_of
from tests.fakes.tts_socket import VoiceServer
from tests.fakes.websocket_server import Connection

MOST_CONTEXTS = 5


class ElevenLabsServer(VoiceServer):
    def __init__(self) -> None:
        super().__init__()
        self.drains = False

    def _key_of(self, request: Request) -> str:
        return request.headers.get("xi-api-key", "")

    def _unknown_key(self) -> tuple[int, str]:
        return 401, json.dumps({"detail": {"status": "invalid_api_key", "message": "Invalid API key"}})

    async def serve(self, connection: Connection) -> None:
        contexts: dict[str, _Context] = {}
        connection.open = contexts  # type: ignore[attr-defined]
        async for message in self.heard(connection):
            await self._obey(connection, contexts, json.loads(message))

    async def _obey(
        self, connection: Connection, contexts: dict[str, _Context], message: dict[str, Any]
    ) -> None:
        key = message.get("context_id")
        if key is None:
            return
        if key not in contexts:
            if message.get("close_context"):
                return
            if len(contexts) == MOST_CONTEXTS:
                await self._violated(connection, "Maximum simultaneous contexts exceeded (5).")
                return
            contexts[key] = _Context(Said("", message))
        elif "voice_settings" in message:
            await self._violated(connection, "voice_settings can only be set in the first message")
            return
        context = contexts[key]
        context.text += message.get("text", "")
        if message.get("flush") and context.task is None:
            context.said.text = context.text.strip()
            context.task = self.begin(connection, key, context.said)
        if message.get("close_context"):
            self._close(context)

    def _close(self, context: _Context) -> None:
        """The first time: nothing follows. Again: nobody listens."""
        if context.closed.is_set() and not context.said.over.is_set():
            if self.drains:
                context.said.asked["closed twice"] = True
            else:
                context.said.stopped.set()
        context.closed.set()

    async def piece(self, connection: Connection, key: str, said: Said, text: str, at_ms: int) -> None:
        pcm = pcm_of(text)
        audio = mulaw.encode(pcm) if connection.query["output_format"] == ["ulaw_8000"] else pcm
        times = {
            "chars": list(text),
            "charStartTimesMs": [n * CHARACTER_MS for n in range(len(text))],
            "charDurationsMs": [CHARACTER_MS] * len(text),
        }
        await connection.send(
            {
                "audio": base64.b64encode(audio).decode(),
                "contextId": key,
                "isFinal": None,
                "alignment": times,
                "normalizedAlignment": times,
            }
        )

    async def end(self, connection: Connection, key: str, said: Said) -> None:
        contexts: dict[str, _Context] = connection.open  # type: ignore[attr-defined]
        await contexts[key].closed.wait()
        del contexts[key]
        await connection.send({"audio": None, "isFinal": True, "contextId": key})

    async def error(self, connection: Connection, key: str, manner: Manner) -> None:
        await connection.send({"message": manner.error, "error": "voice_error", "code": 1008})
        await connection.close(1008, manner.error)

    async def _violated(self, connection: Connection, why: str) -> None:
        await connection.send({"message": why, "error": "max_active_conversations", "code": 1008})
        await connection.close(1008, why)


class _Context:
    def __init__(self, said: Said) -> None:
        self.said = said
        self.text = ""
        self.closed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
