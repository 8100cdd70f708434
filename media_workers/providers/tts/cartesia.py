"""Cartesia over its websocket: one connection per call, one context per sentence.

https://docs.cartesia.ai/api-reference/tts/websocket
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import SAMPLE_RATE, VoiceSettings
from media_workers.providers.tts.account import clamped, language_of
from media_workers.providers.tts.contexts import ContextVoice
from media_workers.providers.tts.line import Line, audio_of, timed_words
from media_workers.providers.websocket import websocket_url

BASE_URL = "https://api.cartesia.ai"
VERSION = "2026-03-01"
SPEEDS = (0.6, 1.5)
VOLUMES = (0.5, 2.0)
_ENCODINGS = ("pcm_s16le", "pcm_mulaw")
_OTHER_NAMES = {"nb": "no", "nn": "no", "fil": "tl"}


def build(choice: Voice, credential: Credential | None, language: str) -> CartesiaTextToSpeech:
    """Raises `ProviderError` without a key."""
    return CartesiaTextToSpeech(choice, credential, language)


class CartesiaTextToSpeech(ContextVoice):
    """Settings of its own: `emotion`, `volume` (0.5 to 2), `pronunciation_dict_id`, `encoding` (pcm_s16le,
    pcm_mulaw). Speed from 0.6 to 1.5. An idle connection is closed after 5 minutes and made anew."""

    name = "cartesia"
    default_voice = "f786b574-daa5-4673-aa0c-cbe3e8534c02"
    default_model = "sonic-3.6"
    tells_when_stopped = False

    def address(self, voice: VoiceSettings) -> str:
        return websocket_url(self.account.at(BASE_URL), "/tts/websocket")

    def headers(self) -> Mapping[str, str]:
        return {"X-API-Key": self.account.key, "Cartesia-Version": VERSION}

    def asking(self, key: str, text: str, voice: VoiceSettings) -> list[dict[str, Any]]:
        message: dict[str, Any] = {
            "context_id": key,
            "transcript": text,
            "continue": False,
            "model_id": self.model,
            "voice": {"mode": "id", "id": self.voice_of(voice)},
            "output_format": {
                "container": "raw",
                "encoding": self._encoding(voice),
                "sample_rate": SAMPLE_RATE,
            },
            "language": _OTHER_NAMES.get(code := language_of(self.language), code),
            "add_timestamps": True,
            "use_normalized_timestamps": False,
            # Whole sentences: nothing to wait for.
            "max_buffer_delay_ms": 0,
        }
        if manner := self._manner(voice):
            message["generation_config"] = manner
        if dictionary := voice.extra.get("pronunciation_dict_id"):
            message["pronunciation_dict_id"] = dictionary
        return [message]

    def cancelling(self, key: str) -> list[dict[str, Any]]:
        return [{"context_id": key, "cancel": True}]

    def in_mulaw(self, voice: VoiceSettings) -> bool:
        return self._encoding(voice) == "pcm_mulaw"

    def receive(self, line: Line, message: dict[str, Any]) -> None:
        kind, key = message["type"], str(message.get("context_id") or "")
        sentence = line.sentences.get(key)
        if kind == "error":
            self._failed(line, key, message)
        elif kind == "done":
            line.ended(key)
        elif kind == "chunk" and sentence is not None:
            self.deliver(sentence, audio=audio_of(message["data"]))
        elif kind == "timestamps" and sentence is not None:
            self.deliver(sentence, timed_words(sentence, message["word_timestamps"]))

    def _failed(self, line: Line, key: str, message: dict[str, Any]) -> None:
        """An error of one context leaves the others alone; one without a context is the connection's."""
        error = self.refused(int(message.get("status_code") or 0), message)
        if not key:
            raise error
        line.ended(key, error)

    def _encoding(self, voice: VoiceSettings) -> str:
        return self.account.choice(voice.extra, "encoding", _ENCODINGS, "pcm_s16le")

    def _manner(self, voice: VoiceSettings) -> dict[str, Any]:
        """How it is spoken, as far as it differs from how the voice speaks by itself."""
        manner: dict[str, Any] = {}
        if voice.speed != 1.0:
            manner["speed"] = clamped(voice.speed, *SPEEDS)
        if (volume := self.account.number(voice.extra, "volume")) is not None:
            manner["volume"] = clamped(volume, *VOLUMES)
        if emotion := voice.extra.get("emotion"):
            manner["emotion"] = emotion
        return manner
