"""What fakes of speech-to-speech vendors share: an ear that finds the caller's turns, and a script."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

LOUD = 500
VOICE = 1_000
"""The sample that every answer consists of."""


@dataclass
class Said:
    """An answer: `ms` of audio that says `text`; then functions are called: (name, arguments as JSON)."""

    text: str = ""
    ms: int = 400
    calls: Sequence[tuple[str, str]] = ()


@dataclass
class Ear:
    """Voice activity by loudness; a turn is over after `silence_ms`."""

    silence_ms: int = 300
    speaking: bool = False
    _quiet_ms: int = 0

    def feed(self, pcm: bytes) -> Literal["started", "stopped"] | None:
        loud = any(abs(sample) > LOUD for sample in array("h", pcm))
        self._quiet_ms = 0 if loud else self._quiet_ms + len(pcm) // 16
        if loud and not self.speaking:
            self.speaking = True
            return "started"
        if self.speaking and self._quiet_ms >= self.silence_ms:
            self.speaking = False
            return "stopped"
        return None


@dataclass
class Script:
    """`hears`: what the caller's turns will be understood as, in turn. `answers`: the model's answers, in
    turn; what it is told to say exactly, it says. `chunk_ms` of audio come at a time, one every `pace_s`
    (`paces`: of single answers). `mute`: nothing is answered."""

    hears: list[str] = field(default_factory=list)
    answers: list[Said] = field(default_factory=list)
    pace_s: float = 0.0
    chunk_ms: int = 100
    mute: bool = False

    def hear(self) -> str:
        return self.hears.pop(0) if self.hears else ""

    def answer(self, told: str = "") -> Said:
        _, exactly, text = told.partition("and nothing else: ")
        if exactly:
            return Said(text.rstrip(")"))
        return self.answers.pop(0) if self.answers else Said("I see.")


def voice(ms: int, hz: int = 8000) -> bytes:
    return array("h", [VOICE] * (ms * hz // 1000)).tobytes()


def spread(text: str, pieces: int) -> list[str]:
    """`text` in so many pieces."""
    size = -(-len(text) // max(1, pieces))
    return [text[at : at + size] for at in range(0, len(text), size or 1)]


def usage_of(said: Said) -> dict[str, Any]:
    return {"audio": said.ms // 50, "text": len(said.text.split())}
