"""A voice heard once, without a call."""

from __future__ import annotations

import asyncio
import io
import wave

from media_workers.audio.pcm import SAMPLE_RATE
from media_workers.contract.agent import Voice
from media_workers.contract.voices import VoicePreview
from media_workers.providers import registry
from media_workers.providers.base import VoiceSettings

LIMIT_S = 8.0
LANGUAGE = "en-US"
"""Of a voice that does not say its own."""

AT_ONCE = 2
"""Previews of a process: callers come first."""


class Previews:
    """Event loop only."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def speak(self, preview: VoicePreview) -> bytes:
        """A WAV, mono, 16 bit, 8000 Hz. Raises `ProviderError`, `ValueError` for a voice that does not
        exist, `TimeoutError`."""
        async with asyncio.timeout(LIMIT_S), self._turns:
            choice = Voice(provider=preview.provider, voice=preview.voice, speed=preview.speed)
            settings = VoiceSettings(voice=choice.voice, speed=choice.speed)
            speech = registry.build_tts(choice, None, LANGUAGE).speak(preview.text, settings)
            return _wav(b"".join([chunk async for chunk in speech if isinstance(chunk, bytes)]))


def _wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(SAMPLE_RATE)
        wav.writeframes(pcm)
    return file.getvalue()
