"""Several transcribers: when one breaks, the next hears the caller's utterance from its beginning."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from media_workers.providers.base import (
    FRAME_BYTES,
    SAMPLE_RATE,
    Polyglot,
    ProviderError,
    SpeechToText,
    Transcript,
    Transcription,
    TurnSign,
    no_signs,
)
from media_workers.providers.fallback.chain import Breaker, Chain, Option, Watch, broken, copied, slow

logger = logging.getLogger(__name__)

CLOSE_LIMIT_S = 3.0
BYTES_PER_MS = 2 * SAMPLE_RATE // 1000

SILENT_S = 3.0
LEAST_BYTES = 600 * BYTES_PER_MS
"""Who has told nothing of an utterance of this length for so long, when the next one is over, has fallen
silent: if there is another, it is asked."""

KEPT_BYTES = 30_000 * BYTES_PER_MS
"""Of an utterance, the last 30 s are kept for a transcriber that is (re)opened."""


class FallbackTranscriber:
    """A `SpeechToText`. `whole_turns` and `continuous` are those of the vendor that listens now."""

    def __init__(
        self, options: Sequence[Option[SpeechToText]], *, watch: Watch, breaker: Breaker | None = None
    ) -> None:
        self.options = options
        self.chain = Chain("stt", options, breaker)
        self.watch = watch
        vendors = [o.subject for o in options if not isinstance(o.subject, ProviderError)]
        self.name = options[0].vendor
        self.model = ""
        self.whole_turns = self.continuous = False
        if vendors:
            self.listens(vendors[0])

    def hear_too(self, languages: Sequence[str]) -> bool:
        """Before anybody listens. Whether the first of the vendors tells these languages apart and hears them
        all; those behind it do so too where they can."""
        polyglots = [o.subject for o in self.options if isinstance(o.subject, Polyglot)]
        for vendor in polyglots:
            vendor.others = tuple(languages)
        return bool(polyglots) and polyglots[0] is self.options[0].subject

    def listens(self, vendor: SpeechToText) -> None:
        self.model = vendor.model
        self.whole_turns, self.continuous = vendor.whole_turns, vendor.continuous

    def connect(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> FallbackTranscription:
        """As `open`, but at once: what is fed before somebody listens is kept for them."""
        return FallbackTranscription(self, language, phrases, on_transcript, on_error, on_sign)

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> FallbackTranscription:
        """`on_error` is told only when nobody is left to listen."""
        transcription = self.connect(
            language=language,
            phrases=phrases,
            on_transcript=on_transcript,
            on_error=on_error,
            on_sign=on_sign,
        )
        await transcription.settled()
        return transcription


class FallbackTranscription:
    """One call's. `start_utterance`, `lead_in`, `feed`, `silence`, `finalize` and `expect` come from the
    media clock; the rest runs on the loop that made it. `_lock` is held for microseconds.

    `sent_bytes`: audio given to vendors so far, repetitions included.
    """

    def __init__(
        self,
        composite: FallbackTranscriber,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None],
    ) -> None:
        self._composite = composite
        self._chain = composite.chain
        self._language = language
        self._phrases = phrases
        self._on_transcript = on_transcript
        self._on_error = on_error
        self._on_sign = on_sign
        self._lock = threading.Lock()
        self._inner: Transcription | None = None
        self._connection = 0
        self._closed = False
        self._audio = bytearray()
        self._utterance = 0
        self._asked = False
        self.sent_bytes = 0
        self._early: ProviderError | None = None
        self._option = composite.options[0]
        self._waits_since: float | None = None
        self._loop = asyncio.get_running_loop()
        self._connecting = self._loop.create_task(self._connect())

    # --- media clock ------------------------------------------------------------------------------

    def start_utterance(self, utterance: int) -> None:
        with self._lock:
            self._audio.clear()
            self._utterance, self._asked = utterance, False
            if self._inner is not None:
                self._inner.start_utterance(utterance)

    def lead_in(self, pcm: bytes) -> None:
        """The audio just before: a vendor that hears everything has had it already, but for the last
        frame."""
        with self._lock:
            self._keep(pcm)
            self._send(pcm[-FRAME_BYTES:] if self._composite.continuous else pcm)

    def feed(self, pcm: bytes) -> None:
        with self._lock:
            self._keep(pcm)
            self._send(pcm)

    def silence(self, pcm: bytes) -> None:
        """A frame of no utterance, for a vendor that hears everything."""
        if self._composite.continuous:
            with self._lock:
                self._send(pcm)

    def finalize(self, utterance: int) -> None:
        with self._lock:
            self._asked = True
            if self._inner is None:
                return
            self._inner.finalize(utterance)
            now = self._loop.time()
            if self._waits_since is None and len(self._audio) >= LEAST_BYTES:
                self._waits_since = now
            elif self._waits_since is not None and now - self._waits_since > SILENT_S:
                with contextlib.suppress(RuntimeError):  # the call is over, and its loop
                    self._loop.call_soon_threadsafe(self._fell_silent, self._connection)

    def expect(self, phrases: Sequence[str]) -> None:
        with self._lock:
            self._phrases = phrases
            if self._inner is not None:
                self._inner.expect(phrases)

    def _keep(self, pcm: bytes) -> None:
        self._audio += pcm
        if len(self._audio) > KEPT_BYTES:
            del self._audio[: len(self._audio) - KEPT_BYTES]

    def _send(self, pcm: bytes) -> None:
        if self._inner is not None:
            self._inner.feed(pcm)
            self.sent_bytes += len(pcm)

    # --- loop -------------------------------------------------------------------------------------

    async def settled(self) -> None:
        """Returns when somebody listens, or nobody can."""
        await asyncio.wait({self._connecting})

    async def close(self) -> None:
        self._closed = True
        while not self._connecting.done():
            self._connecting.cancel()
            await asyncio.wait({self._connecting}, timeout=CLOSE_LIMIT_S)
        await self._hang_up()

    async def _connect(self) -> None:
        """Down the list until one listens."""
        loop = asyncio.get_running_loop()
        while True:
            option, asked = await self._chain.current(), loop.time()
            self._connection += 1
            self._option, self._early = option, None
            try:
                await self._open(option, self._connection)
                if self._early is None:
                    return
                raise self._early
            except ProviderError as error:
                await self._hang_up()
                if not self._failed(error, round((loop.time() - asked) * 1000)):
                    return

    async def _open(self, option: Option[SpeechToText], connection: int) -> None:
        vendor, limit_ms = option.served(), self._chain.first_limit_ms
        try:
            async with asyncio.timeout(limit_ms / 1000):
                inner = await vendor.open(
                    language=self._language,
                    phrases=self._phrases,
                    on_transcript=lambda t: self._heard(connection, vendor.model, t),
                    on_error=lambda e: self._broke(connection, e),
                    on_sign=self._signs(connection),
                )
        except ProviderError:
            raise
        except TimeoutError:
            raise slow("stt", option.vendor, limit_ms) from None
        except Exception as error:
            raise broken("stt", option.vendor, error) from None
        with self._lock:
            self._inner = inner
            self._waits_since = None
            self._composite.listens(vendor)
            self._replay(inner)

    def _replay(self, inner: Transcription) -> None:
        """What was said while nobody listened."""
        inner.expect(self._phrases)
        if self._utterance:
            inner.start_utterance(self._utterance)
            self._send(bytes(self._audio))
            if self._asked:
                inner.finalize(self._utterance)

    def _failed(self, error: ProviderError, after_ms: int) -> bool:
        """Whether there is another to ask; when not, that is told."""
        more = self._chain.failed(self._option, error)
        if self._closed:
            return False
        if more:
            self._composite.watch.passed_over(error, after_ms)
        else:
            self._on_error(copied(error, retryable=False))
        return more

    def _heard(self, connection: int, model: str, transcript: Transcript) -> None:
        if connection == self._connection and not self._closed:
            self._waits_since = None
            if transcript.final:
                self._chain.served(self._option)
            vendor = self._option.vendor
            self._on_transcript(replace(transcript, vendor=vendor, model=transcript.model or model))

    def _signs(self, connection: int) -> Callable[[TurnSign], None]:
        """A vendor may do without its turn detector when nobody wants the signs."""
        if self._on_sign is no_signs:
            return no_signs
        return lambda sign: self._signed(connection, sign)

    def _signed(self, connection: int, sign: TurnSign) -> None:
        if connection == self._connection and not self._closed:
            self._on_sign(sign)

    def _broke(self, connection: int, error: ProviderError) -> None:
        if connection != self._connection or self._closed:
            return
        if self._connecting.done():
            self._connection += 1
            self._connecting = self._loop.create_task(self._reopen(error))
        else:
            self._early = error

    def _fell_silent(self, connection: int) -> None:
        """Alone it is left as it is: it may be right, and there was nothing to be heard."""
        if len(self._composite.options) > 1:
            error = ProviderError(
                "stt", self._option.vendor, "tells nothing of what was said", retryable=False
            )
            self._broke(connection, error)

    async def _reopen(self, error: ProviderError) -> None:
        await self._hang_up()
        if self._failed(error, 0):
            await self._connect()

    async def _hang_up(self) -> None:
        with self._lock:
            inner, self._inner = self._inner, None
        if inner is not None:
            with contextlib.suppress(TimeoutError):
                try:
                    async with asyncio.timeout(CLOSE_LIMIT_S):
                        await inner.close()
                except ProviderError as error:
                    logger.warning("a transcription did not close cleanly: %s", error)
