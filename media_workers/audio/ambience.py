"""Sounds made by computation: places, typing, a soft tone, hiss. Loops of 20 ms frames without a seam.

Nothing here is a recording, so nothing here is anybody's. Everything comes from one seed and is the same
on every machine; the calls of a process share each loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from media_workers.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE

Place = Literal["office", "cafe", "street"]
Thinking = Literal["typing", "tone"]
Wave = npt.NDArray[np.float64]

LOOP_S = 10
THINKING_S = 3
THINKING_DB = -40
HISS_PEAK = 16
"""-71 dB under full scale: the last two steps of G.711, which is what a line without a call sounds like."""

SYLLABLES_HZ = (2.5, 5.5)
_SAMPLES = LOOP_S * SAMPLE_RATE


@lru_cache(maxsize=1)
def hiss() -> Sequence[bytes]:
    """Two seconds of comfort noise."""
    samples = np.random.default_rng(7).integers(-HISS_PEAK, HISS_PEAK + 1, 2 * SAMPLE_RATE)
    return _frames(samples.astype(np.float64))


@lru_cache(maxsize=32)
def place(kind: Place, level_db: int) -> Sequence[bytes]:
    """The sound of a place at `level_db` under full scale (its mean)."""
    make = {"office": _office, "cafe": _cafe, "street": _street}[kind]
    return _frames(_at(make(np.random.default_rng(11)), level_db))


@lru_cache(maxsize=2)
def thinking(kind: Thinking) -> Sequence[bytes]:
    """What is heard while a function runs."""
    make = {"typing": _typing, "tone": _tone}[kind]
    return _frames(_at(make(np.random.default_rng(13)), THINKING_DB))


def _office(rng: np.random.Generator) -> Wave:
    hum = _noise(rng, 60, 250)
    murmur = sum((_voice(rng, talking=0.35) for _ in range(4)), np.zeros(_SAMPLES))
    keys = _strewn(rng, [_click(rng) for _ in range(6)], times=45)
    return 0.5 * hum + _at_one(murmur) + 0.25 * keys


def _cafe(rng: np.random.Generator) -> Wave:
    murmur = sum((_voice(rng, talking=0.6) for _ in range(12)), np.zeros(_SAMPLES))
    cups = _strewn(rng, [_clink(rng) for _ in range(5)], times=9)
    return 0.3 * _noise(rng, 80, 400) + 1.2 * _at_one(murmur) + 0.4 * cups


def _street(rng: np.random.Generator) -> Wave:
    seconds = np.arange(_SAMPLES) / SAMPLE_RATE
    road = _noise(rng, 50, 500)
    passing = np.zeros(_SAMPLES)
    for at, width in ((2.4, 1.1), (6.9, 1.6)):
        away = np.abs((seconds - at + LOOP_S / 2) % LOOP_S - LOOP_S / 2)
        passing += np.exp(-((away / width) ** 2)) * _noise(rng, 150, 1_600)
    return road + 1.6 * passing + 0.15 * _noise(rng, 1_500, 3_400)


def _typing(rng: np.random.Generator) -> Wave:
    wave = np.zeros(THINKING_S * SAMPLE_RATE)
    at = 0.05
    while at < THINKING_S - 0.5:
        _add(wave, _click(rng) * rng.uniform(0.5, 1), at)
        at += rng.choice([0.09, 0.12, 0.16, 0.32])
    return wave


def _tone(rng: np.random.Generator) -> Wave:
    wave = np.zeros(THINKING_S * SAMPLE_RATE)
    seconds = np.arange(int(0.18 * SAMPLE_RATE)) / SAMPLE_RATE
    for at, pitch in ((0.3, 440.0), (0.55, 554.4)):
        _add(wave, np.sin(2 * np.pi * pitch * seconds) * np.hanning(len(seconds)), at)
    return wave


def _voice(rng: np.random.Generator, talking: float) -> Wave:
    """Somebody too far away to be understood: noise with the colour and the rhythm of speech."""
    first = rng.uniform(350, 700)
    sound = _noise(rng, 120, 350) + _noise(rng, first - 120, first + 120)
    sound += 0.5 * _noise(rng, 1_100, 2_200)
    seconds = np.arange(_SAMPLES) / SAMPLE_RATE
    # Whole periods in the loop, so that it has no seam.
    beats = round(rng.uniform(*SYLLABLES_HZ) * LOOP_S) / LOOP_S
    syllables = 0.5 + 0.5 * np.sin(2 * np.pi * beats * seconds + rng.uniform(0, 6))
    phrases = _noise(rng, 0.1, 0.6)
    speaks = 1 / (1 + np.exp(-4 * (phrases - np.quantile(phrases, 1 - talking))))
    return sound * syllables**2 * speaks


def _noise(rng: np.random.Generator, lowest_hz: float, highest_hz: float) -> Wave:
    """A loop of noise between two frequencies, with mean 1 of its squares. Made as a spectrum, it has no
    seam."""
    frequencies = np.fft.rfftfreq(_SAMPLES, 1 / SAMPLE_RATE)
    inside = (frequencies >= lowest_hz) & (frequencies <= highest_hz)
    spectrum = np.where(inside, np.exp(2j * np.pi * rng.random(len(frequencies))), 0)
    return _at_one(np.fft.irfft(spectrum, _SAMPLES))


def _click(rng: np.random.Generator) -> Wave:
    """A key: 8 ms of rattle that dies away, and a softer one when it is let go."""
    length = int(0.008 * SAMPLE_RATE)
    down = rng.normal(0, 1, length) * np.exp(-np.arange(length) / (0.0015 * SAMPLE_RATE))
    wave = np.zeros(int(0.09 * SAMPLE_RATE))
    _add(wave, down, 0)
    _add(wave, 0.4 * down[::-1] * np.exp(-np.arange(length) / length), rng.uniform(0.05, 0.07))
    return wave


def _clink(rng: np.random.Generator) -> Wave:
    seconds = np.arange(int(0.25 * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = rng.uniform(1_900, 3_200)
    ring = np.sin(2 * np.pi * pitch * seconds) + 0.5 * np.sin(2 * np.pi * 0.61 * pitch * seconds)
    return ring * np.exp(-seconds / rng.uniform(0.02, 0.05))


def _strewn(rng: np.random.Generator, sounds: Sequence[Wave], times: int) -> Wave:
    wave = np.zeros(_SAMPLES)
    for at in rng.uniform(0, LOOP_S - 0.3, times):
        _add(wave, sounds[int(rng.integers(len(sounds)))] * rng.uniform(0.3, 1), at)
    return wave


def _add(wave: Wave, sound: Wave, at_s: float) -> None:
    start = int(at_s * SAMPLE_RATE)
    end = min(len(wave), start + len(sound))
    wave[start:end] += sound[: end - start]


def _at_one(wave: Wave) -> Wave:
    return wave / max(1e-9, float(np.sqrt(np.mean(wave**2))))


def _at(wave: Wave, level_db: int) -> Wave:
    return _at_one(wave) * 32768 * 10 ** (level_db / 20)


def _frames(wave: Wave) -> Sequence[bytes]:
    pcm = np.clip(np.round(wave), -32768, 32767).astype("<i2")
    return [part.tobytes() for part in pcm.reshape(-1, FRAME_SAMPLES)]
