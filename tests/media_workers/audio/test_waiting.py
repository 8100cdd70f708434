"""What a caller hears while somebody else is called, and voices added up."""

from __future__ import annotations

import numpy as np
import pytest

from media_workers.audio.mix import mixed
from media_workers.audio.pcm import FRAME_BYTES, FRAME_MS, SAMPLE_RATE
from media_workers.audio.waiting import waiting


def samples(kind: str) -> np.ndarray:
    return np.frombuffer(b"".join(waiting(kind)), "<i2").astype(np.float64)  # type: ignore[arg-type]


def test_it_rings_for_two_seconds_of_six_with_two_tones() -> None:
    ring = samples("ringback")
    assert len(ring) == 6 * SAMPLE_RATE
    loud = ring[: 2 * SAMPLE_RATE]
    assert not ring[2 * SAMPLE_RATE :].any()
    spectrum = np.abs(np.fft.rfft(loud))
    assert sorted(np.argsort(spectrum)[-2:] * SAMPLE_RATE / len(loud)) == [440, 480]


def test_music_goes_round_without_a_seam_or_a_click() -> None:
    music = samples("music")
    steps = np.abs(np.diff(music))
    seam = abs(music[0] - music[-1])
    assert 4_000 < np.abs(music).max() <= 5_000
    assert seam <= steps.max()
    assert len(music) / SAMPLE_RATE > 10
    assert all(len(frame) == FRAME_BYTES for frame in waiting("music"))
    # Never silent for as long as a second.
    seconds = music[: len(music) // SAMPLE_RATE * SAMPLE_RATE].reshape(-1, SAMPLE_RATE)
    assert np.abs(seconds).max(axis=1).min() > 500


def test_silence_has_no_frames() -> None:
    assert list(waiting("silence")) == []


@pytest.mark.parametrize(
    ("levels", "sum_"), [([100, 200, None], 300), ([30_000, 30_000], 32_767), ([-30_000, -30_000], -32_768)]
)
def test_frames_are_added_and_cut_off(levels: list[int | None], sum_: int) -> None:
    frames = [None if level is None else np.full(8 * FRAME_MS, level, "<i2").tobytes() for level in levels]
    total = mixed(*frames)
    assert total is not None
    assert set(np.frombuffer(total, "<i2").tolist()) == {sum_}


def test_nobody_is_silence_and_one_is_left_as_they_are() -> None:
    frame = bytes(FRAME_BYTES)
    assert mixed(None, None) is None
    assert mixed(None, frame) is frame
