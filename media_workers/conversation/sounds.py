"""What is heard beside the voices: hiss instead of dead silence, a place, typing while a function runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from media_workers.audio import ambience
from media_workers.contract.agent import Sounds


class SoundBed:
    """Of one call. All loops are made beforehand; a frame costs nothing, or an addition where two things
    sound at a time."""

    def __init__(self, sounds: Sounds) -> None:
        self._place: Sequence[bytes] = ()
        if sounds.ambience != "none":
            self._place = ambience.place(sounds.ambience, sounds.ambience_db)
        self._waves = [np.frombuffer(frame, "<i2").astype(np.int32) for frame in self._place]
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
        return _sum(frame, self._waves[self._at % len(self._waves)]) if self._waves else frame

    def _thinks(self) -> bytes | None:
        """From the beginning each time."""
        self._thought += 1
        return _turn(self._thinking, self._thought - 1)


def _turn(loop: Sequence[bytes], at: int) -> bytes | None:
    return loop[at % len(loop)] if loop else None


def _sum(frame: bytes, wave: npt.NDArray[np.int32]) -> bytes:
    total = wave + np.frombuffer(frame, "<i2")
    np.minimum(total, 32767, out=total)
    np.maximum(total, -32768, out=total)
    return bytes(total.astype("<i2").tobytes())
