"""The voices that the contract promises are there, on every node."""

from __future__ import annotations

import pytest

from media_workers.contract.agent import FLITE_VOICES, Voice
from media_workers.contract.voices import VOICES, VoiceFact
from media_workers.providers import registry
from media_workers.providers.base import VoiceSettings


@pytest.mark.parametrize("fact", VOICES, ids=lambda fact: f"{fact.provider}-{fact.voice}")
async def test_a_voice_speaks(fact: VoiceFact) -> None:
    choice = Voice(provider=fact.provider, voice=fact.voice)
    tts = registry.build_tts(choice, None, "en-US")
    speech = tts.speak("1, 2, 3.", VoiceSettings(choice.voice, choice.speed))
    pcm = b"".join([chunk async for chunk in speech if isinstance(chunk, bytes)])
    assert max(memoryview(pcm).cast("h")) > 1_000
    await registry.close()


def test_each_is_listed_once_and_every_flite_voice_is() -> None:
    assert len({(fact.provider, fact.voice) for fact in VOICES}) == len(VOICES)
    assert {fact.voice for fact in VOICES if fact.provider == "flite"} == FLITE_VOICES
