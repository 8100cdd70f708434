"""Vendors that answer after a fixed time: what is left of a response time is then our own.

Defaults are what good hosted vendors take: final transcript 100 ms after it is asked for, first token
150 ms, first audio 100 ms. `timeline` lists what happened, `(loop time in s, event, detail)`.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from array import array
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from media_workers.providers.base import (
    SAMPLE_RATE,
    Delta,
    ProviderError,
    TextDelta,
    ToolCall,
    Transcript,
    UserInput,
    VoiceSettings,
)

Timeline = list[tuple[float, str, str]]


class FixedSpeechToText:
    """Every utterance is transcribed as the next of `texts` (repeated for ever), whatever it was."""

    name = "fixed"

    def __init__(
        self, *, final_ms: float = 100, texts: Iterable[str] = ("yes please",), whole_turns: bool = False
    ) -> None:
        self.final_s = final_ms / 1000
        self.whole_turns = whole_turns
        self.texts = itertools.cycle(texts)
        self.timeline: Timeline = []

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
    ) -> FixedTranscription:
        return FixedTranscription(self, on_transcript)


class FixedTranscription:
    def __init__(self, vendor: FixedSpeechToText, on_transcript: Callable[[Transcript], None]) -> None:
        self._vendor = vendor
        self._deliver = on_transcript
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self.fed_bytes = 0
        self.phrases: Sequence[str] = ()

    def start_utterance(self, utterance: int) -> None:
        self._vendor.timeline.append((self._loop.time(), "utterance", str(utterance)))

    def feed(self, pcm: bytes) -> None:
        self.fed_bytes += len(pcm)

    def finalize(self, utterance: int) -> None:
        self._vendor.timeline.append((self._loop.time(), "finalize", str(utterance)))
        result = Transcript(next(self._vendor.texts), final=True, confidence=1.0, utterance=utterance)
        # Called on the media clock's thread.
        self._loop.call_soon_threadsafe(self._loop.call_later, self._vendor.final_s, self._final, result)

    def expect(self, phrases: Sequence[str]) -> None:
        self.phrases = phrases

    async def close(self) -> None:
        self._closed = True

    def _final(self, result: Transcript) -> None:
        if not self._closed:
            self._vendor.timeline.append((self._loop.time(), "transcript", result.text))
            self._deliver(result)


class FixedDialogue:
    """Always the same answer: its first word after `first_token_ms`, then a word each `token_ms`."""

    def __init__(
        self,
        *,
        first_token_ms: float = 150,
        token_ms: float = 5,
        answer: str = "Certainly, I can do that for you. Is there anything else?",
    ) -> None:
        self.first_token_s = first_token_ms / 1000
        self.token_s = token_ms / 1000
        self.answer = answer
        self.timeline: Timeline = []
        self.committed: list[UserInput] = []
        self.heard_texts: list[tuple[str, bool]] = []
        self._open: UserInput | None = None

    async def reply(self, said: UserInput) -> AsyncIterator[Delta]:
        loop = asyncio.get_running_loop()
        self._open = said
        self.timeline.append((loop.time(), "asked", said.text or said.dtmf))
        await asyncio.sleep(self.first_token_s)
        for word in self.answer.split():
            yield TextDelta(f"{word} ")
            await asyncio.sleep(self.token_s)

    def commit(self) -> None:
        if self._open is not None:
            self.committed.append(self._open)
            self._open = None

    def heard(self, text: str, *, interrupted: bool) -> None:
        self.heard_texts.append((text, interrupted))

    def tool_result(self, call: ToolCall, result: str) -> None: ...

    def expected(self) -> Sequence[str]:
        return ()

    @property
    def slots(self) -> dict[str, str]:
        return {}

    async def close(self) -> None: ...


class FixedTextToSpeech:
    """A quiet tone, `ms_per_character` of it, in 100 ms chunks; the first after `first_audio_ms`."""

    name = "fixed"

    def __init__(self, *, first_audio_ms: float = 100, ms_per_character: float = 60) -> None:
        self.first_audio_s = first_audio_ms / 1000
        self.ms_per_character = ms_per_character
        self.timeline: Timeline = []

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        self.timeline.append((loop.time(), "speak", text))
        await asyncio.sleep(self.first_audio_s)
        for _ in range(math.ceil(len(text) * self.ms_per_character / 100)):
            yield _TONE
            await asyncio.sleep(0)


_TONE = array(
    "h", (round(2000 * math.sin(2 * math.pi * 400 * i / SAMPLE_RATE)) for i in range(SAMPLE_RATE // 10))
).tobytes()
