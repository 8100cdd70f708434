"""The interface of a model that hears and speaks itself, and what it tells.

Audio is mono signed 16-bit little-endian PCM at 8000 Hz, as everywhere. `feed` is called by the media
clock's thread; all else happens on the loop that opened the session, callbacks too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from media_workers.contract.agent import TurnTaking
from media_workers.contract.events import TurnUsage
from media_workers.providers.base import ProviderError, Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Settings:
    """What a call wants of the model. `language`: BCP 47. `rules`: when a turn is over and whether the caller
    may interrupt, as far as the vendor lets itself be told."""

    instructions: str
    tools: Sequence[Tool]
    language: str
    rules: TurnTaking


@dataclass(frozen=True, slots=True)
class CallerSpeaks:
    """The vendor hears the caller begin to speak: `turn`, as in `CallerSaid`. `interrupts`: it has stopped
    its answer."""

    turn: str
    interrupts: bool


@dataclass(frozen=True, slots=True)
class CallerPauses:
    """The vendor takes the caller's turn for over."""


@dataclass(frozen=True, slots=True)
class CallerSaid:
    """The caller's words, as the vendor understood them. `turn` tells turns apart; `text` is all of it so
    far, empty when `final` and not understood."""

    turn: str
    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer will come: the vendor has been asked, or has begun to think by itself."""


@dataclass(frozen=True, slots=True)
class AnswerAudio:
    answer: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class AnswerText:
    """More of the words that the answer's audio says."""

    answer: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """Nothing more will come of this answer. Its tool calls were told before. `usage`: of this answer;
    `input_tokens`, `cached_tokens` and `output_tokens` are those of text."""

    answer: str
    usage: TurnUsage = field(default_factory=TurnUsage)


@dataclass(frozen=True, slots=True)
class Called:
    """A function is wanted; `Session.tool_result` is to follow."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class Complaint:
    """The vendor did not like something, and goes on."""

    error: ProviderError


Event = (
    CallerSpeaks
    | CallerPauses
    | CallerSaid
    | Asked
    | AnswerAudio
    | AnswerText
    | AnswerDone
    | Called
    | Complaint
)


class Session(Protocol):
    """The model in one call."""

    @property
    def sent_ms(self) -> int:
        """Audio of the caller that was sent."""

    def feed(self, pcm: bytes) -> None:
        """20 ms of the caller, without a gap from the opening on. Returns at once, never raises."""

    def say(self, text: str) -> None:
        """Has the model speak `text`, word for word as far as it can."""

    def tell(self, text: str) -> None:
        """Tells the model what happened on the line; it answers."""

    def tool_result(self, call: ToolCall, result: str) -> None:
        """The model goes on by itself when all its calls have their results."""

    def cut(self, answer: str, heard_ms: int) -> None:
        """The caller has heard only so much of `answer`, and will hear no more of it."""

    async def close(self) -> None: ...


class SpeakingModel(Protocol):
    """A model with its settings, for one call."""

    name: str
    model: str

    async def open(
        self,
        settings: Settings,
        *,
        on_event: Callable[[Event], None],
        on_error: Callable[[ProviderError], None],
    ) -> Session:
        """Connects, and returns when the vendor is ready to listen. Raises `ProviderError`. `on_error`: the
        session is of no use any more; called once at most."""


SAY = "Say exactly the following to the caller, in the same words, and nothing else: {text}"
"""How a model is had to speak a text: these models have no other way."""
