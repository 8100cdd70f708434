"""OpenAI's `/audio/speech`: 24 kHz PCM in chunks."""

from __future__ import annotations

from tests.fakes.speech import Said, pcm_of
from tests.fakes.tts_http import HttpVoiceServer, json_of


class OpenAIVoiceServer(HttpVoiceServer):
    def key_of(self, headers: dict[str, str]) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ")

    def said(self, path: str, headers: dict[str, str], body: bytes) -> Said:
        asked = json_of(body)
        assert path == "/audio/speech"
        assert asked["response_format"] == "pcm"
        return Said(asked["input"], asked)

    def audio(self, said: Said, text: str) -> bytes:
        return pcm_of(text, 24_000)
