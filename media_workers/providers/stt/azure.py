"""Azure's speech service over its websocket protocol, as its open JavaScript SDK (MIT) speaks it; the native
SDK is proprietary.

Each message has headers. A `turn` there is one request: here one utterance, whose audio is ended by an empty
message. A connection carries one turn after the other.
https://github.com/microsoft/cognitive-services-speech-sdk-js
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers.azure import binary_message, read_text, text_message
from media_workers.providers.base import (
    SAMPLE_RATE,
    ProviderError,
    SpeechToText,
    Transcript,
    Transcription,
    TurnSign,
    no_signs,
)
from media_workers.providers.stt.languages import regional
from media_workers.providers.stt.sockets import SocketTranscription
from media_workers.providers.stt.stream import Callbacks, key_of, terms
from media_workers.providers.stt.utterances import Utterance
from media_workers.providers.websocket import Message, websocket_url

NAME = "azure"
PATH = "/speech/recognition/conversation/cognitiveservices/v1"
MOST_TERMS = 500
NO_SPEECH = frozenset({"NoMatch", "InitialSilenceTimeout", "BabbleTimeout", "EndOfDictation"})

# A RIFF header with a length of 0: the audio ends when an empty message says so.
_WAV = struct.pack(
    "<4sI4s4sIHHIIHH4sI",
    *(b"RIFF", 0, b"WAVE", b"fmt ", 16, 1, 1, SAMPLE_RATE, SAMPLE_RATE * 2, 2, 16, b"data", 0),
)


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Raises `ProviderError` without a key, or without a region where there is no address."""
    key = key_of(credential, NAME)
    if not _address_of(key):
        raise ProviderError("stt", NAME, "needs the region of its resource", retryable=False)
    return AzureSpeechToText(choice, key)


def _address_of(credential: Credential) -> str:
    """The resource's own domain, or that of its region. The domain of its language models is not for us."""
    host = urlsplit(credential.base_url).hostname or ""
    if host.endswith(".cognitiveservices.azure.com"):
        return f"{credential.base_url.rstrip('/')}/stt"
    if host and not host.endswith(".openai.azure.com"):
        return credential.base_url
    return f"wss://{credential.region}.stt.speech.microsoft.com" if credential.region else ""


class AzureSpeechToText:
    """Transcribes utterance by utterance. It has one model, or a custom one by its endpoint's id."""

    name = NAME
    whole_turns = False
    continuous = False

    def __init__(self, choice: Transcriber, credential: Credential) -> None:
        self.model = choice.model
        self._choice = choice
        self._credential = credential

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> Transcription:
        """Raises `ProviderError`."""
        key = self._credential.api_key
        callbacks = Callbacks(on_transcript, on_error, on_sign)
        call = AzureTranscription(
            callbacks, model=self.model, secret=key, hints=terms(self._choice.hints, phrases, most=MOST_TERMS)
        )
        query = {
            "language": regional(language),
            "format": "detailed",
            **({"cid": self.model} if self.model else {}),
            **self._choice.extra,
        }
        url = websocket_url(_address_of(self._credential), PATH, query)
        await call.connect(
            url,
            headers={"Ocp-Apim-Subscription-Key": key, "X-ConnectionId": uuid4().hex.upper()},
            public_only=self._credential.public_only,
        )
        return call


class AzureTranscription(SocketTranscription):
    """Answers carry the id of the request that they are to, and that is an utterance's."""

    name = NAME
    waits_for_ready = False

    def __init__(self, callbacks: Callbacks, *, model: str, secret: str, hints: Sequence[str]) -> None:
        super().__init__(callbacks, model=model, secret=secret)
        self._hints = list(hints)
        self._request = ""
        self._numbers: dict[str, int] = {}

    def _first(self) -> Sequence[Message]:
        system = {"name": "SpeechSDK", "version": "1.44.0", "build": "JavaScript", "lang": "JavaScript"}
        return [text_message("speech.config", uuid4().hex.upper(), {"context": {"system": system}})]

    def _begin(self, number: int, at_ms: int) -> None:
        self._end_request()
        super()._begin(number, at_ms)

    def _send_audio(self, pcm: bytes) -> None:
        current = self._utterances.current
        if current is None or current.ends_ms is not None:
            return  # nobody asked for what is said now
        if not self._request:
            self._begin_request(current)
        super()._send_audio(pcm)

    def _audio(self, pcm: bytes) -> Message:
        return binary_message("audio", self._request, pcm)

    def _ask(self, number: int, at_ms: int) -> None:
        self._utterances.ask(number, at_ms)
        if self._request:
            self._end_request()
        else:
            self._utterances.settle(self._utterances.numbered(number))

    def _begin_request(self, utterance: Utterance) -> None:
        self._request = uuid4().hex.upper()
        self._numbers[self._request] = utterance.number
        items = [{"Text": hint} for hint in self._hints]
        groups = [{"Type": "Generic", "Items": items}] if items else []
        self._put(
            [
                text_message("speech.context", self._request, {"dgi": {"Groups": groups}} if groups else {}),
                binary_message("audio", self._request, _WAV, "audio/x-wav"),
            ]
        )

    def _end_request(self) -> None:
        if self._request:
            self._put([binary_message("audio", self._request, b"")])
            self._request = ""

    def _take_message(self, message: Message) -> None:
        if isinstance(message, bytes):
            raise ValueError("binary")
        headers, body = read_text(message)
        request, path = headers["x-requestid"], headers["path"].lower()
        number = self._numbers.get(request)
        utterance = self._utterances.numbered(number) if number is not None else None
        self._take_of(utterance, path, body)
        if path == "turn.end":
            self._numbers.pop(request, None)
            if request == self._request:
                # It has ended the turn by itself: what follows of the utterance is another one.
                self._request = ""

    def _take_of(self, utterance: Utterance | None, path: str, body: str) -> None:
        if path == "speech.hypothesis" or path == "speech.fragment":
            self._utterances.partial(utterance, json.loads(body)["Text"])
        elif path == "speech.phrase":
            self._take_phrase(utterance, json.loads(body))
        elif path == "turn.end":
            self._utterances.settle(utterance)

    def _take_phrase(self, utterance: Utterance | None, phrase: dict[str, Any]) -> None:
        status = phrase["RecognitionStatus"]
        if status == "Success":
            best = (phrase.get("NBest") or [{}])[0]
            text = best.get("Display") or phrase.get("DisplayText", "")
            self._utterances.add(utterance, text, best.get("Confidence"))
        elif status not in NO_SPEECH:
            raise self._error(f"could not transcribe: {status}")
