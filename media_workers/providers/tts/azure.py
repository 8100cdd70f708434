"""Azure's voices over its speech websocket: one connection per call, one turn there for each sentence.

The vendor has no message that stops a turn: the connection is closed, and made anew for the next sentence.
https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech (formats, voices, SSML)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.azure import read_binary, read_text, text_message
from media_workers.providers.base import VoiceSettings
from media_workers.providers.tts.account import clamped
from media_workers.providers.tts.contexts import ContextVoice
from media_workers.providers.tts.line import Line
from media_workers.providers.websocket import websocket_url

PATH = "/cognitiveservices/websocket/v1"
SPEEDS = (0.5, 2.0)
TICKS_PER_MS = 10_000
_FORMATS = {"pcm": "raw-8khz-16bit-mono-pcm", "mulaw": "raw-8khz-8bit-mono-mulaw"}
_SYSTEM = {"name": "SpeechSDK", "version": "1.44.0", "build": "JavaScript", "lang": "JavaScript"}


def build(choice: Voice, credential: Credential | None, language: str) -> AzureTextToSpeech:
    """Raises `ProviderError` without a key, or without a region where there is no address."""
    return AzureTextToSpeech(choice, credential, language)


class AzureTextToSpeech(ContextVoice):
    """Settings of its own: `encoding` (pcm, mulaw), `style` (of voices that have them: cheerful, ...). The
    account's `region` is that of the speech resource; its address may be the resource's own domain. Speed
    from 0.5 to 2."""

    name = "azure"
    default_voice = "en-US-AvaMultilingualNeural"
    default_model = "neural"
    most_contexts = 1
    stops_by_closing = True

    def __init__(self, choice: Voice, credential: Credential | None, language: str) -> None:
        super().__init__(choice, credential, language)
        if not self.account.region and not self._base():
            raise self.error("needs the region of its speech resource", retryable=False)

    def address(self, voice: VoiceSettings) -> str:
        base = self._base()
        if not base:
            return websocket_url(f"https://{self.account.region}.tts.speech.microsoft.com", PATH)
        domain = (urlsplit(base).hostname or "").endswith(".cognitiveservices.azure.com")
        return websocket_url(base, f"/tts{PATH}" if domain else PATH)

    def headers(self) -> Mapping[str, str]:
        return {"Ocp-Apim-Subscription-Key": self.account.key, "X-ConnectionId": uuid4().hex.upper()}

    def greeting(self) -> Sequence[str]:
        return [text_message("speech.config", uuid4().hex, {"context": {"system": _SYSTEM}})]

    def asking(self, key: str, text: str, voice: VoiceSettings) -> Sequence[str]:
        return [
            text_message("synthesis.context", key, self._context(voice)),
            text_message("ssml", key, self._ssml(text, voice)),
        ]

    def in_mulaw(self, voice: VoiceSettings) -> bool:
        return self._encoding(voice) == "mulaw"

    def receive_text(self, line: Line, message: str) -> None:
        headers, body = read_text(message)
        key, path = headers["x-requestid"].lower(), headers["path"].lower()
        sentence = line.sentences.get(key)
        if path == "turn.end":
            line.ended(key)
        elif path == "audio.metadata" and sentence is not None:
            for item in json.loads(body)["Metadata"]:
                if item["Type"] == "WordBoundary":
                    data = item["Data"]
                    start_ms = data["Offset"] / TICKS_PER_MS
                    self.deliver(sentence, sentence.alignment.place(data["text"]["Text"], start_ms))

    def receive_audio(self, line: Line, audio: bytes) -> None:
        headers, content = read_binary(audio)
        if headers["path"].lower() == "audio" and content:
            sentence = line.sentences.get(headers["x-requestid"].lower())
            if sentence is not None:
                self.deliver(sentence, audio=content)

    def _base(self) -> str:
        """The account's own address; that of its language models is not one of speech."""
        host = urlsplit(self.account.base_url).hostname or ""
        return "" if host.endswith(".openai.azure.com") else self.account.base_url

    def _context(self, voice: VoiceSettings) -> dict[str, object]:
        wanted = {"wordBoundaryEnabled": "true", "sentenceBoundaryEnabled": "false"}
        audio = {"metadataOptions": wanted, "outputFormat": _FORMATS[self._encoding(voice)]}
        return {"synthesis": {"audio": audio, "language": {"autoDetection": False}}}

    def _ssml(self, text: str, voice: VoiceSettings) -> str:
        said = escape(text)
        if voice.speed != 1.0:
            said = f'<prosody rate="{clamped(voice.speed, *SPEEDS):g}">{said}</prosody>'
        if style := voice.extra.get("style"):
            said = f"<mstts:express-as style={quoteattr(style)}>{said}</mstts:express-as>"
        return (
            '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis"'
            f' xmlns:mstts="http://www.w3.org/2001/mstts" xml:lang={quoteattr(self.language)}>'
            f"<voice name={quoteattr(self.voice_of(voice))}>{said}</voice></speak>"
        )

    def _encoding(self, voice: VoiceSettings) -> str:
        return self.account.choice(voice.extra, "encoding", tuple(_FORMATS), "pcm")
