"""Digital silence, and what is more than that."""

from __future__ import annotations

import struct

import pytest

from media_workers.audio.level import is_sound
from media_workers.audio.pcm import SILENCE


@pytest.mark.parametrize("sample", [0, 8, -8])
def test_what_g711_makes_of_silence(sample: int) -> None:
    assert not is_sound(struct.pack("<160h", *[sample] * 160))


@pytest.mark.parametrize("sample", [40, -40, 32_767, -32_768])
def test_a_single_loud_sample(sample: int) -> None:
    assert is_sound(SILENCE[:-2] + struct.pack("<h", sample))


def test_no_audio_at_all() -> None:
    assert not is_sound(b"")
