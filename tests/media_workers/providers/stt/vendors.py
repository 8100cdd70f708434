"""Every transcriber that is spoken to over a websocket, with the fake at its far end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential, SpeechToTextVendor
from media_workers.providers import registry
from media_workers.providers.base import SpeechToText
from tests.fakes.listener import ListeningServer
from tests.fakes.stt_assemblyai import AssemblyAIServer
from tests.fakes.stt_azure import AzureServer, answer, phrase
from tests.fakes.stt_deepgram import DeepgramServer
from tests.fakes.stt_elevenlabs import ElevenLabsServer
from tests.fakes.stt_openai import OpenAITranscriptionServer
from tests.fakes.stt_speechmatics import SpeechmaticsServer


@dataclass(frozen=True)
class Vendor:
    """`complains`: a message by which the vendor says, in the middle, that it failed (`overloaded`)."""

    name: SpeechToTextVendor
    server: Callable[[], ListeningServer]
    complains: str
    hints: list[str] = field(default_factory=lambda: ["Trunkline", "[the] porter"])

    def build(
        self, server: ListeningServer, *, key: str = ListeningServer.key, **choice: str
    ) -> SpeechToText:
        credential = Credential(vendor=self.name, api_key=key, base_url=server.url, region="westeurope")
        transcriber = Transcriber(provider=self.name, hints=self.hints, **choice)
        return registry.build_stt(transcriber, credential, "en-US")


_AZURE = answer("speech.phrase", "R", phrase("", "Error"))

VENDORS = [
    Vendor("deepgram", DeepgramServer, json.dumps({"type": "Error", "description": "overloaded"})),
    Vendor(
        "assemblyai",
        AssemblyAIServer,
        json.dumps({"type": "Error", "error_code": 3005, "error": "overloaded"}),
    ),
    Vendor(
        "openai",
        OpenAITranscriptionServer,
        json.dumps({"type": "error", "error": {"type": "server_error", "message": "overloaded"}}),
    ),
    Vendor(
        "elevenlabs",
        ElevenLabsServer,
        json.dumps({"message_type": "resource_exhausted", "error": "overloaded"}),
    ),
    Vendor(
        "speechmatics",
        SpeechmaticsServer,
        json.dumps({"message": "Error", "type": "job_error", "reason": "overloaded"}),
    ),
    Vendor("azure", AzureServer, _AZURE),
]


class SilentServer:
    """Takes a TCP connection and never says a word."""

    def __init__(self) -> None:
        self.url = ""
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> SilentServer:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
