"""Deepgram Aura over its websocket: one connection per call, one sentence at a time.

The vendor's messages name no sentence: what it sends belongs to the one it was asked for last, and after a
`Clear` to nobody until its `Cleared`. https://developers.deepgram.com/reference/text-to-speech/speak-streaming
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import SAMPLE_RATE, VoiceSettings
from media_workers.providers.tts.account import clamped, language_of
from media_workers.providers.tts.contexts import ContextVoice
from media_workers.providers.tts.line import Line
from media_workers.providers.tts.text import portions
from media_workers.providers.websocket import websocket_url

BASE_URL = "https://api.deepgram.com"
SPEEDS = (0.7, 1.5)
MOST_BYTES = 2_000
"""Of one `Speak`."""

FLUSHES, FLUSHES_IN_S = 20, 60.0
"""More of them in that time, on one connection, are not obeyed."""

_VOICES = {
    "de": "aura-2-viktoria-de",
    "es": "aura-2-celeste-es",
    "fr": "aura-2-agathe-fr",
    "it": "aura-2-livia-it",
    "ja": "aura-2-izanami-ja",
    "nl": "aura-2-rhea-nl",
}
"""Who speaks a language where no voice was chosen: each voice has one."""

_ENCODINGS = ("linear16", "mulaw")
_STATUS = {"DATA": 400, "NET": 503, "AUTH": 401}


def build(choice: Voice, credential: Credential | None, language: str) -> DeepgramTextToSpeech:
    """Raises `ProviderError` without a key."""
    return DeepgramTextToSpeech(choice, credential, language)


class DeepgramTextToSpeech(ContextVoice):
    """A voice is a model (`aura-2-thalia-en`). Settings of its own: `encoding` (linear16, mulaw),
    `mip_opt_out` (true, false). Speed from 0.7 to 1.5, for English and Spanish voices of Aura 2. It does not
    tell when words begin."""

    name = "deepgram"
    default_voice = "aura-2-thalia-en"
    default_model = ""
    most_contexts = 1

    def __init__(self, choice: Voice, credential: Credential | None, language: str) -> None:
        super().__init__(choice, credential, language)
        self.model = choice.model or self.voice_of(self._first)
        self._flushed: deque[float] = deque(maxlen=FLUSHES)

    def address(self, voice: VoiceSettings) -> str:
        query: dict[str, str | int | float] = {
            "model": self.voice_of(voice),
            "encoding": self._encoding(voice),
            "sample_rate": SAMPLE_RATE,
        }
        if voice.speed != 1.0:
            query["speed"] = clamped(voice.speed, *SPEEDS)
        if "mip_opt_out" in voice.extra:
            query["mip_opt_out"] = self.account.choice(voice.extra, "mip_opt_out", ("true", "false"), "false")
        return websocket_url(self.account.at(BASE_URL), "/v1/speak", query)

    def voice_of(self, voice: VoiceSettings) -> str:
        usual = _VOICES.get(language_of(self.language), self.default_voice)
        return self.account.voice(voice.voice, usual)

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Token {self.account.key}"}

    def will_do(self, line: Line, address: str) -> bool:
        now = asyncio.get_running_loop().time()
        flushed_out = len(self._flushed) == FLUSHES and now - self._flushed[0] < FLUSHES_IN_S
        if flushed_out:
            self._flushed.clear()
        return super().will_do(line, address) and not flushed_out

    def asking(self, key: str, text: str, voice: VoiceSettings) -> list[dict[str, Any]]:
        self._flushed.append(asyncio.get_running_loop().time())
        parts = [{"type": "Speak", "text": f"{part} "} for part in portions(text, MOST_BYTES - 1)]
        return [*parts, {"type": "Flush"}]

    def cancelling(self, key: str) -> list[dict[str, Any]]:
        return [{"type": "Clear"}]

    def in_mulaw(self, voice: VoiceSettings) -> bool:
        return self._encoding(voice) == "mulaw"

    def receive_audio(self, line: Line, audio: bytes) -> None:
        for sentence in line.sentences.values():
            self.deliver(sentence, audio=audio)

    def receive(self, line: Line, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "Error":
            code = str(message.get("err_code") or message.get("code") or "")
            raise self.refused(_STATUS.get(code.split("-")[0], 0), message)
        if kind == "Cleared":
            for key in line.busy - line.sentences.keys():
                line.ended(key)
        elif kind == "Flushed":
            for sentence in list(line.sentences.values()):
                # What was flushed before a `Clear` may be told after it.
                if sentence.size:
                    line.ended(sentence.key)

    def _encoding(self, voice: VoiceSettings) -> str:
        return self.account.choice(voice.extra, "encoding", _ENCODINGS, "linear16")
