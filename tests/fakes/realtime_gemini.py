"""Gemini Live: BidiGenerateContent over a websocket. Audio comes at 8 kHz or 16 kHz and goes at 24 kHz."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from typing import Any

from websockets.http11 import Request

from tests.fakes.realtime import Ear, Said, Script, spread, usage_of, voice
from tests.fakes.websocket_server import Connection, WebSocketServer

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"


class GeminiLiveServer(WebSocketServer):
    """`script` says what is heard and answered. `setups` are the sessions that clients described. `handle` is
    given to every session as soon as it is set up; empty: none."""

    def __init__(self) -> None:
        super().__init__()
        self.script = Script()
        self.setups: list[dict[str, Any]] = []
        self.results: list[dict[str, Any]] = []
        self.handle = ""

    def reset(self) -> None:
        super().reset()
        self.script = Script()
        self.setups.clear()
        self.results.clear()
        self.handle = ""

    def _key_of(self, request: Request) -> str:
        return request.headers.get("x-goog-api-key", "")

    async def serve(self, connection: Connection) -> None:
        await _Talk(self, connection).run()


class _Talk:
    def __init__(self, server: GeminiLiveServer, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._ear = Ear()
        self._answering: asyncio.Task[None] | None = None
        self._calls = 0
        self._heard_ms = 0
        self._told = ""
        self._at_once = False

    async def run(self) -> None:
        try:
            async for message in self._server.heard(self._connection):
                await self._take(json.loads(message))
        finally:
            if self._answering is not None:
                self._answering.cancel()

    async def _take(self, event: dict[str, Any]) -> None:
        if "setup" in event:
            self._server.setups.append(event["setup"])
            # From 3.0 on a text alone is not answered.
            self._at_once = "gemini-2" in event["setup"]["model"]
            detection = event["setup"]["realtimeInputConfig"]["automaticActivityDetection"]
            self._ear.silence_ms = detection["silenceDurationMs"]
            # It speaks JSON in binary messages.
            await self._connection.send(json.dumps({"setupComplete": {}}).encode())
            if handle := self._server.handle:
                update = {"newHandle": handle, "resumable": True}
                await self._connection.send({"sessionResumptionUpdate": update})
        elif "text" in event.get("realtimeInput", {}):
            assert event["realtimeInput"]["text"] == " "
            self._woken()
        elif "realtimeInput" in event:
            audio = event["realtimeInput"]["audio"]
            assert audio["mimeType"] == "audio/pcm;rate=8000"
            await self._hear(base64.b64decode(audio["data"], validate=True))
        elif "clientContent" in event:
            self._told = event["clientContent"]["turns"][0]["parts"][0]["text"]
            if await self._stop():
                await self._connection.send({"serverContent": {"interrupted": True}})
            if self._at_once:
                self._woken()
        elif "toolResponse" in event:
            self._server.results += event["toolResponse"]["functionResponses"]
            self._begin()

    async def _hear(self, pcm: bytes) -> None:
        self._heard_ms += len(pcm) // 16
        change = self._ear.feed(pcm)
        if change == "started" and await self._stop():
            await self._connection.send({"serverContent": {"interrupted": True}})
        elif change == "stopped":
            for piece in spread(self._server.script.hear(), 2):
                await self._connection.send({"serverContent": {"inputTranscription": {"text": piece}}})
            self._begin()

    def _woken(self) -> None:
        told, self._told = self._told, ""
        if told:
            self._begin(told)

    def _begin(self, told: str = "") -> None:
        if not self._server.script.mute:
            said = self._server.script.answer(told)
            self._answering = asyncio.create_task(self._answer(said))

    async def _answer(self, said: Said) -> None:
        """The turn is complete when its audio must have been played: as long as it takes the caller to send
        as much."""
        script, until_ms = self._server.script, self._heard_ms + (said.ms if said.text else 0)
        pieces = max(1, said.ms // script.chunk_ms) if said.text else 0
        words = spread(said.text, pieces)
        for number in range(pieces):
            data = base64.b64encode(voice(script.chunk_ms, 24_000)).decode()
            part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}
            content: dict[str, Any] = {"modelTurn": {"parts": [part]}}
            if number < len(words):
                content["outputTranscription"] = {"text": words[number]}
            await self._connection.send({"serverContent": content})
            await asyncio.sleep(script.pace_s)
        if said.calls:
            calls = [self._call(name, arguments) for name, arguments in said.calls]
            await self._connection.send({"toolCall": {"functionCalls": calls}})
            return  # the turn goes on with the results
        await self._connection.send({"serverContent": {"generationComplete": True}})
        while self._heard_ms < until_ms:
            await asyncio.sleep(0.001)
        await self._connection.send({"serverContent": {"turnComplete": True}, "usageMetadata": _usage(said)})

    async def _stop(self) -> bool:
        if self._answering is None or self._answering.done():
            return False
        self._answering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._answering
        return True

    def _call(self, name: str, arguments: str) -> dict[str, Any]:
        self._calls += 1
        return {"id": f"call-{self._calls}", "name": name, "args": json.loads(arguments)}


def _usage(said: Said) -> dict[str, Any]:
    spent = usage_of(said)
    return {
        "promptTokenCount": 30,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 10},
            {"modality": "AUDIO", "tokenCount": 20},
        ],
        "responseTokenCount": spent["audio"] + spent["text"],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": spent["audio"]}],
        "totalTokenCount": 30 + spent["audio"] + spent["text"],
    }
