"""What all vendors have in common that listen to a stream: audio in batches, and utterances.

An adapter is a `StreamTranscription` that knows how to reach its vendor (`sockets`: by a websocket),
and a `SpeechToText` that makes one for each call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from media_workers.contract.vendors import Credential
from media_workers.providers.base import SAMPLE_RATE, ProviderError, Transcript, TurnSign
from media_workers.providers.llm.phrases import ANY_DIGITS
from media_workers.providers.refusals import scrub
from media_workers.providers.stt.utterances import Utterances

BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
MOST_MS = 500
"""Of audio in one message: what was said before the connection was there comes in one piece."""


@dataclass(frozen=True)
class Callbacks:
    """Who is told, on the loop that opened the transcription."""

    on_transcript: Callable[[Transcript], None]
    on_error: Callable[[ProviderError], None]
    on_sign: Callable[[TurnSign], None]


class StreamTranscription:
    """One call at a vendor. `start_utterance`, `feed`, `finalize` and `expect` come from the media clock:
    they touch their own batch and reach the loop once per batch. Everything else is the loop's."""

    name: ClassVar[str]
    batch_ms: ClassVar[int] = 60

    def __init__(self, callbacks: Callbacks, *, model: str, secret: str = "") -> None:
        self.model = model
        self._callbacks = callbacks
        self._secret = secret
        self._loop = asyncio.get_running_loop()
        self._batch = bytearray()
        self._batch_bytes = self.batch_ms * BYTES_PER_MS
        self._fed = 0
        self._utterances = Utterances(self._tell)
        self._over = False

    # --- media clock ----------------------------------------------------------------------------

    def start_utterance(self, utterance: int) -> None:
        """What follows is `utterance`'s."""
        self._flush()
        self._post(self._begin, utterance, self._fed // BYTES_PER_MS)

    def feed(self, pcm: bytes) -> None:
        """Audio of the caller."""
        self._batch += pcm
        self._fed += len(pcm)
        if len(self._batch) >= self._batch_bytes:
            self._flush()

    def finalize(self, utterance: int) -> None:
        """Asks for what has been said until now."""
        self._flush()
        self._post(self._ask, utterance, self._fed // BYTES_PER_MS)

    def expect(self, phrases: Sequence[str]) -> None:
        """A hint for vendors that take one in the middle of a stream."""
        self._post(self._hint, tuple(phrases))

    def _flush(self) -> None:
        if self._batch:
            batch, self._batch = self._batch, bytearray()
            self._post(self._take_audio, bytes(batch))

    def _post(self, do: Callable[..., None], *arguments: object) -> None:
        # A call may end while its clock still ticks, and with it the loop of a stopping line.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(do, *arguments)

    # --- loop -----------------------------------------------------------------------------------

    async def close(self) -> None:
        """Ends the stream, within a second."""
        raise NotImplementedError

    def _begin(self, number: int, at_ms: int) -> None:
        self._utterances.begin(number, at_ms)

    def _ask(self, number: int, at_ms: int) -> None:
        """`number` has ended at `at_ms`: its final text is wanted."""
        raise NotImplementedError

    def _hint(self, phrases: Sequence[str]) -> None:
        """Phrases likely next."""

    def _take_audio(self, pcm: bytes) -> None:
        if self._over:
            return
        for start in range(0, len(pcm), MOST_MS * BYTES_PER_MS):
            self._send_audio(pcm[start : start + MOST_MS * BYTES_PER_MS])

    def _send_audio(self, pcm: bytes) -> None:
        """Audio on its way to the vendor, at most `MOST_MS` of it."""
        raise NotImplementedError

    def _tell(self, transcript: Transcript) -> None:
        if not self._over:
            self._callbacks.on_transcript(transcript)

    def _fail(self, error: ProviderError) -> None:
        """The stream is of no use any more: told once."""
        if not self._over:
            self._over = True
            self._callbacks.on_error(error)

    def _error(self, detail: str, *, retryable: bool = True) -> ProviderError:
        return ProviderError("stt", self.name, scrub(detail, self._secret), retryable=retryable)


def key_of(credential: Credential | None, vendor: str) -> Credential:
    """The credential, which `vendor` needs. Raises `ProviderError`."""
    if credential is None or not credential.api_key:
        raise ProviderError("stt", vendor, f"has no key: give one for {vendor}", retryable=False)
    return credential


_OPTIONAL = re.compile(r"[\[\]]")


def terms(*lists: Iterable[str], most: int, longest: int = 100) -> list[str]:
    """Hints as vendors take them: without the brackets of a grammar, each once, no longer than allowed."""
    found: dict[str, None] = {}
    for phrases in lists:
        for phrase in phrases:
            plain = " ".join(_OPTIONAL.sub(" ", phrase).split())
            if plain and phrase != ANY_DIGITS and len(plain) <= longest:
                found.setdefault(plain)
    return list(found)[:most]


def encoded(message: Mapping[str, object]) -> str:
    """A message as JSON."""
    return json.dumps(message, separators=(",", ":"))
