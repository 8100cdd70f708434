from __future__ import annotations

import numpy as np
import pytest

from media_workers.audio import ambience
from media_workers.audio.ambience import Place, Thinking
from media_workers.audio.level import is_sound
from media_workers.audio.pcm import FRAME_BYTES, FRAME_MS


def samples(loop: object) -> np.ndarray:
    return np.frombuffer(b"".join(loop), "<i2").astype(np.float64)  # type: ignore[call-overload]


def level_db(wave: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(wave**2)) / 32768))


@pytest.mark.parametrize("kind", ["office", "cafe", "street"])
@pytest.mark.parametrize("db", [-60, -42, -20])
def test_a_place_is_as_loud_as_it_is_told_and_never_clips(kind: Place, db: int) -> None:
    loop = ambience.place(kind, db)
    assert all(len(frame) == FRAME_BYTES for frame in loop)
    assert len(loop) * FRAME_MS == 10_000
    wave = samples(loop)
    assert level_db(wave) == pytest.approx(db, abs=0.5)
    assert np.abs(wave).max() < 32_767


@pytest.mark.parametrize("kind", ["office", "cafe", "street"])
def test_a_loop_has_no_seam(kind: Place) -> None:
    wave = samples(ambience.place(kind, -30))
    steps = np.abs(np.diff(wave))
    assert abs(wave[0] - wave[-1]) <= np.quantile(steps, 0.999)


def test_places_differ_and_are_always_the_same() -> None:
    loops = {kind: samples(ambience.place(kind, -42)) for kind in ("office", "cafe", "street")}
    for one, other in (("office", "cafe"), ("cafe", "street"), ("office", "street")):
        assert abs(np.corrcoef(loops[one], loops[other])[0, 1]) < 0.5
    ambience.place.cache_clear()
    assert np.array_equal(samples(ambience.place("cafe", -42)), loops["cafe"])


@pytest.mark.parametrize("kind", ["typing", "tone"])
def test_thinking_is_heard_with_pauses(kind: Thinking) -> None:
    loop = ambience.thinking(kind)
    loud = [is_sound(frame) for frame in loop]
    assert any(loud)
    assert not all(loud)
    assert level_db(samples(loop)) == pytest.approx(-40, abs=0.5)


def test_hiss_is_no_sound_that_anybody_would_take_for_speech() -> None:
    wave = samples(ambience.hiss())
    assert np.abs(wave).max() <= ambience.HISS_PEAK
    assert np.count_nonzero(wave) > len(wave) // 2
    assert not any(is_sound(frame) for frame in ambience.hiss())
