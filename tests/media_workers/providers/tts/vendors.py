"""Vendors' voices and their fakes, for the tests that every one of them must pass."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import SpokenWord, TextToSpeech, VoiceSettings
from media_workers.providers.tts import cartesia, deepgram, elevenlabs, rime
from tests.fakes.tts_cartesia import CartesiaServer
from tests.fakes.tts_deepgram import DeepgramVoiceServer
from tests.fakes.tts_elevenlabs import ElevenLabsServer
from tests.fakes.tts_rime import RimeServer
from tests.fakes.websocket_server import WebSocketServer

KEY = WebSocketServer.key
HELLO = "Hello there, how are you today?"


@dataclass(frozen=True)
class Vendor:
    """`mulaw`: the settings that ask for mu-law. `words`: it says when which word begins. `raw`: bytes are
    audio, whatever they are."""

    name: str
    build: Callable[..., TextToSpeech]
    server: Callable[[], Any]
    mulaw: dict[str, str] = field(default_factory=dict)
    words: bool = True
    raw: bool = False

    def voice(
        self, url: str, *, key: str = KEY, language: str = "en-US", **choice: Any
    ) -> tuple[TextToSpeech, VoiceSettings]:
        """A voice of a call, spoken to at `url`."""
        chosen = Voice(provider=self.name, voice=choice.pop("voice", "anna"), **choice)  # type: ignore[arg-type]
        credential = Credential(vendor=self.name, api_key=key, base_url=url, digest="d" * 16)
        return self.build(chosen, credential, language), VoiceSettings(
            chosen.voice, chosen.speed, dict(chosen.extra)
        )


VENDORS = [
    Vendor("elevenlabs", elevenlabs.build, ElevenLabsServer, {"output_format": "ulaw_8000"}),
    Vendor("cartesia", cartesia.build, CartesiaServer, {"encoding": "pcm_mulaw"}),
    Vendor("deepgram", deepgram.build, DeepgramVoiceServer, {"encoding": "mulaw"}, words=False, raw=True),
    Vendor("rime", rime.build, RimeServer, {"audio_format": "mulaw"}),
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
