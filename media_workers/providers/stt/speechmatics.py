"""Speechmatics in real time (`/v2`): words with their times, and an end of an utterance that can be forced.

https://docs.speechmatics.com/api-ref/realtime-transcription-websocket
"""

from __future__ import annotations

from collections import deque
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
from media_workers.providers.stt.languages import short
from media_workers.providers.stt.sockets import SocketTranscription
from media_workers.providers.stt.stream import Callbacks, encoded, key_of, terms
from media_workers.providers.stt.utterances import Utterance
from media_workers.providers.websocket import Message, websocket_url

NAME = "speechmatics"
DEFAULT_MODEL = "enhanced"
MOST_TERMS = 1_000
END_OF_TURN_S = 0.6
"""Silence after which it says that an utterance is over, where somebody listens to that."""

_LANGUAGES = {"zh": "cmn", "nb": "no"}
_ENGLISH = frozenset({"en-US", "en-GB", "en-AU"})
_STATUS_OF = {
    "not_authorised": 401,
    "insufficient_funds": 402,
    "not_allowed": 403,
    "invalid_model": 400,
    "invalid_language": 400,
    "invalid_config": 400,
    "invalid_audio_type": 400,
    "invalid_message": 400,
    "invalid_output_format": 400,
    "protocol_error": 400,
    "quota_exceeded": 429,
    "timelimit_exceeded": 429,
}
"""Their errors, by HTTP's word for the same."""


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Raises `ProviderError` without a key."""
    return SpeechmaticsSpeechToText(choice, key_of(credential, NAME))


class SpeechmaticsSpeechToText:
    """Hears the whole call: it finds the end of an utterance by the silence after it."""

    name = NAME
    whole_turns = False
    continuous = True

    def __init__(self, choice: Transcriber, credential: Credential) -> None:
        self.model = choice.model or DEFAULT_MODEL
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
        forced = on_sign is no_signs
        call = SpeechmaticsTranscription(
            Callbacks(on_transcript, on_error, on_sign),
            model=self.model,
            secret=key,
            config=self._config(language, phrases, forced=forced),
            forced=forced,
        )
        us = self._credential.region.lower() == "us"
        default = "wss://us.rt.speechmatics.com" if us else "wss://eu.rt.speechmatics.com"
        url = websocket_url(self._credential.base_url or default, "/v2")
        await call.connect(
            url, headers={"Authorization": f"Bearer {key}"}, public_only=self._credential.public_only
        )
        return call

    def _config(self, language: str, phrases: Sequence[str], *, forced: bool) -> dict[str, object]:
        spoken = short(language)
        hints = terms(self._choice.hints, phrases, most=MOST_TERMS)
        turns = {"end_of_utterance_silence_trigger": END_OF_TURN_S}
        return {
            "language": _LANGUAGES.get(spoken, spoken),
            **({"output_locale": language} if language in _ENGLISH else {}),
            "operating_point": self.model,
            "enable_partials": True,
            "max_delay": 1.0,
            **({} if forced else {"conversation_config": turns}),
            **({"additional_vocab": [{"content": hint} for hint in hints]} if hints else {}),
            **self._choice.extra,
        }


class SpeechmaticsTranscription(SocketTranscription):
    """A partial transcript is of everything that is not final yet."""

    name = NAME

    def __init__(
        self,
        callbacks: Callbacks,
        *,
        model: str,
        secret: str,
        config: dict[str, object],
        forced: bool,
    ) -> None:
        super().__init__(callbacks, model=model, secret=secret)
        self._config = config
        self._forced = forced
        self._sent = 0
        self._asked: deque[int] = deque()

    def _first(self) -> Sequence[Message]:
        audio = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": SAMPLE_RATE}
        start = {
            "message": "StartRecognition",
            "audio_format": audio,
            "transcription_config": self._config,
        }
        return [encoded(start)]

    def _audio(self, pcm: bytes) -> Message:
        self._sent += 1
        return pcm

    def _ask(self, number: int, at_ms: int) -> None:
        self._utterances.ask(number, at_ms)
        if self._forced:
            self._asked.append(number)
            # The vendor finishes what lies before this second of the stream.
            self._put([encoded({"message": "ForceEndOfUtterance", "timestamp": at_ms / 1000})])

    def _last(self) -> Sequence[Message]:
        return [encoded({"message": "EndOfStream", "last_seq_no": self._sent})]

    def _take(self, answer: dict[str, Any]) -> None:
        kind = answer["message"]
        if kind == "RecognitionStarted":
            self._ready()
        elif kind == "AddPartialTranscript":
            self._utterances.partial(self._spoken(answer), answer["metadata"]["transcript"])
        elif kind == "AddTranscript":
            self._take_final(answer)
        elif kind == "EndOfUtterance":
            self._take_end(answer["metadata"]["end_time"] * 1000)
        elif kind == "Error":
            status = _STATUS_OF.get(answer.get("type", ""), 500)
            said = encoded({"message": answer.get("reason") or answer.get("type")})
            raise refusal("stt", NAME, status, said, self._secret)

    def _spoken(self, answer: dict[str, Any]) -> Utterance | None:
        about = answer["metadata"]
        return self._utterances.at((about["start_time"] + about["end_time"]) * 500)

    def _take_final(self, answer: dict[str, Any]) -> None:
        about = answer["metadata"]
        words = [r["alternatives"][0] for r in answer["results"] if r.get("type") == "word"]
        confidences = [word["confidence"] for word in words if "confidence" in word]
        confidence = sum(confidences) / len(confidences) if confidences else None
        self._utterances.add(self._spoken(answer), about["transcript"], confidence)
        self._utterances.heard(about["end_time"] * 1000)

    def _take_end(self, at_ms: float) -> None:
        """What was said until there is told: the oldest question is answered."""
        if self._asked:
            self._utterances.settle(self._utterances.numbered(self._asked.popleft()))
        elif not self._forced:
            self._utterances.heard(at_ms)
            for utterance in self._utterances.waiting():
                if utterance.begins_ms < at_ms:
                    self._utterances.settle(utterance)
            self._callbacks.on_sign(TurnSign.OVER)
