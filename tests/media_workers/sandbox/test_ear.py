"""Energy detection of the far side."""

from __future__ import annotations

import pytest

from media_workers.providers.base import FRAME_BYTES
from media_workers.sandbox.ear import Ear, level
from media_workers.sandbox.mouth import tone

LOUD = tone(300, 1_000)[:FRAME_BYTES]
SILENCE = bytes(FRAME_BYTES)


def hear(ear: Ear, *stretches: tuple[bytes, int]) -> None:
    for frame, ms in stretches:
        for _ in range(ms // 20):
            ear.hear(frame)


def test_level_is_the_root_mean_square() -> None:
    assert level(SILENCE) == 0
    assert level((1_000).to_bytes(2, "little") * 160) == 1_000
    assert level(b"") == 0


def test_a_segment_begins_with_its_first_loud_frame_and_ends_with_its_last() -> None:
    ear = Ear()
    hear(ear, (SILENCE, 500), (LOUD, 400), (SILENCE, 1_000))
    assert [(s.start_ms, s.end_ms) for s in ear.segments] == [(500, 900)]
    assert ear.current is None
    assert ear.speech_ms == 400
    assert ear.quiet_ms == 1_000


def test_a_click_is_not_speech() -> None:
    ear = Ear(onset_ms=60)
    hear(ear, (SILENCE, 200), (LOUD, 40), (SILENCE, 400))
    assert ear.segments == []
    assert ear.speech_ms == 0


@pytest.mark.parametrize(("gap_ms", "segments"), [(280, 1), (300, 2)])
def test_a_gap_shorter_than_the_pause_stays_inside_the_segment(gap_ms: int, segments: int) -> None:
    ear = Ear(pause_ms=300)
    hear(ear, (LOUD, 300), (SILENCE, gap_ms), (LOUD, 300), (SILENCE, 500))
    assert len(ear.segments) == segments


def test_quiet_noise_below_the_threshold_is_silence() -> None:
    ear = Ear(loud_level=250)
    hear(ear, (tone(300, 1_000, amplitude=200)[:FRAME_BYTES], 1_000))
    assert ear.segments == []
    assert ear.quiet_ms == 1_000
