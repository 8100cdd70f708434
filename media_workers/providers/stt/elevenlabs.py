"""ElevenLabs' scribe in real time (`/v1/speech-to-text/realtime`): PCM at 8 kHz, transcribed at each commit.

https://elevenlabs.io/docs/api-reference/speech-to-text/v-1-speech-to-text-realtime
"""

from __future__ import annotations

import base64
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
from media_workers.providers.stt.commits import CommitTranscription
from media_workers.providers.stt.languages import short
from media_workers.providers.stt.stream import BYTES_PER_MS, Callbacks, encoded, key_of, terms
from media_workers.providers.websocket import Message, Query, websocket_url

NAME = "elevenlabs"
DEFAULT_MODEL = "scribe_v2_realtime"
MOST_TERMS = 50
LONGEST_TERM = 20

_STATUS_OF = {
    "error": 500,
    "auth_error": 401,
    "quota_exceeded": 402,
    "unaccepted_terms": 403,
    "unaccepted_terms_error": 403,
    "invalid_request": 400,
    "input_error": 400,
    "chunk_size_exceeded": 413,
    "rate_limited": 429,
    "queue_overflow": 429,
    "resource_exhausted": 503,
    "transcriber_error": 500,
    "session_time_limit_exceeded": 408,
    "insufficient_audio_activity": 408,
}
"""Their errors, by HTTP's word for the same."""


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Raises `ProviderError` without a key."""
    return ElevenLabsSpeechToText(choice, key_of(credential, NAME))


class ElevenLabsSpeechToText:
    """Transcribes what is committed."""

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
        call = ElevenLabsTranscription(callbacks, model=self.model, secret=key)
        call.tells_language = bool(self.others)
        url = websocket_url(self._address(), "/v1/speech-to-text/realtime", self._query(language, phrases))
        await call.connect(url, headers={"xi-api-key": key}, public_only=self._credential.public_only)
        return call

    def _address(self) -> str:
        region = self._credential.region.lower()
        isolated = f"wss://api.{region}.residency.elevenlabs.io" if region in {"eu", "in"} else ""
        return self._credential.base_url or isolated or "wss://api.elevenlabs.io"

    def _query(self, language: str, phrases: Sequence[str]) -> Query:
        return {
            "model_id": self.model,
            **({"include_language_detection": "true"} if self.others else {"language_code": short(language)}),
            "audio_format": f"pcm_{SAMPLE_RATE}",
            "commit_strategy": "manual",
            "keyterms": terms(self._choice.hints, phrases, most=MOST_TERMS, longest=LONGEST_TERM),
            **self._choice.extra,
        }


class ElevenLabsTranscription(CommitTranscription):
    """A partial transcript is of everything that is not committed."""

    name = NAME
    # The language comes in a message of its own, which says the same again.
    tells_language = False
    least_ms = 320
    # Where no audio comes for long, the session is ended.
    keep_alive_s = 8.0

    def _audio(self, pcm: bytes) -> Message:
        return _chunk(pcm)

    def _ending(self) -> Sequence[Message]:
        return [_chunk(b"", commit="true")]

    def _keep_alive(self) -> Sequence[Message]:
        return [_chunk(bytes(100 * BYTES_PER_MS))]

    def _take(self, answer: dict[str, Any]) -> None:
        kind = answer["message_type"]
        if kind == "session_started":
            self._ready()
        elif kind == "partial_transcript":
            self._utterances.partial(self._speaking_of(), answer["text"])
        elif kind == (
            "committed_transcript_with_timestamps" if self.tells_language else "committed_transcript"
        ):
            utterance = self._answered()
            if utterance is not None:
                utterance.language = answer.get("language_code") or ""
            self._utterances.add(utterance, answer["text"])
            self._utterances.settle(utterance)
        elif kind == "commit_throttled":
            # There was too little to be transcribed.
            self._utterances.settle(self._answered())
        elif kind in _STATUS_OF:
            raise refusal("stt", NAME, _STATUS_OF[kind], encoded(answer), self._secret)


def _chunk(pcm: bytes, *, commit: str = "false") -> str:
    audio = base64.b64encode(pcm).decode()
    return (
        f'{{"message_type":"input_audio_chunk","audio_base_64":"{audio}",'
        f'"commit":{commit},"sample_rate":{SAMPLE_RATE}}}'
    )
