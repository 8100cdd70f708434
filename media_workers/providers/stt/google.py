"""Google's Speech-to-Text v2, which streams by gRPC only: one streaming call for each utterance, whose audio
is ended when its final text is wanted. Calls with the same key share a connection.

The key is a service account's JSON, or an API key together with the setting `project`.
https://docs.cloud.google.com/speech-to-text/docs/reference/rpc/google.cloud.speech.v2
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers import outside, sharing
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
from media_workers.providers.stt.google_calls import Connection, Recognition
from media_workers.providers.stt.languages import regional
from media_workers.providers.stt.stream import Callbacks, StreamTranscription, key_of, terms
from media_workers.providers.stt.utterances import Utterance

NAME = "google"
DEFAULT_MODEL = "telephony"
CLOSE_LIMIT_S = 0.5
MOST_TERMS = 500
MOST_WAITING = 1_000
"""Messages of audio, a minute of them: then the vendor takes nothing any more."""
LINEAR16 = 1

_LANGUAGES = {
    "zh-CN": "cmn-Hans-CN",
    "zh-TW": "cmn-Hant-TW",
    "zh-HK": "yue-Hant-HK",
    "nb-NO": "no-NO",
    "he-IL": "iw-IL",
}
"""Where Google says it in another way."""

_STATUS_OF = {
    "INVALID_ARGUMENT": 400,
    "OUT_OF_RANGE": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "UNIMPLEMENTED": 404,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""gRPC's codes, by HTTP's word for the same."""


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Raises `ProviderError` without a key, or without a project."""
    key = key_of(credential, NAME)
    return GoogleSpeechToText(choice, key, _account_of(key))


def _account_of(credential: Credential) -> dict[str, Any]:
    """The service account, where the key is one; {}: it is an API key. Raises `ProviderError`."""
    if not credential.api_key.lstrip().startswith("{"):
        return {}
    try:
        account = json.loads(credential.api_key)
    except ValueError:
        raise ProviderError("stt", NAME, "its key is no valid JSON", retryable=False) from None
    return dict(account)


class GoogleSpeechToText:
    """`credential.region` is where Google processes the audio (`us`, `eu`, `europe-west4`), else anywhere."""

    name = NAME
    whole_turns = False
    continuous = False

    def __init__(self, choice: Transcriber, credential: Credential, account: dict[str, Any]) -> None:
        self.model = choice.model or DEFAULT_MODEL
        self.others: Sequence[str] = ()
        self._choice = choice
        self._credential = credential
        self._account = account
        # Chirp is in no global location.
        self._location = credential.region or ("us" if self.model.startswith("chirp") else "global")
        project = choice.extra.get("project", "") or str(account.get("project_id", ""))
        if not project:
            raise ProviderError("stt", NAME, "needs the setting project beside an API key", retryable=False)
        self._recognizer = f"projects/{project}/locations/{self._location}/recognizers/_"

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> Transcription:
        """Raises `ProviderError`. A wrong key shows at the first utterance."""
        # Loading gRPC takes some 200 ms, for which the calls of this loop need not wait.
        await asyncio.to_thread(import_module, "grpc")
        address = await self._pinned() if self._credential.public_only else ""
        connection = sharing.shared(
            (*self._shared_as, address), lambda: Connection(self._address, self._account, address)
        )
        await connection.ready()
        return GoogleTranscription(
            Callbacks(on_transcript, on_error, on_sign),
            model=self.model,
            secret=self._credential.api_key,
            connection=connection,
            config=self._config(language, phrases),
            recognizer=self._recognizer,
        )

    async def _pinned(self) -> str:
        try:
            return await outside.pinned(self._address)
        except OSError as error:
            raise ProviderError("stt", NAME, f"cannot be reached: {error.strerror or 'not found'}") from None

    @property
    def _address(self) -> str:
        place = "" if self._location == "global" else f"{self._location}-"
        return self._credential.base_url or f"https://{place}speech.googleapis.com"

    @property
    def _shared_as(self) -> tuple[str, ...]:
        key = self._credential.digest or self._credential.api_key
        return (NAME, "stt", self._address, key)

    def _config(self, language: str, phrases: Sequence[str]) -> dict[str, Any]:
        decoding = {"encoding": LINEAR16, "sample_rate_hertz": SAMPLE_RATE, "audio_channel_count": 1}
        names = [regional(each) for each in (language, *self.others)]
        config: dict[str, Any] = {
            "explicit_decoding_config": decoding,
            "model": self.model,
            "language_codes": list(dict.fromkeys(_LANGUAGES.get(each, each) for each in names)),
            "features": {"enable_automatic_punctuation": True},
        }
        if hints := terms(self._choice.hints, phrases, most=MOST_TERMS):
            listed = {"phrases": [{"value": hint, "boost": 10} for hint in hints]}
            config["adaptation"] = {"phrase_sets": [{"inline_phrase_set": listed}]}
        return {"config": config, "streaming_features": {"interim_results": True}}


class GoogleTranscription(StreamTranscription):
    """Its results need no place in the stream: each call is an utterance of its own."""

    name = NAME

    def __init__(
        self,
        callbacks: Callbacks,
        *,
        model: str,
        secret: str,
        connection: Connection,
        config: dict[str, Any],
        recognizer: str,
    ) -> None:
        super().__init__(callbacks, model=model, secret=secret)
        self._connection = connection
        self._config = config
        self._recognizer = recognizer
        self._current: Recognition | None = None
        self._running: set[Recognition] = set()

    async def close(self) -> None:
        """Cancels what is under way, which the vendor sees at once."""
        self._over = True
        running = list(self._running)
        for recognition in running:
            recognition.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                for recognition in running:
                    await recognition.over.wait()

    def _begin(self, number: int, at_ms: int) -> None:
        self._end()
        super()._begin(number, at_ms)

    def _send_audio(self, pcm: bytes) -> None:
        utterance = self._utterances.current
        if utterance is None or utterance.ends_ms is not None:
            return  # nobody asked for what is said now
        if self._current is None:
            self._current = self._started(utterance)
        if self._current.waiting > MOST_WAITING:
            self._fail(self._error("takes no more audio"))
            return
        self._current.send(audio=pcm)

    def _started(self, utterance: Utterance) -> Recognition:
        recognition = Recognition(utterance, self._post)
        self._running.add(recognition)
        recognition.send(recognizer=self._recognizer, streaming_config=self._config)
        recognition.start(
            partial(self._connection.recognize, recognizer=self._recognizer, api_key=self._secret),
            on_response=self._take,
            on_end=self._ended,
        )
        return recognition

    def _ask(self, number: int, at_ms: int) -> None:
        self._utterances.ask(number, at_ms)
        if self._current is not None:
            self._end()
        else:
            self._utterances.settle(self._utterances.numbered(number))

    def _end(self) -> None:
        if self._current is not None:
            self._current.end()
            self._current = None

    def _take(self, utterance: Utterance, response: Any) -> None:
        interim = []
        for result in response.results:
            if not result.alternatives:
                continue
            best = result.alternatives[0]
            utterance.language = result.language_code or utterance.language
            if result.is_final:
                # 0.0 says that there is none.
                self._utterances.add(utterance, best.transcript, best.confidence or None)
            else:
                interim.append(best.transcript)
        if interim:
            self._utterances.partial(utterance, "".join(interim))

    def _ended(self, recognition: Recognition, failure: Exception | None) -> None:
        self._running.discard(recognition)
        recognition.over.set()
        if recognition is self._current:
            # It has ended by itself: what follows of the utterance is another call.
            self._current = None
        if failure is not None:
            self._fail(self._told(failure))
        self._utterances.settle(recognition.utterance)

    def _told(self, failure: Exception) -> ProviderError:
        import grpc

        if not isinstance(failure, grpc.Call):
            # The text of what a key's library says may hold the key.
            return self._error("could not be asked: its key signs nothing", retryable=False)
        said = {"message": failure.details() or failure.code().name}
        status = _STATUS_OF.get(failure.code().name, 500)
        return refusal("stt", NAME, status, json.dumps(said), self._secret)
