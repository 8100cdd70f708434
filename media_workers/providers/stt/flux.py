"""Deepgram's flux models, which find the end of a turn themselves (`/v2/listen`).

They hear the whole call, silence too, and speak of turns, not of utterances; `TurnTexts` divides them. Who
listens for the signs of a turn's end gets them; where nobody does, the end is forced when the final
transcript is asked for.

https://developers.deepgram.com/reference/speech-to-text/listen-flux and /docs/flux
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers.base import (
    SAMPLE_RATE,
    ProviderError,
    Transcript,
    Transcription,
    TurnSign,
    no_signs,
)
from media_workers.providers.stt.languages import short
from media_workers.providers.stt.sockets import SocketTranscription
from media_workers.providers.stt.stream import Callbacks, encoded, terms
from media_workers.providers.stt.turns import TurnTexts
from media_workers.providers.websocket import Message, Query, websocket_url

NAME = "deepgram"
MULTILINGUAL = "flux-general-multi"
MOST_TERMS = 50
EAGER = 0.4
"""Confidence in the end of a turn from which on an answer is begun."""


class FluxSpeechToText:
    """Hears everything, all the time."""

    name = NAME
    whole_turns = False
    continuous = True

    def __init__(self, choice: Transcriber, credential: Credential, address: str) -> None:
        self.model = choice.model if choice.model != "flux" else "flux-general-en"
        self.others: Sequence[str] = ()
        self._choice = choice
        self._credential = credential
        self._address = address

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
        hints = terms(self._choice.hints, phrases, most=MOST_TERMS)
        forced = on_sign is no_signs
        call = FluxTranscription(
            callbacks, model=self.model, secret=key, always=self._choice.hints, hints=hints, forced=forced
        )
        query = self._query(language, hints, forced=forced)
        await call.connect(
            websocket_url(self._address, "/v2/listen", query),
            headers={"Authorization": f"Token {key}"},
            public_only=self._credential.public_only,
        )
        return call

    def _query(self, language: str, hints: Sequence[str], *, forced: bool) -> Query:
        # 1.0 keeps the model from ending a turn of itself.
        turns = {"eot_threshold": "1.0"} if forced else {"eager_eot_threshold": EAGER}
        languages = list(dict.fromkeys(short(each) for each in (language, *self.others)))
        spoken = {"language_hint": languages} if self.model == MULTILINGUAL else {}
        return {
            "model": self.model,
            "encoding": "linear16",
            "sample_rate": SAMPLE_RATE,
            "keyterm": hints,
            **turns,
            **spoken,
            **self._choice.extra,
        }


class FluxTranscription(SocketTranscription):
    """A turn's transcript is told from its beginning every quarter of a second."""

    name = NAME
    # What Deepgram recommends for flux.
    batch_ms = 80

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

    def _ending(self) -> Sequence[Message]:
        return ['{"type":"ForceEndTurn"}'] if self._forced else ()

    def _last(self) -> Sequence[Message]:
        return ['{"type":"CloseStream"}']

    def _hint(self, phrases: Sequence[str]) -> None:
        hints = terms(self._always, phrases, most=MOST_TERMS)
        if hints != self._hints:
            self._hints = hints
            self._put([encoded({"type": "Configure", "keyterms": hints})])

    def _take(self, answer: dict[str, Any]) -> None:
        kind = answer["type"]
        if kind == "Connected":
            self._ready()
        elif kind == "Error":
            raise self._error(str(answer.get("description") or answer.get("code") or "an error"))
        elif kind == "TurnInfo":
            self._take_turn(answer, answer["event"])

    def _take_turn(self, turn: dict[str, Any], event: str) -> None:
        confidences = [w["confidence"] for w in turn.get("words") or [] if "confidence" in w]
        confidence = sum(confidences) / len(confidences) if confidences else None
        languages = turn.get("languages") or [""]
        self._turn.take(
            turn["transcript"],
            confidence,
            language=languages[0],
            until_ms=turn["audio_window_end"] * 1000,
            complete=event in {"EagerEndOfTurn", "EndOfTurn"},
            forced=turn.get("trigger") == "manual",
        )
        if event == "EagerEndOfTurn":
            self._callbacks.on_sign(TurnSign.LIKELY_OVER)
        elif event == "TurnResumed":
            self._callbacks.on_sign(TurnSign.RESUMED)
        elif event == "EndOfTurn":
            self._turn.end()
            self._callbacks.on_sign(TurnSign.OVER)
