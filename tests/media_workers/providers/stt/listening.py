"""One call at a fake vendor, as a test sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from media_workers.providers.base import ProviderError, SpeechToText, Transcript, Transcription, TurnSign
from tests.fakes.hearing import silence, speech
from tests.fakes.websocket_server import PATIENCE_S


@dataclass
class Call:
    """What was told about it, in order."""

    transcripts: list[Transcript] = field(default_factory=list)
    errors: list[ProviderError] = field(default_factory=list)
    signs: list[TurnSign] = field(default_factory=list)
    told: list[object] = field(default_factory=list)
    _stt: Transcription | None = None

    @property
    def stt(self) -> Transcription:
        assert self._stt is not None
        return self._stt

    @property
    def finals(self) -> dict[int, str]:
        """Final text by utterance."""
        return {t.utterance: t.text for t in self.transcripts if t.final}

    @property
    def languages(self) -> dict[int, str]:
        """Of the final texts, by utterance."""
        return {t.utterance: t.language for t in self.transcripts if t.final}

    @property
    def partials(self) -> list[tuple[int, str]]:
        return [(t.utterance, t.text) for t in self.transcripts if not t.final]

    async def open(
        self,
        vendor: SpeechToText,
        *,
        language: str = "en-US",
        phrases: Sequence[str] = (),
        signs: bool = False,
    ) -> Call:
        listens = {"on_sign": self._sign} if signs else {}
        self._stt = await vendor.open(
            language=language,
            phrases=phrases,
            on_transcript=self._heard,
            on_error=self._failed,
            **listens,
        )
        return self

    def say(self, *phrases: int, ms: int = 300) -> None:
        """Speech of `phrases` frame by frame, and the silence in which its transcript is asked for."""
        for phrase in phrases:
            for _ in range(ms // 20):
                self.stt.feed(speech(phrase))
        self.quiet()

    def quiet(self, ms: int = 120) -> None:
        for _ in range(ms // 20):
            self.stt.feed(silence())

    def utter(self, utterance: int, *phrases: int) -> None:
        """A whole utterance."""
        self.stt.start_utterance(utterance)
        self.say(*phrases)
        self.stt.finalize(utterance)

    async def until(self, *, finals: int = 0, partials: int = 0, errors: int = 0, signs: int = 0) -> None:
        """Waits for so many of each."""
        async with asyncio.timeout(PATIENCE_S):
            while not (
                len(self.finals) >= finals
                and len(self.partials) >= partials
                and len(self.errors) >= errors
                and len(self.signs) >= signs
            ):
                await asyncio.sleep(0.005)

    def _heard(self, transcript: Transcript) -> None:
        self.transcripts.append(transcript)
        self.told.append(transcript)

    def _failed(self, error: ProviderError) -> None:
        self.errors.append(error)

    def _sign(self, sign: TurnSign) -> None:
        self.signs.append(sign)
        self.told.append(sign)
