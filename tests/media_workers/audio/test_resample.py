"""Changing sample rates piece by piece: nothing lost, nothing added, no seams."""

from __future__ import annotations

import random

import numpy as np
import pytest

from media_workers.audio.resample import Resampler, resample
from tests.media_workers.audio.samples import tone


def streamed(pcm: bytes, source: int, target: int, sizes: list[int]) -> bytes:
    resampler, out, at = Resampler(source, target), b"", 0
    while at < len(pcm):
        size = sizes[at % len(sizes)]
        out += resampler.feed(pcm[at : at + size])
        at += size
    return out + resampler.flush()


@pytest.mark.parametrize(("source", "target"), [(8000, 16000), (16000, 8000), (22050, 8000), (24000, 8000)])
def test_a_tone_stays_the_same_tone(source: int, target: int) -> None:
    pcm = resample(tone(440, 1_000, source).tobytes(), source, target)
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    assert abs(len(samples) - target) <= 2
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    loudest = np.argmax(spectrum) * target / len(samples)
    assert loudest == pytest.approx(440, abs=2)
    middle = samples[target // 4 : target * 3 // 4]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(8000 / np.sqrt(2), rel=0.02)


def test_what_telephones_cannot_carry_is_removed_not_folded_back() -> None:
    pcm = resample(tone(6_000, 500, 22050).tobytes(), 22050, 8000)
    middle = np.frombuffer(pcm, "<i2").astype(np.float64)[1000:3000]
    assert np.sqrt(np.mean(middle**2)) < 20


def test_pieces_of_any_length_give_what_one_piece_gives() -> None:
    pcm = tone(300, 1_000, 22050).tobytes()
    dice = random.Random(3)
    pieces = np.frombuffer(streamed(pcm, 22050, 8000, [dice.randrange(1, 2_000) for _ in range(97)]), "<i2")
    whole = np.frombuffer(resample(pcm, 22050, 8000), "<i2")
    assert len(pieces) == len(whole)
    assert np.max(np.abs(pieces.astype(int) - whole)) <= 4, "soxr dithers"


def test_the_same_rate_passes_through_at_once() -> None:
    resampler = Resampler(8000, 8000)
    assert resampler.feed(b"\x01\x02\x03") == b"\x01\x02"
    assert resampler.feed(b"\x04") == b"\x03\x04"
    assert resampler.flush() == b""


def test_nonsense_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        Resampler(0, 8000)
