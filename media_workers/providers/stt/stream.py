"""What all vendors have in common that listen over a websocket: audio in batches, utterances, the end.

An adapter is a `SocketTranscription` that knows its vendor's messages, and a `SpeechToText` that makes one
for each call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from media_workers.contract.vendors import Credential
from media_workers.providers import websocket
from media_workers.providers.base import SAMPLE_RATE, ProviderError, Transcript, TurnSign
from media_workers.providers.refusals import scrub
from media_workers.providers.stt.utterances import Utterances
from media_workers.providers.websocket import Message, VendorSocket

READY_LIMIT_S = 5.0
BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
MOST_MS = 500
"""Of audio in one message: what was said before the connection was there comes in one piece."""


@dataclass(frozen=True)
class Callbacks:
    """Who is told, on the loop that opened the transcription."""

    on_transcript: Callable[[Transcript], None]
    on_error: Callable[[ProviderError], None]
    on_sign: Callable[[TurnSign], None]


class SocketTranscription:
    """One call at a vendor. `start_utterance`, `feed`, `finalize` and `expect` come from the media clock:
    they touch their own batch and reach the loop once per batch. Everything else is the loop's."""

    name: ClassVar[str]
    batch_ms: ClassVar[int] = 60
    keep_alive_s: ClassVar[float | None] = None
    """After so long without a message `_keep_alive` is sent."""
    waits_for_ready: ClassVar[bool] = True
    """Whether the vendor says that it is ready (`_ready`); audio waits for it."""

    def __init__(self, callbacks: Callbacks, *, model: str, secret: str = "") -> None:
        self.model = model
        self._callbacks = callbacks
        self._secret = secret
        self._loop = asyncio.get_running_loop()
        self._batch = bytearray()
        self._batch_bytes = self.batch_ms * BYTES_PER_MS
        self._fed = 0
        self._utterances = Utterances(callbacks.on_transcript)
        self._socket: VendorSocket | None = None
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._keeping: asyncio.TimerHandle | None = None
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
            self._post(self._send_audio, bytes(batch))

    def _post(self, do: Callable[..., None], *arguments: object) -> None:
        # A call may end while its clock still ticks, and with it the loop of a stopping line.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(do, *arguments)

    # --- loop -----------------------------------------------------------------------------------

    async def connect(
        self, url: str, *, headers: Mapping[str, str] | None = None, subprotocols: Sequence[str] = ()
    ) -> None:
        """Returns when the vendor listens. Raises `ProviderError`."""
        connection = await websocket.connect(
            url,
            component="stt",
            vendor=self.name,
            headers=headers,
            subprotocols=subprotocols,
            secret=self._secret,
        )
        self._socket = VendorSocket(
            connection,
            component="stt",
            vendor=self.name,
            on_message=self._arrived,
            on_broken=self._broken,
            secret=self._secret,
        )
        self._put(self._first())
        if not self.waits_for_ready:
            self._ready()
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                await self._opened
        except TimeoutError:
            await self.close()
            raise self._error(f"not ready after {READY_LIMIT_S:.0f} s") from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends the stream, within a second."""
        self._over = True
        if self._keeping is not None:
            self._keeping.cancel()
        if self._socket is not None:
            await self._socket.close(*self._last())

    def _begin(self, number: int, at_ms: int) -> None:
        self._utterances.begin(number, at_ms)

    def _ask(self, number: int, at_ms: int) -> None:
        """`number` has ended at `at_ms`: the vendor is asked for it unless it has said everything."""
        self._utterances.ask(number, at_ms)
        if any(True for _ in self._utterances.waiting()):
            self._put(self._ending())

    def _send_audio(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), MOST_MS * BYTES_PER_MS):
            self._put([self._audio(pcm[start : start + MOST_MS * BYTES_PER_MS])])

    def _put(self, messages: Iterable[Message]) -> None:
        if self._socket is not None and not self._over:
            for message in messages:
                self._socket.put(message)

    def _ready(self) -> None:
        """The vendor listens."""
        if not self._opened.done():
            self._opened.set_result(None)
            self._stay()

    def _stay(self) -> None:
        """Sees to it that the vendor hears of us every `keep_alive_s`."""
        if self.keep_alive_s is None or self._socket is None or self._over:
            return
        idle = self._loop.time() - self._socket.sent_at
        if idle >= self.keep_alive_s:
            self._put(self._keep_alive())
            idle = 0.0
        self._keeping = self._loop.call_later(self.keep_alive_s - idle, self._stay)

    def _arrived(self, message: Message) -> None:
        """Raises `ProviderError` for what cannot be understood, and for what is an error of the vendor's."""
        if self._over:
            return
        try:
            self._take_message(message)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise self._error("sent an answer that is not understood") from error

    def _take_message(self, message: Message) -> None:
        answer = json.loads(message)
        if not isinstance(answer, dict):
            raise ValueError("no object")
        self._take(answer)

    def _broken(self, error: ProviderError) -> None:
        if self._over:
            return
        if not self._opened.done():
            self._opened.set_exception(error)
        else:
            self._over = True
            self._callbacks.on_error(error)

    def _error(self, detail: str, *, retryable: bool = True) -> ProviderError:
        return ProviderError("stt", self.name, scrub(detail, self._secret), retryable=retryable)

    # --- what a vendor's adapter says -------------------------------------------------------------

    def _first(self) -> Sequence[Message]:
        """Sent when the connection is there."""
        return ()

    def _audio(self, pcm: bytes) -> Message:
        return pcm

    def _ending(self) -> Sequence[Message]:
        """Asks for everything that has been said."""
        return ()

    def _keep_alive(self) -> Sequence[Message]:
        return ()

    def _last(self) -> Sequence[Message]:
        """Ends the stream in good order."""
        return ()

    def _hint(self, phrases: Sequence[str]) -> None:
        """Phrases likely next."""

    def _take(self, answer: dict[str, Any]) -> None:
        """An answer of the vendor's. Raises `ProviderError` for its errors."""
        raise NotImplementedError


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
            if plain and len(plain) <= longest:
                found.setdefault(plain)
    return list(found)[:most]


def encoded(message: Mapping[str, object]) -> str:
    """A message as JSON."""
    return json.dumps(message, separators=(",", ":"))
