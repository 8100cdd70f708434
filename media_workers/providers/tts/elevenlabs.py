"""ElevenLabs over its multi-context websocket: one connection per call, one context per sentence.

https://elevenlabs.io/docs/api-reference/text-to-speech/v-1-text-to-speech-voice-id-multi-stream-input
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import SpokenWord, VoiceSettings
from media_workers.providers.tts.account import clamped, language_of
from media_workers.providers.tts.contexts import ContextVoice
from media_workers.providers.tts.line import Line, Sentence, audio_of
from media_workers.providers.websocket import websocket_url

BASE_URL = "https://api.elevenlabs.io"
KEEP_ALIVE_S = 10.0
"""The connection is closed after 20 s without a message."""

SPEEDS = (0.7, 1.2)
_FORMATS = ("pcm_8000", "ulaw_8000")
_NORMALIZATION = ("auto", "on", "off")
_NUMBERS = ("stability", "similarity_boost", "style")
_V2_5 = frozenset(
    [
        "ar",
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "fi",
        "fil",
        "fr",
        "hi",
        "hr",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
        "ms",
        "nl",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sv",
        "ta",
        "tr",
        "uk",
        "vi",
        "zh",
    ]
)
_TAKE_A_LANGUAGE = {"eleven_flash_v2_5": _V2_5, "eleven_turbo_v2_5": _V2_5}
"""Models that are told the language; with another language code the vendor refuses the connection."""


def build(choice: Voice, credential: Credential | None, language: str) -> ElevenLabsTextToSpeech:
    """Raises `ProviderError` without a key."""
    return ElevenLabsTextToSpeech(choice, credential, language)


class ElevenLabsTextToSpeech(ContextVoice):
    """Settings of its own: `stability`, `similarity_boost`, `style` (0 to 1), `apply_text_normalization`
    (auto, on, off), `output_format` (pcm_8000, ulaw_8000). Speed from 0.7 to 1.2."""

    name = "elevenlabs"
    default_voice = "JBFqnCBsd6RMkjVDRZzb"
    default_model = "eleven_flash_v2_5"
    most_contexts = 5  # the sixth closes the connection (1008)

    def address(self, voice: VoiceSettings) -> str:
        query: dict[str, str | bool | int] = {
            "model_id": self.model,
            "output_format": self._format(voice),
            "auto_mode": True,
            "inactivity_timeout": 180,
        }
        language = {"nb": "no", "nn": "no"}.get(code := language_of(self.language), code)
        if language in _TAKE_A_LANGUAGE.get(self.model, ()):
            query["language_code"] = language
        if "apply_text_normalization" in voice.extra:
            query["apply_text_normalization"] = self.account.choice(
                voice.extra, "apply_text_normalization", _NORMALIZATION, "auto"
            )
        path = f"/v1/text-to-speech/{quote(self.voice_of(voice), safe='')}/multi-stream-input"
        return websocket_url(self.account.at(BASE_URL), path, query)

    def headers(self) -> Mapping[str, str]:
        return {"xi-api-key": self.account.key}

    def asking(self, key: str, text: str, voice: VoiceSettings) -> list[dict[str, Any]]:
        """`isFinal` comes only for a context that is closed; what was sent before is spoken to its end."""
        return [
            {"context_id": key, "text": " ", "voice_settings": self._settings(voice)},
            {"context_id": key, "text": f"{text} "},
            {"context_id": key, "flush": True},
            {"context_id": key, "close_context": True},
        ]

    def cancelling(self, key: str) -> list[dict[str, Any]]:
        return [{"context_id": key, "close_context": True}]

    def in_mulaw(self, voice: VoiceSettings) -> bool:
        return self._format(voice) == "ulaw_8000"

    def keep_alive(self) -> tuple[float, Mapping[str, Any]]:
        return KEEP_ALIVE_S, {"text": ""}

    def receive(self, line: Line, message: dict[str, Any]) -> None:
        key = str(message.get("contextId") or message.get("context_id") or "")
        if message.get("error") or (message.get("message") and "audio" not in message):
            raise self.refused(0, message)
        sentence = line.sentences.get(key)
        if sentence is not None and message.get("audio"):
            words = _words(sentence, message.get("alignment"))
            self.deliver(sentence, words, audio_of(message["audio"]))
        if message.get("isFinal") or message.get("is_final"):
            line.ended(key)

    def _format(self, voice: VoiceSettings) -> str:
        return self.account.choice(voice.extra, "output_format", _FORMATS, "pcm_8000")

    def _settings(self, voice: VoiceSettings) -> dict[str, float]:
        numbers = {name: self.account.number(voice.extra, name) for name in _NUMBERS}
        settings = {name: clamped(value, 0.0, 1.0) for name, value in numbers.items() if value is not None}
        return settings | {"speed": clamped(voice.speed, *SPEEDS)}


def _words(sentence: Sentence, alignment: dict[str, Any] | None) -> list[SpokenWord]:
    """The words that begin in the audio of one message, whose times count from its own beginning."""
    if not alignment:
        return []
    return list(
        sentence.alignment.characters(alignment["chars"], alignment["charStartTimesMs"], sentence.audio_ms)
    )
