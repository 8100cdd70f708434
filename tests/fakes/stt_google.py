"""Google's Speech-to-Text v2 over gRPC on a real socket: one streaming call for each utterance."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio

from media_workers.providers.stt.google_messages import Request, Response
from tests.fakes.hearing import Hear, saying
from tests.fakes.websocket_server import PATIENCE_S

MOST_BYTES = 15_000


@dataclass
class Recognition:
    """A streaming call. `ended` is set when the client's half is, `dropped` when the client cancelled it."""

    metadata: dict[str, str]
    first: Any = None
    audio: bytearray = field(default_factory=bytearray)
    messages: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: asyncio.Event = field(default_factory=asyncio.Event)


class GoogleServer:
    """Use as an async context manager. `abort`: code and words that calls end with, after `abort_after_ms` of
    audio."""

    def __init__(self, hear: Hear | None = None) -> None:
        self.hear = hear or saying(("yes please",))
        self.final_ms = 0
        self.interim_ms = 0
        self.abort: tuple[grpc.StatusCode, str] | None = None
        self.abort_after_ms = 0
        self.calls: list[Recognition] = []
        self.key = "secret-key"
        self.url = ""
        self._server = grpc.aio.server()

    async def __aenter__(self) -> GoogleServer:
        handler = grpc.stream_stream_rpc_method_handler(
            self._recognize,
            request_deserializer=Request.FromString,
            response_serializer=Response.SerializeToString,
        )
        methods = {"StreamingRecognize": handler}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("google.cloud.speech.v2.Speech", methods),)
        )
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        await self._server.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        await self._server.stop(grace=None)

    async def call(self, number: int = 1) -> Recognition:
        """The streaming call of that number (from 1), as soon as it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.calls) < number:
                await asyncio.sleep(0.005)
        return self.calls[number - 1]

    async def _recognize(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        call = Recognition(dict(context.invocation_metadata()))
        self.calls.append(call)
        try:
            async for response in self._answers(call, requests, context):
                yield response
        except asyncio.CancelledError:
            call.dropped.set()
            raise

    async def _answers(
        self, call: Recognition, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        given = call.metadata.get("x-goog-api-key") == self.key or "authorization" in call.metadata
        if not given:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "API key not valid.")
        told = 0
        async for request in requests:
            if call.first is None:
                call.first = request
                continue
            assert 0 < len(request.audio) <= MOST_BYTES
            call.messages += 1
            call.audio += request.audio
            heard_ms = len(call.audio) // 16
            if self.abort is not None and heard_ms >= self.abort_after_ms:
                await context.abort(*self.abort)
            if self.interim_ms and heard_ms // self.interim_ms != told:
                told = heard_ms // self.interim_ms
                yield _response(self._text(call), is_final=False)
        call.ended.set()
        await asyncio.sleep(self.final_ms / 1000)
        if text := self._text(call):
            yield _response(text, is_final=True)

    def _text(self, call: Recognition) -> str:
        return self.hear(self.calls.index(call), bytes(call.audio))


def _response(text: str, *, is_final: bool) -> Any:
    best = {"transcript": text, "confidence": 0.9 if is_final else 0.0}
    return Response(results=[{"alternatives": [best], "is_final": is_final}])
