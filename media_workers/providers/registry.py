"""Which vendor an agent's configuration names: one line per vendor.

Modules are imported when first asked for, so that a vendor's library costs nothing to a node whose
agents do not use it. One object per vendor serves all calls of an event loop; what is expensive (a
process, a connection pool) lives in it until `close`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from media_workers.contract.agent import AgentConfig, Transcriber, Voice
from media_workers.providers import sharing
from media_workers.providers.base import Dialogue, SpeechToText, TextToSpeech

_HERE = "media_workers.providers"

TTS = {
    "espeak": f"{_HERE}.tts.espeak:EspeakTextToSpeech",
    "flite": f"{_HERE}.tts.flite:FliteTextToSpeech",
}
STT = {
    "pocketsphinx": f"{_HERE}.stt.pocketsphinx:PocketsphinxSpeechToText",
}
LLM = {
    "openai_compatible": f"{_HERE}.llm.openai_compatible:build",
    "script": f"{_HERE}.llm.script:build",
}


def build_tts(voice: Voice) -> TextToSpeech:
    """The synthesizer of `voice.provider`. Must be called on the event loop that will use it."""
    return cast(TextToSpeech, _one(TTS[voice.provider]))


def build_stt(transcriber: Transcriber) -> SpeechToText:
    """The recogniser of `transcriber.provider`. Must be called on the event loop that will use it."""
    return cast(SpeechToText, _one(STT[transcriber.provider]))


def build_dialogue(config: AgentConfig, variables: Mapping[str, str]) -> Dialogue:
    """The agent's model bound to one call; `variables` go before the configuration's defaults."""
    build = _load(LLM[config.model.provider])
    return cast(Dialogue, build(config, {**config.variables, **variables}))


def preload() -> None:
    """Import every vendor's module, for a process that is forked into others afterwards."""
    for target in [*TTS.values(), *STT.values(), *LLM.values()]:
        _load(target)


async def close() -> None:
    """End what the vendors of the running loop share: processes, connection pools."""
    await sharing.close()


def _one(target: str) -> Any:
    return sharing.shared(target, _load(target))


def _load(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    return cast(Callable[..., Any], getattr(import_module(module), name))
