from __future__ import annotations

import numpy as np
import pytest

from media_workers.audio import ambience
from media_workers.contract.agent import Sounds
from media_workers.conversation.sounds import SoundBed
from media_workers.providers.base import FRAME_SAMPLES
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import frame_of

LOUD = frame_of(32_000)


def bed(**sounds: object) -> SoundBed:
    return SoundBed(Sounds.model_validate({"comfort_noise": False, **sounds}))


def test_without_sounds_nothing_is_added() -> None:
    sounds = bed()
    assert sounds.under(None, waiting=False) is None
    assert sounds.under(None, waiting=True) is None
    assert sounds.under(LOUD, waiting=False) is LOUD


def test_comfort_noise_takes_the_place_of_silence_only() -> None:
    sounds = bed(comfort_noise=True)
    frames = [sounds.under(None, waiting=False) for _ in range(10)]
    assert set(frames) <= set(ambience.hiss())
    assert len(set(frames)) == 10
    assert sounds.under(LOUD, waiting=False) is LOUD


def test_a_place_is_under_the_voice_too_and_goes_on() -> None:
    sounds = bed(ambience="street", ambience_db=-20)
    place = [np.frombuffer(f, "<i2").astype(int) for f in ambience.place("street", -20)]
    assert sounds.under(None, waiting=False) == place[1].astype("<i2").tobytes()
    mixed = sounds.under(frame_of(1_000), waiting=False)
    assert mixed is not None
    assert np.array_equal(np.frombuffer(mixed, "<i2"), place[2] + 1_000)


def test_loud_speech_over_a_place_is_clipped_and_does_not_wrap() -> None:
    sounds = bed(ambience="street", ambience_db=-20)
    for _ in range(50):
        mixed = sounds.under(LOUD, waiting=False)
        assert mixed is not None
        assert np.frombuffer(mixed, "<i2").min() > 0


@pytest.mark.parametrize("kind", ["typing", "tone"])
def test_thinking_is_heard_while_a_function_runs_from_its_beginning(kind: str) -> None:
    sounds = bed(thinking=kind)
    loop = ambience.thinking(kind)  # type: ignore[arg-type]
    assert [sounds.under(None, waiting=True) for _ in range(3)] == list(loop[:3])
    assert sounds.under(LOUD, waiting=True) is LOUD
    assert sounds.under(None, waiting=True) == loop[0]
    assert sounds.under(None, waiting=False) is None


def test_thinking_in_a_place_is_both() -> None:
    sounds = bed(thinking="tone", ambience="office", ambience_db=-30)
    frame = sounds.under(None, waiting=True)
    assert frame is not None
    both = np.frombuffer(ambience.thinking("tone")[0], "<i2").astype(int)
    both = both + np.frombuffer(ambience.place("office", -30)[1], "<i2")
    assert np.array_equal(np.frombuffer(frame, "<i2"), both)
    assert len(both) == FRAME_SAMPLES


def test_a_call_has_its_place_from_the_answer_to_the_end_but_not_on_hold() -> None:
    phone = Phone(agent=config(sounds={"ambience": "cafe", "ambience_db": -30}))
    phone.holds(2000, 3000)
    phone.call(4000)
    assert phone.spoke() == [(0, 2000), (3000, 4000)]
