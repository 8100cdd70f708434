"""A cheap detector that says whether the costly one has anything to listen to (about 6 us a frame).

It is meant to be wrong only in one direction: a frame it lets through costs a fraction of a
millisecond, a word it holds back is lost. So either detector opens it, and it stays open for
`HANGOVER_FRAMES` after the last of them, longer than any rule for the end of an utterance waits for
the costly detector to notice silence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import webrtcvad

from media_workers.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE

HANGOVER_FRAMES = 20
"""400 ms of 20 ms frames."""

QUIETEST_SPEECH = 12.0**2
"""Mean square of 16-bit samples, -69 dBFS: softer than that is the rounding of mu-law."""

LOUD_OVER_FLOOR = 16.0
"""12 dB over the noise floor opens the gate even when the other detector hears no speech."""

FLOOR_RISE = 1.01
"""How fast the noise floor may rise each 20 ms (about 2.2 dB a second); it falls at once."""


class Gate:
    """Decides for one call, frame by frame, whether there may be speech."""

    def __init__(self) -> None:
        self._detector = webrtcvad.Vad(1)
        self._floor = QUIETEST_SPEECH
        self._left = 0

    def feed(self, pcm: bytes, samples: npt.NDArray[np.float32]) -> bool:
        """`samples` are those of `pcm` (20 ms) as float32 in 16-bit units; true while the gate is open."""
        energy = float(np.dot(samples, samples)) / FRAME_SAMPLES
        if self._may_be_speech(pcm, energy):
            self._left = HANGOVER_FRAMES
        elif self._left:
            self._left -= 1
        self._floor = max(QUIETEST_SPEECH, min(energy, self._floor * FLOOR_RISE))
        return self._left > 0

    def _may_be_speech(self, pcm: bytes, energy: float) -> bool:
        if energy < QUIETEST_SPEECH:
            return False
        return energy > LOUD_OVER_FLOOR * self._floor or self._detector.is_speech(pcm, SAMPLE_RATE)
