"""Queued audio, tones and trimming."""

from __future__ import annotations

import numpy as np

from media_workers.providers.base import FRAME_BYTES
from media_workers.sandbox.mouth import Mouth, tone, trim


def test_audio_leaves_in_frames_and_the_last_one_is_padded() -> None:
    mouth = Mouth()
    mouth.say(b"\x01\x02" * 200)
    assert mouth.frame() == b"\x01\x02" * 160
    assert mouth.frame() == (b"\x01\x02" * 40).ljust(FRAME_BYTES, b"\0")
    assert mouth.frame() is None
    assert not mouth.busy


def test_what_is_said_next_follows_what_is_still_being_said() -> None:
    mouth = Mouth()
    mouth.say(b"\x01\x01" * 320)
    mouth.frame()
    mouth.say(b"\x02\x02" * 160)
    assert mouth.frame() == b"\x01\x01" * 160
    assert mouth.frame() == b"\x02\x02" * 160
    assert mouth.frame() is None


def test_a_tone_has_its_length_and_its_pitch() -> None:
    samples = np.frombuffer(tone(1_000, 500), "<i2")
    assert len(samples) == 4_000
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * 8_000 / len(samples) == 1_000
    assert abs(samples[0]) == 0


def test_trimming_removes_silence_at_the_ends_only() -> None:
    speech = b"\x00\x10" * 100 + bytes(400) + b"\x00\x10" * 100
    assert trim(bytes(3_200) + speech + bytes(1_600)) == speech
    assert trim(bytes(3_200)) == b""
