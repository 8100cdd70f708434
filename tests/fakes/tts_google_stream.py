"""Google's `StreamingSynthesize` over gRPC on a real socket: a configuration, a text, audio in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio

from media_workers.audio import mulaw
from media_workers.providers.tts.google_stream import ENCODINGS, Request, Response
from tests.fakes.speech import Manner, Notebook, Said, characters, pcm_of


class GoogleStreamServer:
    """Use as an async context manager. `abort`: code and words that calls end with. `metadata`: of each."""

    key = "secret-key"

    def __init__(self) -> None:
        self.book = Notebook()
        self.abort: tuple[grpc.StatusCode, str] | None = None
        self.metadata: list[dict[str, str]] = []
        self.url = ""
        self._server = grpc.aio.server()

    async def __aenter__(self) -> GoogleStreamServer:
        handler = grpc.stream_stream_rpc_method_handler(
            self._synthesize,
            request_deserializer=Request.FromString,
            response_serializer=Response.SerializeToString,
        )
        methods = {"StreamingSynthesize": handler}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("google.cloud.texttospeech.v1.TextToSpeech", methods),)
        )
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        await self._server.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        await self._server.stop(grace=None)

    async def _synthesize(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        metadata = dict(context.invocation_metadata())
        self.metadata.append(metadata)
        if "authorization" not in metadata and metadata.get("x-goog-api-key") != self.key:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "API key not valid.")
        if self.abort is not None:
            await context.abort(*self.abort)
        config, said = None, Said("")
        async for request in requests:
            if config is None:
                config = request.streaming_config
            else:
                said.text += request.input.text
        assert config is not None
        said.asked = {"voice": config.voice, "audio": config.streaming_audio_config}
        manner = await self.book.note(said)
        try:
            async for response in self._answers(said, manner, context):
                yield response
        except asyncio.CancelledError:
            said.stopped.set()
            raise

    async def _answers(self, said: Said, manner: Manner, context: Any) -> AsyncIterator[Any]:
        audio = said.asked["audio"]
        assert audio.sample_rate_hertz == 8000
        for number, (text, _) in enumerate(characters(said.text, manner.size)):
            if manner.fault and number == manner.after:
                if manner.fault == "hang":
                    await asyncio.Event().wait()
                await context.abort(grpc.StatusCode.INTERNAL, manner.error)
            pcm = pcm_of(text)
            in_mulaw = audio.audio_encoding == ENCODINGS["MULAW"]
            yield Response(audio_content=mulaw.encode(pcm) if in_mulaw else pcm)
        said.over.set()
