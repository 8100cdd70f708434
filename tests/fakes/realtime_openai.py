"""OpenAI's Realtime API: `/v1/realtime`, events of the generally available protocol, mu-law both ways."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from typing import Any

from websockets.http11 import Request

from media_workers.audio import mulaw
from tests.fakes.realtime import Ear, Said, Script, spread, usage_of, voice
from tests.fakes.websocket_server import Connection, WebSocketServer


class RealtimeOpenAIServer(WebSocketServer):
    """`script` says what is heard and answered. `sessions` are the sessions that clients described;
    `cut_at`: what they truncated, (item, ms)."""

    def __init__(self) -> None:
        super().__init__()
        self.script = Script()
        self.sessions: list[dict[str, Any]] = []
        self.cut_at: list[tuple[str, int]] = []
        self.cancelled: list[str] = []

    def reset(self) -> None:
        super().reset()
        self.script = Script()
        self.sessions.clear()
        self.cut_at.clear()
        self.cancelled.clear()

    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    async def serve(self, connection: Connection) -> None:
        await _Talk(self, connection).run()


class _Talk:
    def __init__(self, server: RealtimeOpenAIServer, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._ear = Ear()
        self._numbers = 0
        self._turn = ""
        self._answering: asyncio.Task[None] | None = None
        self._response = ""
        self._interrupts = True

    @property
    def _busy(self) -> bool:
        return self._answering is not None and not self._answering.done()

    async def run(self) -> None:
        await self._send("session.created", session={"id": "sess_1"})
        try:
            async for message in self._server.heard(self._connection):
                await self._take(json.loads(message))
        finally:
            if self._answering is not None:
                self._answering.cancel()

    async def _take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "session.update":
                self._server.sessions.append(event["session"])
                if event["session"]["type"] != "realtime":
                    await self._error("unknown_session_type", "no such session")
                    return
                detection = event["session"]["audio"]["input"]["turn_detection"]
                self._ear.silence_ms = detection.get("silence_duration_ms", 300)
                self._interrupts = detection["interrupt_response"]
                await self._send("session.updated", session=event["session"])
            case "input_audio_buffer.append":
                await self._hear(mulaw.decode(base64.b64decode(event["audio"], validate=True)))
            case "response.create":
                await self._asked(event.get("response", {}))
            case "response.cancel":
                if not await self._stop("client_cancelled"):
                    await self._error("response_cancel_not_active", "no response to cancel")
            case "conversation.item.truncate":
                self._server.cut_at.append((event["item_id"], event["audio_end_ms"]))
                await self._send("conversation.item.truncated", item_id=event["item_id"])

    async def _hear(self, pcm: bytes) -> None:
        change = self._ear.feed(pcm)
        if change == "started":
            self._turn = self._name("item")
            await self._send("input_audio_buffer.speech_started", item_id=self._turn, audio_start_ms=0)
            if self._interrupts:
                await self._stop("turn_detected")
        elif change == "stopped":
            turn, text = self._turn, self._server.script.hear()
            await self._send("input_audio_buffer.speech_stopped", item_id=turn, audio_end_ms=0)
            await self._send("input_audio_buffer.committed", item_id=turn)
            if not self._busy:
                await self._asked({})
            kind = "conversation.item.input_audio_transcription"
            await self._send(f"{kind}.delta", item_id=turn, content_index=0, delta=text[:3])
            await self._send(f"{kind}.completed", item_id=turn, content_index=0, transcript=text)

    async def _asked(self, response: dict[str, Any]) -> None:
        if self._busy:
            await self._error("conversation_already_has_active_response", "one at a time")
            return
        if self._server.script.mute:
            return
        said = self._server.script.answer(response.get("instructions", ""))
        self._response = self._name("resp")
        await self._send("response.created", response={"id": self._response, "status": "in_progress"})
        self._answering = asyncio.create_task(self._answer(self._response, said))

    async def _answer(self, response: str, said: Said) -> None:
        script, item = self._server.script, self._name("item")
        where = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        pieces = max(1, said.ms // script.chunk_ms) if said.text else 0
        words = spread(said.text, pieces)
        for number in range(pieces):
            if number < len(words):
                await self._send("response.output_audio_transcript.delta", delta=words[number], **where)
            audio = base64.b64encode(mulaw.encode(voice(script.chunk_ms))).decode()
            await self._send("response.output_audio.delta", delta=audio, **where)
            await asyncio.sleep(script.pace_s)
        for number, (name, arguments) in enumerate(said.calls):
            call = {"type": "function_call", "id": item, "call_id": f"call_{number}_{response}"}
            await self._send(
                "response.output_item.done",
                response_id=response,
                output_index=1 + number,
                item={**call, "name": name, "arguments": arguments},
            )
        await self._done(response, "completed", said)

    async def _stop(self, reason: str) -> bool:
        if self._answering is None or not self._busy:
            return False
        self._answering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._answering
        self._server.cancelled.append(reason)
        await self._done(self._response, "cancelled", Said(ms=0))
        return True

    async def _done(self, response: str, status: str, said: Said) -> None:
        spent = usage_of(said)
        usage = {
            "input_tokens": 30,
            "input_token_details": {
                "audio_tokens": 20,
                "text_tokens": 10,
                "cached_tokens": 6,
                "cached_tokens_details": {"text_tokens": 4, "audio_tokens": 2},
            },
            "output_tokens": spent["audio"] + spent["text"],
            "output_token_details": {"audio_tokens": spent["audio"], "text_tokens": spent["text"]},
        }
        await self._send("response.done", response={"id": response, "status": status, "usage": usage})

    async def _error(self, code: str, message: str) -> None:
        error = {"type": "invalid_request_error", "code": code, "message": message}
        await self._send("error", error=error)

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._connection.send({"type": kind, "event_id": self._name("event"), **fields})

    def _name(self, kind: str) -> str:
        self._numbers += 1
        return f"{kind}_{self._numbers}"
