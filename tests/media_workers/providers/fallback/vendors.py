"""Vendors that do as they are told, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeVar

from media_workers.contract.vendors import Kind
from media_workers.providers.base import (
    ChatMessage,
    Delta,
    LanguageModel,
    ProviderError,
    Speech,
    Tool,
    ToolChoice,
    Transcript,
    TurnSign,
    Usage,
    VoiceSettings,
    no_signs,
)
from media_workers.providers.fallback import Option, Speaker, Watch

T = TypeVar("T")

Step = T | float | Exception
"""An item, a pause in seconds, or a failure."""


def down(kind: str, name: str, *, retryable: bool = True) -> ProviderError:
    return ProviderError(kind, name, "is down", retryable=retryable)


class Seen(Watch):
    """What the composites told."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[tuple[str, str, int]] = []
        self.usage: list[Usage] = []
        self.passed_over = lambda error, after_ms: self.gone.append((error.provider, error.detail, after_ms))
        self.spent = self.usage.append


@dataclass
class Counter:
    """A breaker that is open for `refused`."""

    refused: set[str] = field(default_factory=set)
    told: list[tuple[str, str]] = field(default_factory=list)

    async def allows(self, kind: Kind, vendor: str) -> bool:
        return vendor not in self.refused

    def failed(self, kind: Kind, vendor: str) -> None:
        self.told.append(("failed", vendor))

    def succeeded(self, kind: Kind, vendor: str) -> None:
        self.told.append(("succeeded", vendor))


async def steps(given: Sequence[Step[T]]) -> AsyncGenerator[T, None]:
    for step in given:
        if isinstance(step, Exception):
            raise step
        if isinstance(step, float | int):
            await asyncio.sleep(step)
        else:
            yield step


@dataclass
class Model:
    """Gives `answers` in turn, the last of them for ever."""

    name: str
    answers: list[Sequence[Step[Delta]]]
    model: str = ""
    asked: int = 0
    stopped: int = 0
    warm: int = 0
    closed: int = 0

    async def stream(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, tool_choice: ToolChoice = "auto"
    ) -> AsyncIterator[Delta]:
        self.asked += 1
        answer = self.answers[min(self.asked, len(self.answers)) - 1]
        try:
            async with aclosing(steps(answer)) as deltas:
                async for delta in deltas:
                    yield delta
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped += 1
            raise

    async def warm_up(self) -> None:
        self.warm += 1

    async def close(self) -> None:
        self.closed += 1


@dataclass
class Mouth:
    """Gives `says` in turn, the last of them for ever."""

    name: str
    says: list[Sequence[Step[Speech]]]
    model: str = "mouth-1"
    texts: list[tuple[str, str]] = field(default_factory=list)
    stopped: int = 0
    warm: int = 0
    closed: int = 0

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        self.texts.append((text, voice.voice))
        speech = self.says[min(len(self.texts), len(self.says)) - 1]
        try:
            async with aclosing(steps(speech)) as items:
                async for item in items:
                    yield item
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped += 1
            raise

    async def warm_up(self) -> None:
        self.warm += 1

    async def close(self) -> None:
        self.closed += 1


@dataclass
class Ear:
    """Opens after `open_s`, or fails with `refuses` as often as there are any. What it is given is in
    `heard`: `start 1`, bytes, `final 1`, a list of phrases, `closed`."""

    name: str
    open_s: float = 0.0
    refuses: list[ProviderError] = field(default_factory=list)
    whole_turns: bool = False
    continuous: bool = False
    model: str = "ear-1"
    opened: int = 0
    heard: list[object] = field(default_factory=list)
    signs_wanted: bool = False

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> Ear:
        self.opened += 1
        await asyncio.sleep(self.open_s)
        if self.refuses:
            raise self.refuses.pop(0)
        self.on_transcript, self.on_error, self.on_sign = on_transcript, on_error, on_sign
        self.signs_wanted = on_sign is not no_signs
        return self

    def start_utterance(self, utterance: int) -> None:
        self.heard.append(f"start {utterance}")

    def feed(self, pcm: bytes) -> None:
        self.heard.append(pcm)

    def finalize(self, utterance: int) -> None:
        self.heard.append(f"final {utterance}")

    def expect(self, phrases: Sequence[str]) -> None:
        self.heard.append(list(phrases))

    async def close(self) -> None:
        self.heard.append("closed")


def models(*given: LanguageModel | ProviderError, patience_ms: int = 500) -> list[Option[LanguageModel]]:
    return [
        Option(m.provider if isinstance(m, ProviderError) else m.name, m, patience_ms, 2_000) for m in given
    ]


def voices(*given: Mouth, patience_ms: int = 500) -> list[Option[Speaker]]:
    return [
        Option(m.name, Speaker(m, VoiceSettings(f"voice of {m.name}")), patience_ms, 2_000) for m in given
    ]
