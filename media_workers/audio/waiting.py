"""What a caller hears while somebody else is being called: ringing, or music. Loops of 20 ms frames.

Computed like the sounds of `ambience`: nothing is a recording, and no melody is anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from media_workers.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE

Wave = npt.NDArray[np.float64]

RING_HZ = (440.0, 480.0)
RING_S, PAUSE_S = 2.0, 4.0
"""The cadence of North America (ITU-T E.180, supplement 2)."""
RING_PEAK = 3_000

BEAT_S = 0.5
MUSIC_PEAK = 5_000
CHORDS = ((220.0, 261.6, 329.6, 392.0), (174.6, 220.0, 261.6, 329.6),
          (196.0, 246.9, 293.7, 370.0), (164.8, 196.0, 246.9, 329.6))  # fmt: skip
"""A minor seventh, F major seventh, G major seventh, E minor: one a bar, its notes one a beat and again."""


@lru_cache(maxsize=4)
def waiting(kind: Literal["ringback", "music", "silence"]) -> Sequence[bytes]:
    """The loop of that kind; silence has no frames."""
    if kind == "silence":
        return ()
    return _frames(_ringback() if kind == "ringback" else _music())


def _ringback() -> Wave:
    seconds = np.arange(int(RING_S * SAMPLE_RATE)) / SAMPLE_RATE
    ring = sum((np.sin(2 * np.pi * hz * seconds) for hz in RING_HZ), np.zeros(len(seconds)))
    ends = np.minimum(1, np.minimum(seconds, RING_S - seconds) / 0.005)
    return np.concatenate([RING_PEAK / 2 * ring * ends, np.zeros(int(PAUSE_S * SAMPLE_RATE))])


def _music() -> Wave:
    """A soft plucked figure over four bars; what still sounds at the end goes on at the beginning."""
    notes = [chord[at] for chord in CHORDS for at in (0, 1, 2, 3, 2, 1, 3, 1)]
    beat = int(BEAT_S * SAMPLE_RATE)
    wave = np.zeros(beat * len(notes))
    for at, hz in enumerate(notes):
        sound = _pluck(2 * hz if at % 8 in (3, 6) else hz)
        wave[np.arange(at * beat, at * beat + len(sound)) % len(wave)] += sound
    return MUSIC_PEAK / float(np.max(np.abs(wave))) * wave


def _pluck(hz: float) -> Wave:
    seconds = np.arange(int(1.8 * SAMPLE_RATE)) / SAMPLE_RATE
    tone = sum((np.sin(2 * np.pi * hz * n * seconds) / n**2 for n in (1, 2, 3)), np.zeros(len(seconds)))
    swell = np.minimum(1, seconds / 0.02) * np.minimum(1, (1.8 - seconds) / 0.1)
    return np.asarray(tone * swell * np.exp(-seconds / 0.6), np.float64)


def _frames(wave: Wave) -> Sequence[bytes]:
    pcm = np.round(wave).astype("<i2")
    return [part.tobytes() for part in pcm.reshape(-1, FRAME_SAMPLES)]
