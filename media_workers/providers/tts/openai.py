"""OpenAI's speech endpoint. It gives 24 kHz only, resampled here as it comes.

https://platform.openai.com/docs/api-reference/audio/createSpeech
"""

from __future__ import annotations

from typing import Any

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import VoiceSettings
from media_workers.providers.tts.account import clamped
from media_workers.providers.tts.http import HttpVoice, Request

BASE_URL = "https://api.openai.com/v1"
SPEEDS = (0.25, 4.0)


def build(choice: Voice, credential: Credential | None, language: str) -> OpenAITextToSpeech:
    """Raises `ProviderError` without a key."""
    return OpenAITextToSpeech(choice, credential, language)


class OpenAITextToSpeech(HttpVoice):
    """Setting of its own: `instructions` (how to speak; not for tts-1). The language is the text's. It does
    not tell when words begin."""

    name = "openai"
    default_voice = "marin"
    default_model = "gpt-4o-mini-tts"
    most_bytes = 4_000
    rate = 24_000

    def request(self, text: str, voice: VoiceSettings) -> Request:
        body: dict[str, Any] = {
            "model": self.model,
            "voice": self.voice_of(voice),
            "input": text,
            "response_format": "pcm",
        }
        if voice.speed != 1.0:
            body["speed"] = clamped(voice.speed, *SPEEDS)
        if instructions := voice.extra.get("instructions"):
            body["instructions"] = instructions
        return Request(
            f"{self.account.at(BASE_URL)}/audio/speech",
            {"Authorization": f"Bearer {self.account.key}"},
            json=body,
        )
