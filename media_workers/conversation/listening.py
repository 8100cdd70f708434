"""The caller's audio on its way to the transcriber."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from media_workers.conversation.speaking import BYTES_PER_MS
from media_workers.providers.base import ProviderError, Transcript, TurnSign, no_signs
from media_workers.providers.fallback import FallbackTranscriber, FallbackTranscription
from media_workers.providers.fallback.transcriber import KEPT_BYTES
from media_workers.providers.plain import plain

LONGEST_TRANSCRIPT = 10_000
"""Characters of one utterance; nobody says more in one breath."""


class Ears:
    """One call's transcription. With `stt` None nothing is transcribed.

    `begin`, `feed`, `silence`, `finalize` and `expect` are called with `lock` held and return at once; the
    rest runs on the loop. `on_failed` hears of the failure after which nobody is left to listen. It,
    `on_transcript` and `on_sign` are called on the loop without the lock.
    """

    def __init__(
        self,
        stt: FallbackTranscriber | None,
        *,
        language: str,
        lock: AbstractContextManager[bool],
        on_transcript: Callable[[Transcript], None],
        on_failed: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> None:
        self._stt = stt
        self._language = language
        self._lock = lock
        self._on_transcript = on_transcript
        self._on_failed = on_failed
        self._on_sign = on_sign
        self._transcription: FallbackTranscription | None = None
        self._whole = False
        self._turn_audio = bytearray()
        self._utterance = 0
        self._sent_before_ms = 0

    @property
    def stt(self) -> FallbackTranscriber | None:
        """Who listens."""
        return self._stt

    @property
    def whole_turns(self) -> bool:
        return self._stt is not None and self._stt.whole_turns

    @property
    def continuous(self) -> bool:
        return self._stt is not None and self._stt.continuous

    @property
    def sent_ms(self) -> int:
        """How much audio vendors have been sent so far."""
        sent = self._transcription.sent_bytes if self._transcription is not None else 0
        return self._sent_before_ms + sent // BYTES_PER_MS

    # --- media clock, lock held -----------------------------------------------------------------

    def begin(self, utterance: int, pre_roll: bytes, *, continued: bool) -> None:
        """Speech has begun, with `pre_roll` before it; `continued`: in the same turn as the last one."""
        if not continued:
            self._whole = self.whole_turns
            self._turn_audio.clear()
        self._utterance = utterance
        if self._transcription is not None:
            self._transcription.start_utterance(utterance)
            self._transcription.lead_in(bytes(self._turn_audio) + pre_roll)
        self._keep(pre_roll)

    def feed(self, pcm: bytes) -> None:
        """A frame of the utterance."""
        self._keep(pcm)
        if self._transcription is not None:
            self._transcription.feed(pcm)

    def silence(self, pcm: bytes) -> None:
        """A frame of no utterance, for a `continuous` transcriber."""
        if self._transcription is not None:
            self._transcription.silence(pcm)

    def finalize(self) -> None:
        if self._transcription is not None:
            self._transcription.finalize(self._utterance)

    def expect(self, phrases: Sequence[str]) -> None:
        if self._transcription is not None:
            self._transcription.expect(phrases)

    def _keep(self, pcm: bytes) -> None:
        """Of a turn that is heard as a whole, what the next utterance begins with."""
        if self._whole:
            self._turn_audio += pcm
            if len(self._turn_audio) > KEPT_BYTES:
                del self._turn_audio[: len(self._turn_audio) - KEPT_BYTES]

    # --- loop -----------------------------------------------------------------------------------

    async def open(self, phrases: Sequence[str]) -> None:
        """Returns when somebody listens or nobody can, which `on_failed` is told. Never raises."""
        if self._stt is None:
            return
        transcription = self._stt.connect(
            language=self._language,
            phrases=phrases,
            on_transcript=self._heard,
            on_error=self._on_failed,
            on_sign=self._on_sign,
        )
        with self._lock:
            self._transcription = transcription
        await transcription.settled()

    async def change(self, stt: FallbackTranscriber, language: str, phrases: Sequence[str]) -> None:
        """From here on `stt` listens, in `language`. What it hears before it is there is kept for it."""
        if self._transcription is None:
            return
        with self._lock:
            before, self._sent_before_ms = self._transcription, self.sent_ms
            self._stt, self._language, self._transcription = stt, language, None
        await asyncio.gather(self.open(phrases), before.close())

    async def close(self) -> None:
        with self._lock:
            transcription = self._transcription
        if transcription is not None:
            await transcription.close()

    def _heard(self, transcript: Transcript) -> None:
        self._on_transcript(replace(transcript, text=plain(transcript.text[:LONGEST_TRANSCRIPT])))
