"""Vendors' voices and their fakes, for the tests that every one of them must pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from media_workers.audio.resample import resample
from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import SpokenWord, TextToSpeech, VoiceSettings
from media_workers.providers.tts import azure, cartesia, deepgram, elevenlabs, google, openai, rime
from tests.fakes.speech import pcm_of
from tests.fakes.tts_azure import AzureVoiceServer
from tests.fakes.tts_cartesia import CartesiaServer
from tests.fakes.tts_deepgram import DeepgramVoiceServer
from tests.fakes.tts_elevenlabs import ElevenLabsServer
from tests.fakes.tts_google import GoogleVoiceServer
from tests.fakes.tts_openai import OpenAIVoiceServer
from tests.fakes.tts_rime import RimeServer
from tests.fakes.websocket_server import WebSocketServer

KEY = WebSocketServer.key
HELLO = "Hello there, how are you today?"


@dataclass(frozen=True)
class Vendor:
    """`mulaw`: the settings that ask for mu-law. `words`: it says when which word begins. `raw`: bytes are
    audio, whatever they are. `one_connection`: it can be stopped without closing
    it. `http`: each sentence is a request of its own, and with `whole`
    its audio comes in one piece. `sounds`: what a text sounds like
    in the end."""

    name: str
    build: Callable[..., TextToSpeech]
    server: Callable[[], Any]
    mulaw: dict[str, str] = field(default_factory=dict)
    words: bool = True
    raw: bool = False
    one_connection: bool = True
    voice_id: str = "anna"
    http: bool = False
    whole: bool = False
    sounds: Callable[[str], bytes] = pcm_of

    def begins(self, text: str, pcm: bytes) -> bool:
        """Whether `pcm` is how `text` begins; resampling rounds."""
        expected = np.frombuffer(self.sounds(text)[: len(pcm)], "<i2").astype(int)
        heard = np.frombuffer(pcm, "<i2").astype(int)
        return heard.size == expected.size and (not heard.size or int(np.abs(heard - expected).max()) <= 2)

    def says(self, text: str, pcm: bytes) -> bool:
        """Whether `pcm` is `text`, to the sample."""
        return len(pcm) == len(self.sounds(text)) and self.begins(text, pcm)

    def voice(
        self, url: str, *, key: str = KEY, language: str = "en-US", **choice: Any
    ) -> tuple[TextToSpeech, VoiceSettings]:
        """A voice of a call, spoken to at `url`."""
        chosen = Voice(provider=self.name, voice=choice.pop("voice", self.voice_id), **choice)  # type: ignore[arg-type]
        credential = Credential(vendor=self.name, api_key=key, base_url=url, digest="d" * 16)
        return self.build(chosen, credential, language), VoiceSettings(
            chosen.voice, chosen.speed, dict(chosen.extra)
        )


def _resampled(text: str) -> bytes:
    return resample(pcm_of(text, 24_000), 24_000, 8_000)


VENDORS = [
    Vendor("elevenlabs", elevenlabs.build, ElevenLabsServer, {"output_format": "ulaw_8000"}),
    Vendor("cartesia", cartesia.build, CartesiaServer, {"encoding": "pcm_mulaw"}),
    Vendor("deepgram", deepgram.build, DeepgramVoiceServer, {"encoding": "mulaw"}, words=False, raw=True),
    Vendor("rime", rime.build, RimeServer, {"audio_format": "mulaw"}),
    Vendor("azure", azure.build, AzureVoiceServer, {"encoding": "mulaw"}, one_connection=False),
    Vendor("openai", openai.build, OpenAIVoiceServer, words=False, raw=True, http=True, sounds=_resampled),
    Vendor(
        "google",
        google.build,
        GoogleVoiceServer,
        {"audio_encoding": "MULAW"},
        voice_id="en-US-Neural2-C",
        http=True,
        whole=True,
    ),
]


@dataclass
class Heard:
    """What came of one sentence."""

    pcm: bytes = b""
    words: list[SpokenWord] = field(default_factory=list)


async def hear(tts: TextToSpeech, text: str, settings: VoiceSettings, heard: Heard | None = None) -> Heard:
    """Listens to the end. `heard` has what came before an error."""
    heard = Heard() if heard is None else heard
    speech: AsyncIterator[Any] = tts.speak(text, settings)
    async with aclosing(speech) as items:  # type: ignore[type-var]
        async for item in items:
            if isinstance(item, bytes):
                heard.pcm += item
            elif isinstance(item, SpokenWord):
                heard.words.append(item)
    return heard


async def until(holds: Callable[[], bool]) -> None:
    """Waits for what must come to hold."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.005)
