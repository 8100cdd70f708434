"""The caller's audio on its way to the transcriber, which may be late, fail, and be opened again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from media_workers.conversation.speaking import BYTES_PER_MS
from media_workers.providers.base import ProviderError, SpeechToText, Transcript, Transcription

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 0.25
OPEN_LIMIT_S = 15.0
CLOSE_LIMIT_S = 3.0

KEPT_BYTES = 30_000 * BYTES_PER_MS
"""Of the turn's audio, the last 30 s are kept for a transcriber that is (re)opened."""


class Ears:
    """One call's transcription. With `stt` None nothing is transcribed.

    `begin`, `feed`, `finalize` and `expect` are called with `lock` held and return at once; the rest
    runs on the loop. `on_trouble` hears of every failure; `on_failed` of the one that stands after a
    retry. Both, and `on_transcript`, are called on the loop without the lock.
    """

    def __init__(
        self,
        stt: SpeechToText | None,
        *,
        language: str,
        lock: AbstractContextManager[bool],
        on_transcript: Callable[[Transcript], None],
        on_trouble: Callable[[ProviderError], None],
        on_failed: Callable[[ProviderError], None],
    ) -> None:
        self._stt = stt
        self._language = language
        self._lock = lock
        self._on_transcript = on_transcript
        self._on_trouble = on_trouble
        self._on_failed = on_failed
        self._transcription: Transcription | None = None
        self._connection = 0
        self._failures = 0
        self._reopening: asyncio.Task[None] | None = None
        self._closed = False
        self._phrases: Sequence[str] = ()
        self._audio = bytearray()
        self._utterance = 0
        self._asked = False

    @property
    def whole_turns(self) -> bool:
        return self._stt is not None and self._stt.whole_turns

    # --- media clock, lock held -----------------------------------------------------------------

    def begin(self, utterance: int, pre_roll: bytes, *, continued: bool) -> None:
        """Speech has begun, with `pre_roll` before it; `continued`: in the same turn as the last one."""
        if not (continued and self.whole_turns):
            self._audio.clear()
        self._keep(pre_roll)
        self._utterance, self._asked = utterance, False
        if self._transcription is not None:
            self._transcription.start_utterance(utterance)
            self._transcription.feed(bytes(self._audio))

    def feed(self, pcm: bytes) -> None:
        """A frame of the utterance."""
        self._keep(pcm)
        if self._transcription is not None:
            self._transcription.feed(pcm)

    def finalize(self) -> None:
        self._asked = True
        if self._transcription is not None:
            self._transcription.finalize(self._utterance)

    def expect(self, phrases: Sequence[str]) -> None:
        self._phrases = phrases
        if self._transcription is not None:
            self._transcription.expect(phrases)

    def _keep(self, pcm: bytes) -> None:
        self._audio += pcm
        if len(self._audio) > KEPT_BYTES:
            del self._audio[: len(self._audio) - KEPT_BYTES]

    # --- loop -----------------------------------------------------------------------------------

    async def open(self, phrases: Sequence[str]) -> None:
        """Connects, with one retry; never raises: a second failure is told by `on_failed`."""
        self._phrases = phrases
        try:
            await self._connect()
        except ProviderError as error:
            await self._again(error)

    async def close(self) -> None:
        self._closed = True
        if self._reopening is not None:
            self._reopening.cancel()
            await asyncio.wait({self._reopening})
        await self._hang_up()

    async def _again(self, error: ProviderError) -> None:
        self._on_trouble(error)
        self._failures += 1
        if self._failures > 1:
            self._on_failed(error)
            return
        await asyncio.sleep(RETRY_AFTER_S)
        try:
            await self._connect()
        except ProviderError as again:
            self._on_trouble(again)
            self._on_failed(again)

    async def _connect(self) -> None:
        if self._stt is None:
            return
        self._connection += 1
        connection = self._connection
        try:
            async with asyncio.timeout(OPEN_LIMIT_S):
                transcription = await self._stt.open(
                    language=self._language,
                    phrases=self._phrases,
                    on_transcript=lambda t: self._heard(connection, t),
                    on_error=lambda e: self._broke(connection, e),
                )
        except TimeoutError as error:
            raise ProviderError("stt", self._stt.name, f"not ready after {OPEN_LIMIT_S:.0f} s") from error
        with self._lock:
            self._transcription = transcription
            self._replay(transcription)

    def _replay(self, transcription: Transcription) -> None:
        """What was said while there was no transcription."""
        transcription.expect(self._phrases)
        if self._utterance:
            transcription.start_utterance(self._utterance)
            transcription.feed(bytes(self._audio))
            if self._asked:
                transcription.finalize(self._utterance)

    def _heard(self, connection: int, transcript: Transcript) -> None:
        if connection == self._connection and not self._closed:
            if transcript.final:
                self._failures = 0
            self._on_transcript(transcript)

    def _broke(self, connection: int, error: ProviderError) -> None:
        if connection == self._connection and not self._closed:
            self._connection += 1
            self._reopening = asyncio.get_running_loop().create_task(self._reopen(error))

    async def _reopen(self, error: ProviderError) -> None:
        await self._hang_up()
        await self._again(error)

    async def _hang_up(self) -> None:
        with self._lock:
            transcription, self._transcription = self._transcription, None
        if transcription is not None:
            with contextlib.suppress(TimeoutError):
                try:
                    async with asyncio.timeout(CLOSE_LIMIT_S):
                        await transcription.close()
                except ProviderError as error:
                    logger.warning("transcription did not close cleanly: %s", error)
