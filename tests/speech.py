"""Callers for tests: speech of flite's voices as a telephone delivers it."""

from __future__ import annotations

import asyncio
import functools

import numpy as np

from media_workers.providers.base import VoiceSettings
from media_workers.providers.tts.flite import FliteTextToSpeech

SILENCE_MS = 200


@functools.cache
def say(text: str, voice: str = "rms") -> bytes:
    """`text` as 16-bit PCM at 8000 Hz after a trip through G.711, with 200 ms of silence around it."""

    async def spoken() -> bytes:
        return b"".join([chunk async for chunk in FliteTextToSpeech().speak(text, VoiceSettings(voice))])

    pcm = np.frombuffer(asyncio.run(spoken()), "<i2")
    loud = np.flatnonzero(np.abs(pcm.astype(int)) > 150)
    silence = bytes(SILENCE_MS * 8 * 2)
    return silence + _companded(pcm[loud[0] : loud[-1]]).tobytes() + silence


def _companded(pcm: np.ndarray) -> np.ndarray:
    """What is left of samples after mu-law with 8 bits (the formula behind G.711)."""
    x = pcm / 32_768
    y = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
    return (np.sign(y) * (256 ** np.abs(y) - 1) / 255 * 32_767).astype("<i2")
