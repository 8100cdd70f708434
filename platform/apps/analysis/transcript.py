"""A call as an extractor reads it: what was said, by whom, and what the dialogue collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from apps.analysis.text import Word, words

Speaker = Literal["caller", "agent"]


@dataclass(frozen=True)
class Line:
    """One turn. `index` is the turn's own; `sure`: how sure the transcriber was, 0 to 1. `keys`: typed."""

    index: int
    speaker: Speaker
    text: str
    keys: bool = False
    sure: float = 1.0

    @cached_property
    def words(self) -> list[Word]:
        return words(self.text)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the agent said, and what the caller answered before the agent spoke again. Either may be empty."""

    asked: tuple[Line, ...]
    answered: tuple[Line, ...]


@dataclass(frozen=True)
class Conversation:
    """`at`: when it began, in the zone of the other side (that of the platform where it is not known);
    `country`: ISO 3166 of the other side, "" when it is not known. `ended`: how, in words."""

    lines: tuple[Line, ...]
    at: datetime
    language: str = "en-US"
    country: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    direction: str = "inbound"
    duration_ms: int = 0
    ended: str = ""

    @property
    def tongue(self) -> str:
        """The language without its region."""
        return self.language.partition("-")[0].lower()

    @cached_property
    def by_index(self) -> dict[int, Line]:
        return {line.index: line for line in self.lines}

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(_exchanges(self.lines))

    def of(self, speaker: Speaker) -> list[Line]:
        return [line for line in self.lines if line.speaker == speaker]


def _exchanges(lines: tuple[Line, ...]) -> Iterator[Exchange]:
    asked: list[Line] = []
    answered: list[Line] = []
    for line in lines:
        if line.speaker == "agent" and answered:
            yield Exchange(tuple(asked), tuple(answered))
            asked, answered = [], []
        (asked if line.speaker == "agent" else answered).append(line)
    if asked or answered:
        yield Exchange(tuple(asked), tuple(answered))
