"""Simple energy detection of the other side's speech. Time is counted in 20 ms frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media_workers.providers.base import FRAME_MS


@dataclass(slots=True)
class Segment:
    """A stretch of speech, ms from the answer. `end_ms` is the end of its last loud frame so far."""

    start_ms: int
    end_ms: int


def level(pcm: bytes) -> float:
    """Root mean square of 16-bit samples: 0 is digital silence, speech on a phone line 1000 to 8000."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    return float(np.sqrt(np.mean(samples * samples))) if samples.size else 0.0


class Ear:
    """Hears when the other side speaks.

    A frame is loud at `loud_level` or more. Speech begins with `onset_ms` of loud frames in a row
    and has ended after `pause_ms` without one, so that the gaps inside a sentence do not end it.
    """

    def __init__(self, *, loud_level: float = 250.0, onset_ms: int = 60, pause_ms: int = 300) -> None:
        self.now_ms = 0
        self.segments: list[Segment] = []
        self._loud_level = loud_level
        self._onset_ms = onset_ms
        self._pause_ms = pause_ms
        self._loud_ms = 0
        self._last_loud_ms = 0
        self._open = False

    def hear(self, pcm: bytes) -> None:
        """One frame of the other side; advances the time by 20 ms."""
        self.now_ms += FRAME_MS
        if level(pcm) >= self._loud_level:
            self._loud_ms += FRAME_MS
            self._last_loud_ms = self.now_ms
            self._heard_loud()
        else:
            self._loud_ms = 0
            if self._open and self.quiet_ms >= self._pause_ms:
                self._open = False

    def _heard_loud(self) -> None:
        if self._open:
            self.segments[-1].end_ms = self.now_ms
        elif self._loud_ms >= self._onset_ms:
            self._open = True
            self.segments.append(Segment(self.now_ms - self._loud_ms, self.now_ms))

    @property
    def current(self) -> Segment | None:
        """The speech under way; None while the other side is silent."""
        return self.segments[-1] if self._open else None

    @property
    def quiet_ms(self) -> int:
        """How long ago the last loud frame ended."""
        return self.now_ms - self._last_loud_ms

    @property
    def speech_ms(self) -> int:
        """All speech heard so far, pauses between segments left out."""
        return sum(segment.end_ms - segment.start_ms for segment in self.segments)
