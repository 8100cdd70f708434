"""Sound as Whisper sees it: the logarithm of the energy in 80 bands, every 10 ms.

What OpenAI published of it (`whisper/audio.py`, MIT) and `WhisperFeatureExtractor` computes: windows of
25 ms, Slaney's scale of pitch, the loudest 80 dB.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

RATE = 16_000
SECONDS = 8
SAMPLES = RATE * SECONDS
WINDOW = 400
HOP = 160
BANDS = 80
BREAK_HZ, BREAK_MEL, LOG_STEP = 1_000.0, 15.0, math.log(6.4) / 27
"""Slaney: 3 mel for 200 Hz up to here, logarithmic above."""

Floats = npt.NDArray[np.float64]


def features(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """80 x 800 of exactly 8 s at 16 kHz, brought to mean 0 and variance 1 before."""
    level = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    padded = np.pad(level.astype(np.float64), WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: SAMPLES // HOP]
    spectrum = np.fft.rfft(windows * np.hanning(WINDOW + 1)[:-1], axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) @ _bands()
    loudness = np.log10(np.maximum(power, 1e-10))
    loudness = np.maximum(loudness, loudness.max() - 8.0)
    shown: npt.NDArray[np.float32] = ((loudness + 4.0) / 4.0).T.astype(np.float32)
    return shown


@lru_cache(maxsize=1)
def _bands() -> Floats:
    """Triangles of equal area, evenly spaced in pitch: a column for each band."""
    edges = _hertz(np.linspace(0, _mel(RATE / 2), BANDS + 2))
    frequencies = np.linspace(0, RATE / 2, WINDOW // 2 + 1)[:, None]
    rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])


def _mel(hertz: float) -> float:
    if hertz < BREAK_HZ:
        return 3 * hertz / 200
    return BREAK_MEL + math.log(hertz / BREAK_HZ) / LOG_STEP


def _hertz(mel: Floats) -> Floats:
    return np.where(mel < BREAK_MEL, 200 * mel / 3, BREAK_HZ * np.exp(LOG_STEP * (mel - BREAK_MEL)))
