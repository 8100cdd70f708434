"""Spoken lines, rendered once by flite and kept. Never espeak: callers must be understood."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from media_workers.providers.base import VoiceSettings
from media_workers.providers.tts.flite import FliteTextToSpeech
from media_workers.sandbox.mouth import trim
from media_workers.sandbox.script import Script


@lru_cache(maxsize=256)
def line(text: str, voice: str) -> bytes:
    """`text` as 8000 Hz PCM without silence at its ends. Blocks for a fraction of a second.

    Raises `ProviderError` when flite is missing or fails.
    """
    return trim(asyncio.run(_render(text, voice)))


def lines(script: Script) -> dict[str, bytes]:
    """The audio of every line of a script."""
    return {text: line(text, script.voice) for text in script.lines()}


async def _render(text: str, voice: str) -> bytes:
    chunks = [chunk async for chunk in FliteTextToSpeech().speak(text, VoiceSettings(voice))]
    return b"".join(chunks)
