"""What is heard beside the voices: hiss instead of dead silence, a place, typing while a function runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from media_workers.audio import ambience
from media_workers.contract.agent import Sounds


class SoundBed:
    """Of one call. All loops are made beforehand; a frame costs nothing, or an addition where two things
    sound at a time."""

    def __init__(self, sounds: Sounds) -> None:
        self._place: Sequence[bytes] = ()
        if sounds.ambience != "none":
            self._place = ambience.place(sounds.ambience, sounds.ambience_db)
        self._silence = self._place or (ambience.hiss() if sounds.comfort_noise else ())
        self._thinking = ambience.thinking(sounds.thinking) if sounds.thinking != "none" else ()
        self._at = 0
        self._thought = 0

    def under(self, frame: bytes | None, *, waiting: bool) -> bytes | None:
        """`frame` of the agent (None: it is silent) with what belongs under it; None is silence.
        `waiting`: the caller waits for a function."""
        self._at += 1
        if frame is None:
            frame = self._thinks() if waiting else None
            if frame is None:
                return _turn(self._silence, self._at)
        elif self._thought:
            self._thought = 0
        place = _turn(self._place, self._at)
        return frame if place is None else _sum(frame, place)

    def _thinks(self) -> bytes | None:
        """From the beginning each time."""
        self._thought += 1
        return _turn(self._thinking, self._thought - 1)


def _turn(loop: Sequence[bytes], at: int) -> bytes | None:
    return loop[at % len(loop)] if loop else None


def _sum(first: bytes, second: bytes) -> bytes:
    total = np.frombuffer(first, "<i2").astype(np.int32) + np.frombuffer(second, "<i2")
    return np.clip(total, -32768, 32767).astype("<i2").tobytes()
