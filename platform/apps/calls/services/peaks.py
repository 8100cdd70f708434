"""How loud each side of a recording is over time, for a waveform that is drawn before any audio is loaded."""

from __future__ import annotations

import wave
from typing import IO

import numpy as np

POINTS = 1_000
_CHUNK_FRAMES = 1 << 18


def peaks_of_wav(file: IO[bytes]) -> bytes:
    """The peaks of a stereo WAV, 0 (silent) to 255: those of the left side, then as many of the right.

    There are `POINTS` a side, or one for each frame of a shorter file; none when the samples do not
    have 16 bits. The file is read in pieces: a recording may last hours.
    """
    with wave.open(file, "rb") as wav:
        frames, width = wav.getnframes(), wav.getsampwidth()
        points = min(POINTS, frames)
        if width != 2 or not points:
            return b""
        loudest = np.zeros((points, 2), dtype=np.int32)
        start = 0
        while len(data := wav.readframes(_CHUNK_FRAMES)) >= 4:
            samples = np.abs(np.frombuffer(data[: len(data) // 4 * 4], "<i2").astype(np.int32)).reshape(-1, 2)
            place = (np.arange(start, start + len(samples)) * points) // frames
            first = np.flatnonzero(np.diff(place, prepend=-1))
            np.maximum.at(loudest, place[first], np.maximum.reduceat(samples, first))
            start += len(samples)
    return (np.minimum(loudest, 32_767) * 255 // 32_767).astype(np.uint8).T.tobytes()
