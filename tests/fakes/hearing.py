"""What a fake transcriber hears: audio whose samples say which phrase they are of.

`speech(3)` is a piece of phrase 3, in samples that mu-law leaves as they are; everything else is silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from media_workers.audio import mulaw

FRAME_SAMPLES = 160
MOST = 24
_SAMPLES = [int(np.frombuffer(mulaw.decode(bytes([0xF0 - 4 * n])), "<i2")[0]) for n in range(MOST)]

Hear = Callable[[int, bytes], str]
"""The text of a stretch of audio (8 kHz PCM) that is the n-th (from 0) of its connection."""


def speech(phrase: int, ms: int = 20) -> bytes:
    """`ms` of phrase number `phrase` (from 1)."""
    return np.full(8 * ms, _SAMPLES[phrase - 1], "<i2").tobytes()


def silence(ms: int = 20) -> bytes:
    return bytes(16 * ms)


def spoken_in(pcm: bytes) -> list[int]:
    """Numbers of the phrases in `pcm`, in order, each once."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2")
    changes = np.flatnonzero(np.diff(samples)) + 1
    firsts = samples[np.concatenate(([0], changes))] if len(samples) else samples
    found = [_SAMPLES.index(int(s)) + 1 for s in firsts if int(s) in _SAMPLES]
    return list(dict.fromkeys(found))


def saying(phrases: Sequence[str]) -> Hear:
    """Hears `phrases[n - 1]` where `speech(n)` is."""
    return lambda _, pcm: " ".join(phrases[n - 1] for n in spoken_in(pcm))


def whatever(texts: Sequence[str]) -> Hear:
    """Hears the next of `texts` in every stretch of audio, whatever it holds."""
    return lambda number, pcm: texts[number % len(texts)] if pcm else ""
