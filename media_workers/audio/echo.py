"""Whether what comes in is what we sent: the spectrum of the last frames beside that of our own.

A telephone's echo comes 40 to 300 ms late, softer, coloured and through codecs, so the shapes are
compared (the logarithm of the energy in bands, less each band's mean), not the samples. Pure. While
nobody asks, a frame costs two appends.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media_workers.audio.pcm import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, SILENCE

WINDOW_FRAMES = 15
"""300 ms of what came in are compared."""

LATEST_MS = 400
"""An echo comes back so late at most."""

HOP_SAMPLES = FRAME_SAMPLES // 2
"""Our own is looked at every 10 ms, for an echo keeps no frames."""

LOWEST_HZ, HIGHEST_HZ, BANDS = 200, 3_400, 14
FLOOR = 160 * 40.0**2
"""Energy of a band under which there is only rounding."""

LAGS = LATEST_MS * SAMPLE_RATE // 1000 // HOP_SAMPLES + 1
SENT_FRAMES = WINDOW_FRAMES + LATEST_MS // FRAME_MS + 1

SMALLEST = 1.0
"""Less than this varies nothing but rounding."""

Floats = npt.NDArray[np.float32]


def _waves() -> Floats:
    """What takes a frame apart into cosines and sines: for the few frames that are looked at at a time,
    multiplying is quicker than a Fourier transform."""
    phases = 2 * np.pi * np.outer(np.arange(FRAME_SAMPLES), np.arange(FRAME_SAMPLES // 2 + 1)) / FRAME_SAMPLES
    window = np.hanning(FRAME_SAMPLES + 1)[:-1, None]
    return (np.hstack((np.cos(phases), np.sin(phases))) * window).astype(np.float32)


def _bands() -> Floats:
    """Adds the energies of cosines and sines up in bands of equal width on a logarithmic scale."""
    frequencies = np.fft.rfftfreq(FRAME_SAMPLES, 1 / SAMPLE_RATE)
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1)
    matrix = np.zeros((len(frequencies), BANDS), np.float32)
    for band in range(BANDS):
        inside = (frequencies >= edges[band]) & (frequencies < edges[band + 1])
        nearest = np.abs(frequencies - (edges[band] + edges[band + 1]) / 2).argmin()
        matrix[inside, band] = 1
        matrix[nearest, band] = 1
    return np.vstack((matrix, matrix))


_WAVES = _waves()
_BANDS = _bands()
_SENT_HOPS = 2 * SENT_FRAMES
_NEWEST = _SENT_HOPS - 1 - np.arange(WINDOW_FRAMES)[::-1] * 2
_AT_LAG = _NEWEST[None, :] - np.arange(LAGS)[:, None]
"""Of each lag, which hops of our own stand beside the frames that came in."""

_FRAME = np.arange(WINDOW_FRAMES)
_IN_LAG = np.zeros((LAGS, _SENT_HOPS), np.float32)
_IN_LAG[np.arange(LAGS)[:, None], _AT_LAG] = 1
"""Adds up what stands in each lag."""

LOUDEST_DB, ALIKE_WHEN_LOUD = -6.0, 0.85
SOFT_DB, ALIKE_WHEN_SOFT = -30.0, 0.5
"""How alike the two must be, by how much softer the one that came in is: a caller is seldom 30 dB under
us, an echo is never as loud as we are. Measured with flite's voices over G.711: an echo of -10 to -20 dB is
0.8 to 0.98 alike, one of -30 dB 0.5 to 0.9, a caller, with or without an echo, 0.1 to 0.8."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """`alike`: 1 is the same, 0 and less nothing of it. `level_db`: how loud it is beside our own."""

    alike: float
    level_db: float

    @property
    def is_echo(self) -> bool:
        if self.level_db > LOUDEST_DB:
            return False
        softness = min(1.0, (LOUDEST_DB - self.level_db) / (LOUDEST_DB - SOFT_DB))
        return self.alike >= ALIKE_WHEN_LOUD + softness * (ALIKE_WHEN_SOFT - ALIKE_WHEN_LOUD)


class EchoDetector:
    """One call's. `came` and `sent` are called once each per frame, in any order that stays the same."""

    __slots__ = ("_came", "_sent")

    def __init__(self) -> None:
        self._sent = _Track(SENT_FRAMES, HOP_SAMPLES)
        self._came = _Track(WINDOW_FRAMES, FRAME_SAMPLES)

    def sent(self, frame: bytes | None) -> None:
        """20 ms of ours; None is silence."""
        self._sent.new.append(frame or SILENCE)

    def came(self, frame: bytes) -> None:
        """20 ms of the other side."""
        self._came.new.append(frame)

    def likeness(self) -> Likeness:
        """Of the last 300 ms that came in, with what resembles it most of all that we sent up to 400 ms
        before."""
        came, came_power = self._came.shapes()
        sent, sent_power = self._sent.shapes()
        # A correlation for each lag, without cutting its piece out: with one side's mean taken away, the
        # other's does not count in the products.
        came = came - came.mean(axis=0)
        products = (sent @ came.T)[_AT_LAG, _FRAME].sum(axis=1)
        sums = _IN_LAG @ sent
        spread = _IN_LAG @ (sent * sent).sum(axis=1) - (sums * sums).sum(axis=1) / WINDOW_FRAMES
        sizes = np.sqrt(np.maximum(spread, 0) * np.vdot(came, came))
        alike = products / np.maximum(sizes, SMALLEST)
        best = int(alike.argmax())
        ratio = float(came_power.sum()) / max(1.0, float(_IN_LAG[best] @ sent_power))
        return Likeness(float(alike[best]), 10 * math.log10(max(ratio, 1e-9)))


class _Track:
    """Shapes of the last `frames` frames of one side, made when they are asked for."""

    __slots__ = ("_hop", "_power", "_shape", "_tail", "new")

    def __init__(self, frames: int, hop: int) -> None:
        rows = frames * FRAME_SAMPLES // hop
        self._hop = hop
        self._tail = bytes(2 * (FRAME_SAMPLES - hop))
        self._shape: Floats = np.full((rows, BANDS), math.log(FLOOR), np.float32)
        self._power: Floats = np.zeros(rows, np.float32)
        self.new: deque[bytes] = deque(maxlen=frames)

    def shapes(self) -> tuple[Floats, Floats]:
        """Logarithm of the energy in bands and the energy in all, a row for each hop."""
        if self.new:
            pcm = self._tail + b"".join(self.new)
            self.new.clear()
            self._tail = pcm[len(pcm) - len(self._tail) :]
            power = _power(_windows(pcm, self._hop))
            self._shape = np.concatenate((self._shape[len(power) :], np.log(power + FLOOR)))
            self._power = np.concatenate((self._power[len(power) :], power.sum(axis=1)))
        return self._shape, self._power


def _windows(pcm: bytes, hop: int) -> Floats:
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    if hop == FRAME_SAMPLES:
        return samples.reshape(-1, FRAME_SAMPLES)
    # Every second window begins in the middle of a frame.
    windows = np.empty((2 * (len(samples) - hop) // FRAME_SAMPLES, FRAME_SAMPLES), np.float32)
    windows[0::2] = samples[:-hop].reshape(-1, FRAME_SAMPLES)
    windows[1::2] = samples[hop:].reshape(-1, FRAME_SAMPLES)
    return windows


def _power(windows: Floats) -> Floats:
    """Energy in bands, a row for each window."""
    waves = windows @ _WAVES
    return (waves * waves) @ _BANDS
