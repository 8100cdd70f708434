from typing import get_args

import pytest

from media_workers.contract.agent import AgentConfig, Voice
from media_workers.contract.vendors import ChatVendor, RealtimeVendor, SpeechToTextVendor, VoiceVendor
from media_workers.providers import assembly, registry
from media_workers.providers.base import ProviderError, TextDelta, UserInput
from media_workers.providers.fallback import Watch

SCRIPT = {"provider": "script", "nodes": {"start": {"say": "I am {{name}} of {{place}}."}}}


@pytest.mark.parametrize(("provider", "voice"), [("flite", "slt"), ("espeak", "en-us")])
async def test_a_voice_names_its_synthesizer_which_is_of_one_call(provider: str, voice: str) -> None:
    settings = Voice.model_validate({"provider": provider, "voice": voice})
    tts = registry.build_tts(settings, None, "en-US")
    assert tts.name == provider
    assert registry.build_tts(settings, None, "en-US") is not tts


async def test_calls_share_what_is_expensive_and_loops_do_not() -> None:
    first, second = (registry.build_tts(Voice(), None, "en-US") for _ in range(2))
    assert vars(first)["_cache"] is vars(second)["_cache"]
    await registry.close()
    assert vars(registry.build_tts(Voice(), None, "en-US"))["_cache"] is not vars(first)["_cache"]


async def test_a_vendor_that_this_node_does_not_know_is_an_error_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(registry.TTS, "flite")
    with pytest.raises(ProviderError, match="is unknown to this node"):
        registry.build_tts(Voice(), None, "en-US")


async def test_every_vendor_can_be_loaded() -> None:
    registry.preload()


def test_every_vendor_of_the_contract_has_its_line() -> None:
    assert set(registry.TTS) == set(get_args(VoiceVendor))
    assert set(registry.STT) == set(get_args(SpeechToTextVendor))
    assert set(registry.LLM) == {*get_args(ChatVendor), "openai_compatible"}
    assert set(registry.REALTIME) == set(get_args(RealtimeVendor))


async def test_a_call_gets_its_own_dialogue_and_its_variables_win() -> None:
    config = AgentConfig.model_validate({"model": SCRIPT, "variables": {"name": "Ann", "place": "Rome"}})
    dialogues = [assembly.build_dialogue(config, {"name": name}, {}, watch=Watch()) for name in ("Bo", "Cy")]
    said = [delta for dialogue in dialogues async for delta in dialogue.reply(UserInput())]
    assert said == [TextDelta("I am Bo of Rome."), TextDelta("I am Cy of Rome.")]
