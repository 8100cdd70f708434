"""Which vendor an agent's configuration names: one line per vendor and kind.

Modules are imported when first asked for, so that a vendor's library costs nothing to a node whose
agents do not use it. What is built belongs to one call; what is expensive (a process, a connection
pool) is shared by the calls of an event loop (`sharing`). Everything here must be called on the loop
that will use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from media_workers.contract.agent import (
    ChatModel,
    OpenAICompatibleModel,
    RealtimeModel,
    Transcriber,
    Voice,
)
from media_workers.contract.vendors import Credential, Kind
from media_workers.providers import sharing, trust
from media_workers.providers.base import (
    LanguageModel,
    ProviderError,
    SpeechToText,
    TextToSpeech,
)
from media_workers.providers.realtime.base import SpeakingModel

_HERE = "media_workers.providers"

TTS = {
    "azure": f"{_HERE}.tts.azure:build",
    "cartesia": f"{_HERE}.tts.cartesia:build",
    "deepgram": f"{_HERE}.tts.deepgram:build",
    "elevenlabs": f"{_HERE}.tts.elevenlabs:build",
    "espeak": f"{_HERE}.tts.espeak:build",
    "flite": f"{_HERE}.tts.flite:build",
    "google": f"{_HERE}.tts.google:build",
    "openai": f"{_HERE}.tts.openai:build",
    "piper": f"{_HERE}.tts.piper:build",
    "rime": f"{_HERE}.tts.rime:build",
    "pipecat": f"{_HERE}.pipecat.tts:build",
}
STT = {
    "assemblyai": f"{_HERE}.stt.assemblyai:build",
    "azure": f"{_HERE}.stt.azure:build",
    "elevenlabs": f"{_HERE}.stt.elevenlabs:build",
    "google": f"{_HERE}.stt.google:build",
    "openai": f"{_HERE}.stt.openai:build",
    "sherpa": f"{_HERE}.stt.sherpa:build",
    "speechmatics": f"{_HERE}.stt.speechmatics:build",
    "deepgram": f"{_HERE}.stt.deepgram:build",
    "pocketsphinx": f"{_HERE}.stt.pocketsphinx:build",
    "pipecat": f"{_HERE}.pipecat.stt:build",
}
LLM = {
    "openai": f"{_HERE}.llm.openai:build",
    "mistral": f"{_HERE}.llm.openai:build",
    "groq": f"{_HERE}.llm.openai:build",
    "together": f"{_HERE}.llm.openai:build",
    "cerebras": f"{_HERE}.llm.openai:build",
    "xai": f"{_HERE}.llm.openai:build",
    "deepseek": f"{_HERE}.llm.openai:build",
    "azure": f"{_HERE}.llm.openai:build",
    "bedrock": f"{_HERE}.llm.bedrock:build",
    "anthropic": f"{_HERE}.llm.anthropic:build",
    "google": f"{_HERE}.llm.google:build",
    "openai_compatible": f"{_HERE}.llm.openai:build",
}
REALTIME = {
    "gemini_live": f"{_HERE}.realtime.gemini:build",
    "openai_realtime": f"{_HERE}.realtime.openai:build",
}


def build_tts(choice: Voice, credential: Credential | None, language: str) -> TextToSpeech:
    """The synthesizer of one call. Raises `ProviderError` when it cannot be had (no key)."""
    return cast(TextToSpeech, _vendor(TTS, "tts", choice.provider)(choice, credential, language))


def build_stt(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """The transcriber of one call. Raises `ProviderError` when it cannot be had (no key)."""
    return cast(SpeechToText, _vendor(STT, "stt", choice.provider)(choice, credential, language))


def build_model(choice: ChatModel | OpenAICompatibleModel, credential: Credential | None) -> LanguageModel:
    """The language model of one call. Raises `ProviderError` when it cannot be had (no key)."""
    return cast(LanguageModel, _vendor(LLM, "llm", choice.provider)(choice, credential))


def build_speaking_model(choice: RealtimeModel, credential: Credential | None) -> SpeakingModel:
    """The speech-to-speech model of one call. Raises `ProviderError` when it cannot be had (no key)."""
    return cast(SpeakingModel, _vendor(REALTIME, "realtime", choice.provider)(choice, credential))


def preload() -> None:
    """Import every vendor's module and read the certificates, for a process that is forked into others
    afterwards."""
    for target in [*TTS.values(), *STT.values(), *LLM.values(), *REALTIME.values()]:
        _load(target)
    trust.context()


async def close() -> None:
    """End what the vendors of the running loop share: processes, connection pools."""
    await sharing.close()


def _vendor(table: Mapping[str, str], kind: Kind, vendor: str) -> Callable[..., Any]:
    if vendor not in table:
        raise ProviderError(kind, vendor, "is unknown to this node", retryable=False)
    return _load(table[vendor])


def _load(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    return cast(Callable[..., Any], getattr(import_module(module), name))
