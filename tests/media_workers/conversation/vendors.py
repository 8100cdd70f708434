"""Vendors for conversations in virtual time: they hear, think and speak by the book.

The caller's frames carry the number of the phrase they belong to in every sample, so that the
transcriber hears exactly the phrases whose audio reached it, and silence is zero.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from media_workers.contract.tools import KeyInput
from media_workers.providers.base import (
    FRAME_BYTES,
    FRAME_SAMPLES,
    Delta,
    ProviderError,
    TextDelta,
    ToolCall,
    Transcript,
    TurnSign,
    UserInput,
    VoiceSettings,
    no_signs,
)

SILENCE = bytes(FRAME_BYTES)
MS_PER_CHARACTER = 50


def frame_of(number: int) -> bytes:
    return array("h", [number] * FRAME_SAMPLES).tobytes()


class Loudness:
    """Voice activity: whatever is not digital silence."""

    def feed(self, pcm: bytes) -> float:
        return 0.98 if any(pcm) else 0.02


@dataclass
class Listener:
    """Speech to text. `final_ms`: delay of the final transcript, None: it never comes.

    `phrases[n]` is what frames numbered n + 1 say. `partials`: one for every phrase begun.
    `open_errors`: how many connections are refused first. `breaks`: for the next utterances in turn,
    whether the connection breaks when the transcript is asked for. `signs`: of each utterance in turn,
    what it says about the caller's turn, and when, in ms after its transcript was asked for. `languages`: in
    which the texts are that it can tell of.
    """

    phrases: list[str] = field(default_factory=list)
    final_ms: int | None = 100
    partials: bool = False
    whole_turns: bool = False
    open_errors: int = 0
    breaks: list[bool] = field(default_factory=list)
    signs: list[list[tuple[int, TurnSign]]] = field(default_factory=list)
    name: str = "listener"
    model: str = "ears-1"
    continuous: bool = False
    expected: list[list[str]] = field(default_factory=list)
    utterances: list[str] = field(default_factory=list)
    opened: int = 0
    closed: int = 0
    languages: dict[str, str] = field(default_factory=dict)

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> Listening:
        self.opened += 1
        self.expected.append(list(phrases))
        if self.open_errors:
            self.open_errors -= 1
            raise ProviderError("stt", self.name, "refused the connection")
        return Listening(self, on_transcript, on_error, on_sign)


class Listening:
    def __init__(
        self,
        vendor: Listener,
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None],
    ) -> None:
        self._vendor = vendor
        self._on_sign = on_sign
        self._on_transcript = on_transcript
        self._on_error = on_error
        self._loop = asyncio.get_running_loop()
        self._heard: list[int] = []
        self._utterance = 0

    def start_utterance(self, utterance: int) -> None:
        self._heard = []
        self._utterance = utterance

    def feed(self, pcm: bytes) -> None:
        assert len(pcm) % FRAME_BYTES == 0
        for start in range(0, len(pcm), FRAME_BYTES):
            number = pcm[start] + 256 * pcm[start + 1]
            if number and number not in self._heard:
                self._heard.append(number)
                if self._vendor.partials:
                    self._deliver(0, final=False)

    def finalize(self, utterance: int) -> None:
        assert utterance == self._utterance
        for after_ms, sign in self._vendor.signs.pop(0) if self._vendor.signs else ():
            later = self._loop.call_later
            self._loop.call_soon_threadsafe(later, after_ms / 1000, self._on_sign, sign)
        if self._vendor.breaks and self._vendor.breaks.pop(0):
            error = ProviderError("stt", self._vendor.name, "broke down")
            self._loop.call_soon_threadsafe(self._on_error, error)
        elif self._vendor.final_ms is not None:
            self._vendor.utterances.append(self._text())
            self._deliver(self._vendor.final_ms, final=True)

    def expect(self, phrases: Sequence[str]) -> None:
        self._vendor.expected.append(list(phrases))

    async def close(self) -> None:
        self._vendor.closed += 1

    def _text(self) -> str:
        return " ".join(filter(None, (self._vendor.phrases[n - 1] for n in self._heard)))

    def _deliver(self, after_ms: int, *, final: bool) -> None:
        text = self._text()
        language = self._vendor.languages.get(text, "")
        transcript = Transcript(
            text, final=final, confidence=0.9, utterance=self._utterance, language=language
        )
        self._loop.call_soon_threadsafe(
            self._loop.call_later, after_ms / 1000, self._on_transcript, transcript
        )


@dataclass
class Speaker:
    """Text to speech: 50 ms of audio for each character, in chunks of 100 ms, `first_ms` after it was
    asked. `errors` failures come first, each after `error_after_ms` of audio."""

    first_ms: int = 100
    errors: int = 0
    error_after_ms: int = 0
    sample: int = 7
    name: str = "speaker"
    model: str = "mouth-1"
    spoken: list[str] = field(default_factory=list)
    stopped: int = 0
    warm: int = 0
    closed: int = 0

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[bytes]:
        self.spoken.append(text)
        await asyncio.sleep(self.first_ms / 1000)
        left_ms = len(text) * MS_PER_CHARACTER
        fails = self.errors > 0
        if fails:
            self.errors -= 1
            left_ms = self.error_after_ms
        try:
            while left_ms > 0:
                yield (
                    frame_of(self.sample) * 5
                    if left_ms >= 100
                    else frame_of(self.sample)[:32] * (left_ms // 2)
                )
                left_ms -= 100
                await asyncio.sleep(0.005)
        except GeneratorExit:
            self.stopped += 1
            raise
        if fails:
            raise ProviderError("tts", self.name, "lost its voice")

    async def warm_up(self) -> None:
        self.warm += 1

    async def close(self) -> None:
        self.closed += 1


Step = Delta | float | Exception
Answer = str | Sequence[Step]


@dataclass
class Thinker:
    """A dialogue. `answers` maps what was said (text, digit, `<opening>`, `<unclear>`) to a reply: text,
    or deltas with pauses in seconds and errors between them. Keeps what was committed, as it must.
    """

    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    token_ms: int = 150
    asked: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    heard_texts: list[tuple[str, bool]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    dropped: int = 0
    closed: bool = False
    warm: int = 0
    slots: dict[str, str] = field(default_factory=dict)
    keys: KeyInput | None = None
    _open: str | None = None
    _busy: bool = False

    async def reply(self, said: UserInput) -> AsyncIterator[Delta]:
        assert not self._busy, "one reply at a time"
        self._busy = True
        key = said.dtmf or said.text or ("<unclear>" if said.unclear else "<opening>")
        self.asked.append(key)
        self._open = key
        try:
            await asyncio.sleep(self.token_ms / 1000)
            for step in self._steps(key):
                if isinstance(step, float | int):
                    await asyncio.sleep(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        except (asyncio.CancelledError, GeneratorExit):
            self.dropped += 1
            raise
        finally:
            self._busy = False

    def _steps(self, key: str) -> Sequence[Step]:
        answer = self.answers.get(key, f"You said {key}.")
        if isinstance(answer, list) and answer and isinstance(answer[0], str | list | tuple):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return [TextDelta(answer)] if isinstance(answer, str) else answer  # type: ignore[return-value]

    def commit(self) -> None:
        assert self._open is not None, "nothing to commit"
        self.kept.append(self._open)
        self._open = None

    def heard(self, text: str, *, interrupted: bool) -> None:
        self.heard_texts.append((text, interrupted))

    def tool_result(self, call: ToolCall, result: str, *, failed: bool = False) -> None:
        self.results.append((call.name, result))

    def keep(self, name: str, value: str) -> None:
        self.slots[name] = value

    def key_input(self) -> KeyInput | None:
        return self.keys

    def note(self, text: str) -> bool:
        self.notes.append(text)
        return True

    async def brief(self) -> str:
        return "; ".join(self.kept)

    def expected(self) -> Sequence[str]:
        return [f"after {self.kept[-1]}"] if self.kept else ["at first"]

    async def warm_up(self) -> None:
        self.warm += 1

    async def close(self) -> None:
        self.closed = True
