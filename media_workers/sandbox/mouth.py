"""What a scripted party sends: queued audio, cut into 20 ms frames, and tones."""

from __future__ import annotations

import numpy as np

from media_workers.providers.base import FRAME_BYTES, SAMPLE_RATE


class Mouth:
    """A queue of PCM that is taken frame by frame."""

    def __init__(self) -> None:
        self._pcm = b""
        self._at = 0

    def say(self, pcm: bytes) -> None:
        """Queue audio behind what is still being said."""
        self._pcm = self._pcm[self._at :] + pcm
        self._at = 0

    @property
    def busy(self) -> bool:
        return self._at < len(self._pcm)

    def frame(self) -> bytes | None:
        """The next 20 ms, the last one padded with silence; None when there is nothing to say."""
        if not self.busy:
            return None
        chunk = self._pcm[self._at : self._at + FRAME_BYTES]
        self._at += FRAME_BYTES
        return chunk.ljust(FRAME_BYTES, b"\0")


def tone(hz: int, ms: int, *, amplitude: int = 8_000) -> bytes:
    """A sine tone with 5 ms ramps, so that it does not click."""
    n = SAMPLE_RATE * ms // 1000
    wave = amplitude * np.sin(2 * np.pi * hz * np.arange(n) / SAMPLE_RATE)
    ramp = np.clip(np.arange(n) / (0.005 * SAMPLE_RATE), 0, 1)
    return (wave * ramp * ramp[::-1]).astype("<i2").tobytes()


def trim(pcm: bytes, *, threshold: int = 150) -> bytes:
    """`pcm` without the silence at its ends, so that its length is the speech's length."""
    samples = np.frombuffer(pcm, dtype="<i2")
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) >= threshold)
    if not loud.size:
        return b""
    return samples[loud[0] : loud[-1] + 1].tobytes()
