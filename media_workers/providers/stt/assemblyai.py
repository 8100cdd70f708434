"""AssemblyAI's universal streaming (`/v3/ws`): turns with all their words so far, and the end of a turn.

https://www.assemblyai.com/docs/streaming/message-sequence
"""

from __future__ import annotations

import json
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
from media_workers.providers.refusals import refusal
from media_workers.providers.stt.sockets import SocketTranscription
from media_workers.providers.stt.stream import BYTES_PER_MS, Callbacks, encoded, key_of, terms
from media_workers.providers.stt.turns import TurnTexts
from media_workers.providers.websocket import Message, Query, websocket_url

NAME = "assemblyai"
ENGLISH = "universal-streaming-english"
MULTILINGUAL = "universal-streaming-multilingual"
MOST_TERMS = 100
LONGEST_TERM = 50
LEAST_MS = 50
"""Of audio in one message; less is an error there."""

SILENCE_MS = 100
"""At least so much of it follows the last word of a turn that has ended."""

_STATUS_OF = {1008: 401, 3006: 400, 3009: 429}
"""HTTP's word for their codes: not authorised, bad parameters, too many sessions."""


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Raises `ProviderError` without a key."""
    return AssemblyAISpeechToText(choice, key_of(credential, NAME), language)


class AssemblyAISpeechToText:
    """Hears the whole call, silence too: it is paid by the time of the connection."""

    name = NAME
    whole_turns = False
    continuous = True

    def __init__(self, choice: Transcriber, credential: Credential, language: str) -> None:
        self.model = choice.model or (ENGLISH if language.startswith("en") else MULTILINGUAL)
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
        if self.others and not self._choice.model:
            self.model = MULTILINGUAL
        forced = on_sign is no_signs
        hints = terms(self._choice.hints, phrases, most=MOST_TERMS, longest=LONGEST_TERM)
        callbacks = Callbacks(on_transcript, on_error, on_sign)
        call = AssemblyAITranscription(
            callbacks, model=self.model, secret=key, always=self._choice.hints, hints=hints, forced=forced
        )
        eu = self._credential.region.lower() == "eu"
        default = "wss://streaming.eu.assemblyai.com" if eu else "wss://streaming.assemblyai.com"
        url = websocket_url(self._credential.base_url or default, "/v3/ws", self._query(hints, forced=forced))
        await call.connect(url, headers={"Authorization": key}, public_only=self._credential.public_only)
        return call

    def _query(self, hints: Sequence[str], *, forced: bool) -> Query:
        # Nobody waits for its end of a turn: then it shall not end one by itself.
        turns = {"end_of_turn_confidence_threshold": "1.0"} if forced else {}
        listed = {"keyterms_prompt": json.dumps(hints)} if hints else {}
        return {
            "sample_rate": SAMPLE_RATE,
            "encoding": "pcm_s16le",
            "speech_model": self.model,
            **(turns if self.model.startswith("universal-streaming") else {}),
            **listed,
            **({"language_detection": "true"} if self.others else {}),
            **self._choice.extra,
        }


class AssemblyAITranscription(SocketTranscription):
    """The final words of a turn stand in its transcript, those that may change only among its words."""

    name = NAME

    def __init__(
        self,
        callbacks: Callbacks,
        *,
        model: str,
        secret: str,
        always: Sequence[str],
        hints: list[str],
        forced: bool,
    ) -> None:
        super().__init__(callbacks, model=model, secret=secret)
        self._always = always
        self._hints = hints
        self._forced = forced
        self._turn = TurnTexts(self._utterances)
        self._ended = -1
        self._likely_over = False

    def _audio(self, pcm: bytes) -> Message:
        return pcm.ljust(LEAST_MS * BYTES_PER_MS, b"\0")

    def _ending(self) -> Sequence[Message]:
        return ['{"type":"ForceEndpoint"}'] if self._forced else ()

    def _last(self) -> Sequence[Message]:
        return ['{"type":"Terminate"}']

    def _hint(self, phrases: Sequence[str]) -> None:
        hints = terms(self._always, phrases, most=MOST_TERMS, longest=LONGEST_TERM)
        if hints != self._hints:
            self._hints = hints
            self._put([encoded({"type": "UpdateConfiguration", "keyterms_prompt": hints})])

    def _take(self, answer: dict[str, Any]) -> None:
        kind = answer.get("type")
        if kind == "Begin":
            self._ready()
        elif kind == "Error" or "error" in answer:
            status = _STATUS_OF.get(answer.get("error_code", 0), 500)
            raise refusal("stt", NAME, status, encoded(answer), self._secret)
        elif kind == "Turn" and answer["turn_order"] > self._ended:
            self._take_turn(answer)

    def _take_turn(self, turn: dict[str, Any]) -> None:
        words = turn["words"]
        over = bool(turn["end_of_turn"])
        # A pause that may be the end; the turn goes on if more words come.
        likely = over or bool(turn.get("utterance"))
        text = turn["transcript"] if over else " ".join(word["text"] for word in words)
        confidence = sum(word["confidence"] for word in words) / len(words) if words else None
        if self._likely_over and not likely:
            self._callbacks.on_sign(TurnSign.RESUMED)
        if words:
            place_ms = (words[-1]["start"] + words[-1]["end"]) / 2
            language = turn.get("language_code") or ""
            self._turn.take(text, confidence, until_ms=place_ms, complete=likely, language=language)
        elif over:
            self._utterances.settle(next(self._utterances.waiting(), None))
        if over:
            self._ended = turn["turn_order"]
            self._turn.end()
            if words:
                self._utterances.heard(words[-1]["end"] + SILENCE_MS)
            self._callbacks.on_sign(TurnSign.OVER)
        elif likely and not self._likely_over:
            self._callbacks.on_sign(TurnSign.LIKELY_OVER)
        self._likely_over = likely and not over
