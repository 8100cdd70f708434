"""Rime over its JSON websocket `/ws3`: one connection per call, one sentence at a time.

https://docs.rime.ai/api-reference/websockets-json
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
from media_workers.providers.tts.text import portions
from media_workers.providers.websocket import websocket_url

BASE_URL = "https://users-ws.rime.ai"
SPEEDS = (0.5, 2.0)
MOST_BYTES = 450
"""Of text at once; the vendor takes 500 characters."""

_FORMATS = ("pcm", "mulaw")
_PASSED_ON = {
    "segment": "segment",
    "temperature": "temperature",
    "top_p": "top_p",
    "repetition_penalty": "repetition_penalty",
    "reduce_latency": "reduceLatency",
    "pause_between_brackets": "pauseBetweenBrackets",
    "phonemize_between_brackets": "phonemizeBetweenBrackets",
    "no_text_normalization": "noTextNormalization",
}
_LANGUAGES = {
    "ar": "ara",
    "de": "ger",
    "en": "eng",
    "es": "spa",
    "fr": "fra",
    "he": "heb",
    "hi": "hin",
    "it": "ita",
    "ja": "jpn",
    "pt": "por",
    "ta": "tam",
}
_SLOWER_ABOVE_ONE = ("mist", "mistv1", "mistv2")
"""Models whose `speedAlpha` is a length, not a speed."""


def build(choice: Voice, credential: Credential | None, language: str) -> RimeTextToSpeech:
    """Raises `ProviderError` without a key."""
    return RimeTextToSpeech(choice, credential, language)


class RimeTextToSpeech(ContextVoice):
    """Settings of its own: `audio_format` (pcm, mulaw), `lang`, and those that a model takes (`segment`,
    `temperature`, `reduce_latency`, ...). The vendor closes a connection that is idle for 30 s."""

    name = "rime"
    default_voice = "astra"  # of coda and arcana
    default_model = "mistv3"
    most_contexts = 1
    tells_when_stopped = False
    most_idle_s = 20.0

    def address(self, voice: VoiceSettings) -> str:
        query: dict[str, str | int | float] = {
            "speaker": self.voice_of(voice),
            "modelId": self.model,
            "audioFormat": self._format(voice),
            "samplingRate": SAMPLE_RATE,
        }
        if language := voice.extra.get("lang") or _LANGUAGES.get(language_of(self.language)):
            query["lang"] = language
        if voice.speed != 1.0:
            speed = clamped(voice.speed, *SPEEDS)
            query["speedAlpha"] = round(1 / speed if self.model in _SLOWER_ABOVE_ONE else speed, 3)
        query |= {_PASSED_ON[name]: value for name, value in voice.extra.items() if name in _PASSED_ON}
        return websocket_url(self.account.at(BASE_URL), "/ws3", query)

    def voice_of(self, voice: VoiceSettings) -> str:
        return self.account.voice(voice.voice, "cove" if "mist" in self.model else self.default_voice)

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.account.key}"}

    def asking(self, key: str, text: str, voice: VoiceSettings) -> list[dict[str, Any]]:
        """The space at the end says that the sentence is over."""
        parts = [{"text": f"{part} ", "contextId": key} for part in portions(text, MOST_BYTES)]
        return [*parts, {"operation": "flush", "contextId": key}]

    def cancelling(self, key: str) -> list[dict[str, Any]]:
        return [{"operation": "clear"}]

    def in_mulaw(self, voice: VoiceSettings) -> bool:
        return self._format(voice) == "mulaw"

    def receive(self, line: Line, message: dict[str, Any]) -> None:
        kind, key = message["type"], str(message.get("contextId") or "")
        sentence = line.sentences.get(key)
        if kind == "error":
            raise self.refused(0, message)
        if kind == "done":
            line.ended(key)
        elif kind == "chunk" and sentence is not None:
            self.deliver(sentence, audio=audio_of(message["data"]))
        elif kind == "timestamps" and sentence is not None:
            self.deliver(sentence, timed_words(sentence, message["word_timestamps"]))

    def _format(self, voice: VoiceSettings) -> str:
        return self.account.choice(voice.extra, "audio_format", _FORMATS, "pcm")
