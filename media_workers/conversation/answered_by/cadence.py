"""How whoever answered speaks: for how long at a time, with which pauses, how evenly. Plain state.

Who answers a telephone says little and waits. A recording says what it has to say, whoever listens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from media_workers.providers.base import FRAME_MS

BREATH_MS: Final = 600
"""Shorter silence belongs to what is being said."""

OPENING_GAP_MS: Final = 1_700
"""After so much silence the opening is over: what is said next is an answer to something. Recordings pause
for a second between their sentences."""

BEHIND: Final = 0.02
"""17 dB softer than the loudest voice so far: somebody else, in the room behind."""

IN_FRONT: Final = 30.0
"""15 dB louder than everything before: that was the room, and this is who answers."""

SMOOTH: Final = 0.25
"""Each frame counts for so much of the level, which looks back some 80 ms."""

LEVEL_MS: Final = 400
STEADY_DB: Final = 2.5
"""Of a voice that reads, the level of 400 ms pieces varies so little."""


@dataclass(slots=True)
class Stretch:
    """Speech without a pause longer than a breath."""

    start_ms: int
    end_ms: int

    @property
    def ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(slots=True)
class Cadence:
    """Of one opening. Times are ms since its beginning. `first_ms`: when the first word came; None: not yet.

    `stretches`: of the opening, the last one may still go on. `over`: the opening is over, nothing more is
    counted.
    """

    now_ms: int = 0
    first_ms: int | None = None
    stretches: list[Stretch] = field(default_factory=list)
    over: bool = False
    _loudness: float = 0.0
    _loudest: float = 0.0
    _levels: list[float] = field(default_factory=list)
    _energy: float = 0.0
    _frames: int = 0

    def feed(self, speech: bool, energy: float) -> None:
        """20 ms. `energy`: mean square of the 16-bit samples."""
        self.now_ms += FRAME_MS
        if self.over:
            return
        if not (speech and self._in_front(energy)):
            self.over = self.said and self.silent_ms >= OPENING_GAP_MS
            return
        if self.first_ms is None:
            self.first_ms = self.now_ms - FRAME_MS
        if self.stretches and self.now_ms - self.stretches[-1].end_ms <= BREATH_MS:
            self.stretches[-1].end_ms = self.now_ms
        else:
            self.stretches.append(Stretch(self.now_ms - FRAME_MS, self.now_ms))
        self._level(energy)

    @property
    def said(self) -> bool:
        return bool(self.stretches)

    @property
    def silent_ms(self) -> int:
        """Since the last speech; from the beginning where there was none."""
        return self.now_ms - (self.stretches[-1].end_ms if self.stretches else 0)

    @property
    def longest_ms(self) -> int:
        return max((s.ms for s in self.stretches), default=0)

    @property
    def spoken_ms(self) -> int:
        """Of the whole opening, breaths included."""
        return sum(s.ms for s in self.stretches)

    @property
    def steady(self) -> bool:
        """Four seconds and more at one level."""
        if len(self._levels) * LEVEL_MS < 4_000:
            return False
        mean = sum(self._levels) / len(self._levels)
        return math.sqrt(sum((x - mean) ** 2 for x in self._levels) / len(self._levels)) < STEADY_DB

    def _in_front(self, energy: float) -> bool:
        """Whether it is the voice at the telephone that speaks."""
        self._loudness += SMOOTH * (energy - self._loudness)
        if self._loudness > IN_FRONT * self._loudest > 0:
            self.stretches.clear()
            self._levels.clear()
            self.first_ms = None
        self._loudest = max(self._loudest, self._loudness)
        return self._loudness >= BEHIND * self._loudest

    def _level(self, energy: float) -> None:
        self._energy += energy
        self._frames += 1
        if self._frames * FRAME_MS >= LEVEL_MS:
            self._levels.append(10 * math.log10(self._energy / self._frames + 1))
            self._energy, self._frames = 0.0, 0
