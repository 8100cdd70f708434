"""Deepgram: nova models (`/v1/listen`), which are told when to finish, and flux models (`/v2/listen`, see
`flux`), which find the end of a turn themselves.

https://developers.deepgram.com/reference/speech-to-text/listen-streaming
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers.base import (
    SAMPLE_RATE,
    ProviderError,
    SpeechToText,
    Transcript,
    Transcription,
    TurnSign,
    no_signs,
)
from media_workers.providers.stt.flux import FluxSpeechToText
from media_workers.providers.stt.languages import one_of
from media_workers.providers.stt.sockets import SocketTranscription
from media_workers.providers.stt.stream import Callbacks, key_of, terms
from media_workers.providers.websocket import Message, Query, websocket_url

NAME = "deepgram"
DEFAULT_MODEL = "nova-3"
MOST_TERMS = 50
"""Of 500 tokens together."""

_COUNTRIES = frozenset(
    {"en-US", "en-GB", "en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "fr-CA", "pt-BR", "pt-PT", "de-CH"}
    | {"nl-BE", "sv-SE", "da-DK", "ko-KR", "th-TH", "zh-CN", "zh-TW", "zh-HK", "gu-IN"}
)
"""What it knows beside a language alone: another country is refused."""


MULTILINGUAL = "multi"
"""Ten languages at once, within a sentence too; each result tells which it has heard."""


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Nova or flux, by the model's name. Raises `ProviderError` without a key."""
    key = key_of(credential, NAME)
    if choice.model.startswith("flux"):
        return FluxSpeechToText(choice, key, address_of(key))
    return NovaSpeechToText(choice, key)


def address_of(credential: Credential) -> str:
    """Of the credential's own, or of its region (`eu`: the endpoint that keeps everything there)."""
    eu = credential.region.lower() == "eu"
    return credential.base_url or ("wss://api.eu.deepgram.com" if eu else "wss://api.deepgram.com")


class NovaSpeechToText:
    """Transcribes what it is sent and no silence, which Deepgram would have paid."""

    name = NAME
    whole_turns = False
    continuous = False

    def __init__(self, choice: Transcriber, credential: Credential) -> None:
        self.model = choice.model or DEFAULT_MODEL
        self.others: Sequence[str] = ()
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
        call = NovaTranscription(callbacks, model=self.model, secret=key)
        url = websocket_url(address_of(self._credential), "/v1/listen", self._query(language, phrases))
        await call.connect(
            url, headers={"Authorization": f"Token {key}"}, public_only=self._credential.public_only
        )
        return call

    def _query(self, language: str, phrases: Sequence[str]) -> Query:
        hints = terms(self._choice.hints, phrases, most=MOST_TERMS)
        several = self.model.startswith(("nova-2", "nova-3"))
        return {
            "model": self.model,
            "language": MULTILINGUAL if self.others and several else one_of(language, _COUNTRIES),
            "encoding": "linear16",
            "sample_rate": SAMPLE_RATE,
            "channels": 1,
            "interim_results": True,
            "punctuate": True,
            "smart_format": True,
            # Smart formatting may hold a number back for 3 s to see whether it goes on.
            "no_delay": True,
            # Where an utterance ends is said by Finalize, so that every answer is one to it.
            "endpointing": False,
            # Older models know weighted keywords instead.
            "keyterm" if self.model.startswith("nova-3") else "keywords": hints,
            **self._choice.extra,
        }


class NovaTranscription(SocketTranscription):
    """Results carry their place in the stream, so that each is put to the utterance that it is of."""

    name = NAME
    waits_for_ready = False
    # After 10 s without a message the connection is closed (NET-0001).
    keep_alive_s = 4.0

    def _ending(self) -> Sequence[Message]:
        return ['{"type":"Finalize"}']

    def _keep_alive(self) -> Sequence[Message]:
        return ['{"type":"KeepAlive"}']

    def _last(self) -> Sequence[Message]:
        return ['{"type":"CloseStream"}']

    def _take(self, answer: dict[str, Any]) -> None:
        kind = answer.get("type")
        if kind == "Results":
            self._take_results(answer)
        elif kind == "Error":
            raise self._error(str(answer.get("description") or answer.get("message") or "an error"))

    def _take_results(self, results: dict[str, Any]) -> None:
        begins_ms, length_ms = results["start"] * 1000, results["duration"] * 1000
        best = results["channel"]["alternatives"][0]
        text, words = best["transcript"], best.get("words") or []
        # The middle of what was said: the edges may lie in a neighbour's silence.
        place_ms = begins_ms + length_ms / 2
        if words:
            place_ms = (words[0]["start"] + words[-1]["end"]) * 500
        utterance = self._utterances.at(place_ms)
        if not results["is_final"]:
            self._utterances.partial(utterance, text)
            return
        if utterance is not None and (languages := best.get("languages")):
            # The one with most of the words comes first.
            utterance.language = languages[0]
        self._utterances.add(utterance, text, best.get("confidence") if text else None)
        self._utterances.heard(begins_ms + length_ms)
