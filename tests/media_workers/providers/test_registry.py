import asyncio

import pytest

from media_workers.contract.agent import AgentConfig, Voice
from media_workers.providers import registry
from media_workers.providers.base import TextDelta, UserInput

SCRIPT = {"provider": "script", "nodes": {"start": {"say": "I am {{name}} of {{place}}."}}}


@pytest.mark.parametrize(("provider", "voice"), [("flite", "slt"), ("espeak", "en-us")])
async def test_a_voice_names_its_synthesizer_which_is_shared(provider: str, voice: str) -> None:
    settings = Voice.model_validate({"provider": provider, "voice": voice})
    tts = registry.build_tts(settings)
    assert tts.name == provider
    assert registry.build_tts(settings) is tts


async def test_every_vendor_can_be_loaded() -> None:
    registry.preload()


async def test_every_vendor_of_the_contract_has_its_line() -> None:
    schema = AgentConfig.model_json_schema()["$defs"]
    for model, table in (("Voice", registry.TTS), ("Transcriber", registry.STT)):
        provider = schema[model]["properties"]["provider"]
        assert set(provider.get("enum", [provider.get("const")])) == set(table)
    models = [d["properties"]["provider"]["const"] for n, d in schema.items() if n.endswith("Model")]
    assert set(models) == set(registry.LLM)


async def test_a_call_gets_its_own_dialogue_and_its_variables_win() -> None:
    config = AgentConfig.model_validate({"model": SCRIPT, "variables": {"name": "Ann", "place": "Rome"}})
    dialogues = [registry.build_dialogue(config, {"name": name}) for name in ("Bo", "Cy")]
    said = [delta for dialogue in dialogues async for delta in dialogue.reply(UserInput())]
    assert said == [TextDelta("I am Bo of Rome."), TextDelta("I am Cy of Rome.")]


def test_loops_share_nothing_and_closing_lets_go() -> None:
    async def build() -> tuple[object, object]:
        before = registry.build_tts(Voice())
        await registry.close()
        return before, registry.build_tts(Voice())

    first, second = (asyncio.run(build()) for _ in range(2))
    assert len({id(tts) for tts in (*first, *second)}) == 4
