"""OpenAI's transcription sessions (`/v1/realtime?intent=transcription`): mu-law in, one item for each commit.

https://developers.openai.com/api/docs/guides/realtime-transcription
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from typing import Any

from media_workers.audio import mulaw
from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers.base import (
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
from media_workers.providers.stt.stream import Callbacks, encoded, key_of, terms
from media_workers.providers.stt.utterances import Utterance
from media_workers.providers.websocket import Message, websocket_url

NAME = "openai"
DEFAULT_MODEL = "gpt-live-transcribe"
TAKES_KEYWORDS = frozenset({"gpt-live-transcribe", "gpt-transcribe"})
TAKES_NO_PROMPT = frozenset({"gpt-realtime-whisper"})
MOST_TERMS = 100

_TRANSCRIPTION = "conversation.item.input_audio_transcription."
_LASTING = frozenset({"invalid_request_error", "authentication_error", "permission_error"})


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Raises `ProviderError` without a key."""
    return OpenAISpeechToText(choice, key_of(credential, NAME))


class OpenAISpeechToText:
    """Transcribes what is committed; its own turn detection stays off."""

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
        call = OpenAITranscription(
            Callbacks(on_transcript, on_error, on_sign),
            model=self.model,
            secret=key,
            session=self._session(language, phrases),
        )
        eu = self._credential.region.lower() == "eu"
        default = "https://eu.api.openai.com/v1" if eu else "https://api.openai.com/v1"
        url = websocket_url(self._credential.base_url or default, "/realtime", {"intent": "transcription"})
        await call.connect(
            url, headers={"Authorization": f"Bearer {key}"}, public_only=self._credential.public_only
        )
        return call

    def _session(self, language: str, phrases: Sequence[str]) -> dict[str, object]:
        extra = dict(self._choice.extra)
        noise = extra.pop("noise_reduction", "")
        hints = terms(self._choice.hints, phrases, most=MOST_TERMS)
        transcription: dict[str, object] = {"model": self.model}
        if not self.others:
            # Without one it hears all of them, but does not say which it was.
            transcription["language"] = short(language)
        if hints and self.model in TAKES_KEYWORDS:
            transcription["keywords"] = hints
        elif hints and self.model not in TAKES_NO_PROMPT:
            transcription["prompt"] = f"Expect these words: {', '.join(hints)}"
        return {
            "type": "transcription",
            "audio": {
                "input": {
                    "format": {"type": "audio/pcmu"},
                    "transcription": {**transcription, **extra},
                    "turn_detection": None,
                    **({"noise_reduction": {"type": noise}} if noise else {}),
                }
            },
            **({"include": ["item.input_audio_transcription.logprobs"]} if "4o" in self.model else {}),
        }


class OpenAITranscription(CommitTranscription):
    """Words come as deltas of an item; which utterance an item is of is told by `committed`."""

    name = NAME
    least_ms = 100

    def __init__(self, callbacks: Callbacks, *, model: str, secret: str, session: dict[str, object]) -> None:
        super().__init__(callbacks, model=model, secret=secret)
        self._session = session
        self._items: dict[str, Utterance | None] = {}
        self._deltas: dict[str, str] = {}

    def _first(self) -> Sequence[Message]:
        return [encoded({"type": "session.update", "session": self._session})]

    def _audio(self, pcm: bytes) -> Message:
        audio = base64.b64encode(mulaw.encode(pcm)).decode()
        return f'{{"type":"input_audio_buffer.append","audio":"{audio}"}}'

    def _ending(self) -> Sequence[Message]:
        return ['{"type":"input_audio_buffer.commit"}']

    def _take(self, answer: dict[str, Any]) -> None:
        kind = answer["type"]
        if kind == "session.updated":
            self._ready()
        elif kind == "input_audio_buffer.committed":
            self._items[answer["item_id"]] = self._answered()
        elif kind == f"{_TRANSCRIPTION}delta":
            self._take_delta(answer["item_id"], answer.get("delta") or "")
        elif kind == f"{_TRANSCRIPTION}completed":
            self._take_completed(answer)
        elif kind == "error" or kind == f"{_TRANSCRIPTION}failed":
            self._take_error(answer["error"])

    def _take_delta(self, item: str, delta: str) -> None:
        text = self._deltas[item] = self._deltas.get(item, "") + delta
        # Words of what is not committed yet come under the name that it will have.
        utterance = self._items[item] if item in self._items else self._speaking_of()
        self._utterances.partial(utterance, text)

    def _take_completed(self, answer: dict[str, Any]) -> None:
        item = answer["item_id"]
        utterance = self._items.pop(item, None)
        self._deltas.pop(item, None)
        logprobs = [entry["logprob"] for entry in answer.get("logprobs") or []]
        confidence = math.exp(sum(logprobs) / len(logprobs)) if logprobs else None
        self._utterances.add(utterance, answer["transcript"], confidence)
        self._utterances.settle(utterance)

    def _take_error(self, error: dict[str, Any]) -> None:
        if error.get("code") == "input_audio_buffer_commit_empty":
            self._utterances.settle(self._answered())
            return
        lasting = error.get("type") in _LASTING
        raise refusal("stt", NAME, 400 if lasting else 500, encoded(error), self._secret)
