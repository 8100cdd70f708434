"""Lines spoken by flite."""

from __future__ import annotations

import pytest

from media_workers.providers.base import ProviderError
from media_workers.sandbox import speech
from media_workers.sandbox.ear import level
from media_workers.sandbox.script import Say, Script


def test_a_line_is_speech_from_its_first_to_its_last_millisecond() -> None:
    pcm = speech.line("Yes please.", "rms")
    assert 400 < len(pcm) / 16 < 2_000
    assert level(pcm) > 500
    assert level(pcm[: 16 * 60]) > 10
    assert level(pcm[-16 * 60 :]) > 10


def test_every_line_of_a_script_is_rendered_in_its_voice() -> None:
    script = Script(voice="awb", steps=[Say(text="Yes please."), Say(text="Goodbye.")])
    lines = speech.lines(script)
    assert set(lines) == {"Yes please.", "Goodbye."}
    assert lines["Yes please."] != speech.line("Yes please.", "rms")


def test_an_unknown_voice_is_refused() -> None:
    with pytest.raises(ProviderError, match="there is no voice 'espeak'"):
        speech.line("Hello", "espeak")
