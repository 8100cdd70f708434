"""A beep is a beep in noise and through mu-law; a word, a key, a fax and a melody are none."""

from __future__ import annotations

import numpy as np
import pytest

from media_workers.audio import mulaw
from media_workers.audio.beep import Tone, ToneDetector
from tests.media_workers.audio.samples import Samples, frames, silence, spoken, tone


def chord(hz: tuple[float, ...], ms: int) -> Samples:
    return np.sum([tone(h, ms, peak=8000 // len(hz)) for h in hz], axis=0).astype(np.int16)


def heard(*parts: Samples, noise: float = 40) -> list[Tone]:
    """What is told of the parts with silence around them, on a line with noise."""
    whole = np.concatenate([silence(303), *parts, silence(700)])
    noisy = whole + np.random.default_rng(5).normal(0, noise, len(whole))
    detector = ToneDetector()
    pcm = np.clip(noisy, -32_000, 32_000).astype(np.int16)
    told = (detector.feed(mulaw.decode(mulaw.encode(frame))) for frame in frames(pcm))
    return [found for found in told if found is not None]


@pytest.mark.parametrize("hz", [310, 440, 620, 1000, 1400, 2000, 2500])
@pytest.mark.parametrize("ms", [100, 500, 2000])
def test_a_beep_of_any_pitch_and_length(hz: int, ms: int) -> None:
    (found,) = heard(tone(hz, ms), noise=250)
    assert found.kind == "beep"
    assert abs(found.hz[0] - hz) < 12
    assert abs(found.start_ms - 300) <= 20
    assert abs(found.end_ms - found.start_ms - ms) <= 40


def test_beeps_of_several_tones_are_one() -> None:
    assert [t.kind for t in heard(tone(1000, 150), silence(120), tone(1000, 150))] == ["beep"]
    assert [t.kind for t in heard(tone(800, 200), tone(1200, 200))] == ["beep"]
    (both,) = heard(chord((800, 1300), 400))
    assert both.kind == "beep"
    assert [round(hz, -1) for hz in both.hz] == [800, 1300]


@pytest.mark.parametrize(
    ("hz", "digit"), [((697, 1209), "1"), ((770, 1336), "5"), ((941, 1477), "#"), ((852, 1633), "C")]
)
def test_a_key_is_no_beep(hz: tuple[float, ...], digit: str) -> None:
    (found,) = heard(chord(hz, 120))
    assert (found.kind, found.name) == ("dtmf", digit)


def test_a_fax_is_told_while_it_sounds() -> None:
    (answering,) = heard(tone(2100, 3000))
    assert answering.kind == "fax"
    (calling,) = heard(tone(1100, 500))
    assert calling.kind == "cng"


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ((913.8, 274), (1370.6, 274), "intercept"),
        ((985.2, 380), (1370.6, 274), "vacant_code"),
        ((985.2, 380), (1428.5, 380), "no_circuit"),
        ((913.8, 274), (1428.5, 380), "reorder"),
        ((985.2, 274), (1428.5, 274), "unknown"),
    ],
)
def test_special_information_tones_have_names(
    first: tuple[float, int], second: tuple[float, int], name: str
) -> None:
    (found,) = heard(tone(*first), tone(*second), tone(1776.7, 380))
    assert (found.kind, found.name) == ("sit", name)


def test_tones_of_the_exchange_are_no_beep() -> None:
    assert [t.kind for t in heard(tone(425, 1000))] == ["progress"]
    assert [t.kind for t in heard(chord((480, 620), 500))] == ["progress"]
    assert "beep" not in [t.kind for t in heard(chord((440, 480), 2000))]


def test_a_melody_and_an_endless_tone_are_no_beep() -> None:
    assert heard(*(tone(hz, 250) for hz in (523, 659, 784, 1046, 784, 659, 523))) == []
    assert heard(tone(1000, 4000)) == []


@pytest.mark.parametrize("voice", ["rms", "slt"])
def test_speech_is_no_beep(voice: str) -> None:
    text = "Ooh, two blue moons. Mmm, who knew? The number you have dialed is not available at the moment."
    assert heard(spoken(text, voice)) == []


def test_a_tone_that_speech_follows_at_once_is_none() -> None:
    assert heard(tone(1000, 300), spoken("Hello?")) == []


def test_one_can_see_a_tone_while_it_sounds() -> None:
    detector = ToneDetector()
    sounding = []
    for frame in frames(silence(100), tone(1000, 400), silence(200)):
        detector.feed(frame)
        sounding.append(detector.sounding_ms)
    assert max(sounding) >= 360
    assert sounding[0] == sounding[-1] == 0
