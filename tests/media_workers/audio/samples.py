"""Sounds for the tests: spoken sentences, tones and noise, as 16-bit samples at 8000 Hz."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.sip import rtp, speech

Samples = npt.NDArray[np.int16]


def spoken(text: str, voice: str = "rms") -> Samples:
    return np.asarray(rtp.decode(speech.ulaw(text, voice)), np.int16)


def tone(hz: float, ms: int, rate: int = 8000, peak: int = 8000) -> Samples:
    time = np.arange(rate * ms // 1000) / rate
    return (peak * np.sin(2 * np.pi * hz * time)).astype(np.int16)


def noise(ms: int, rms: float) -> Samples:
    return np.random.default_rng(7).normal(0, rms, 8 * ms).astype(np.int16)


def silence(ms: int) -> Samples:
    return np.zeros(8 * ms, np.int16)


def frames(*parts: Samples) -> list[bytes]:
    """The parts one after the other, in whole frames of 20 ms (the rest is filled with silence)."""
    samples = np.concatenate(parts)
    samples = np.concatenate([samples, np.zeros(-len(samples) % 160, np.int16)])
    return [piece.tobytes() for piece in samples.reshape(-1, 160)]
