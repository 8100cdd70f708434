"""The cheap detector: open for anything that may be speech, shut for what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from media_workers.audio.gate import HANGOVER_FRAMES, Gate
from tests.media_workers.audio.samples import Samples, frames, noise, silence, spoken, tone


def opened(*parts: Samples) -> list[bool]:
    gate = Gate()
    return [gate.feed(pcm, np.frombuffer(pcm, "<i2").astype(np.float32)) for pcm in frames(*parts)]


def test_silence_keeps_it_shut() -> None:
    assert not any(opened(silence(2_000)))


def test_the_rounding_of_mu_law_keeps_it_shut() -> None:
    assert not any(opened(noise(2_000, rms=6)))


@pytest.mark.parametrize("level", [1.0, 0.3, 0.1, 0.03])
def test_speech_opens_it_at_any_usual_level(level: float) -> None:
    sentence = (spoken("I would like to book a table.") * level).astype(np.int16)
    state = opened(silence(1_000), sentence)
    assert not any(state[:50])
    assert np.mean(state[50:]) > 0.85


def test_it_stays_open_for_the_hangover_and_shuts() -> None:
    state = opened(silence(500), tone(300, 200), silence(2_000))
    last_open = max(i for i, is_open in enumerate(state) if is_open)
    end_of_tone = (500 + 200) // 20 - 1
    assert HANGOVER_FRAMES - 1 <= last_open - end_of_tone <= HANGOVER_FRAMES + 10


def test_steady_noise_does_not_keep_it_open_by_its_loudness() -> None:
    hiss = noise(8_000, rms=150)
    assert np.mean(opened(hiss)[200:]) < 0.5


def test_a_loud_sound_over_steady_noise_opens_it_again() -> None:
    state = opened(noise(8_000, rms=100), tone(700, 300, peak=6_000))
    assert all(state[-10:])
