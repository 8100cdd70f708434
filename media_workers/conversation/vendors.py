"""The vendors of a call as lists, and how long they are waited for."""

from __future__ import annotations

from media_workers.contract.agent import AgentConfig, Voice
from media_workers.providers.base import SpeechToText, TextToSpeech, VoiceSettings
from media_workers.providers.fallback import FallbackTranscriber, FallbackVoice, Option, Speaker, Watch

MODEL_GRACE_S = 2.0
"""Models give up by themselves after their `timeout_ms`; this much later they are not waited for any more."""

DEFAULT_MODEL_TIMEOUT_MS = 10_000

TRANSCRIBER_LIMIT_MS = 15_000


def models_limit_s(agent: AgentConfig | None) -> float:
    """So long all models together are waited for."""
    if agent is None:
        return MODEL_GRACE_S
    models = (agent.model, *agent.fallbacks.models)
    limit_ms = sum(getattr(model, "timeout_ms", DEFAULT_MODEL_TIMEOUT_MS) for model in models)
    return limit_ms / 1000 + MODEL_GRACE_S


def transcriber_of(stt: SpeechToText | None, watch: Watch) -> FallbackTranscriber | None:
    """A vendor on its own is a list of one."""
    if stt is None or isinstance(stt, FallbackTranscriber):
        return stt
    return FallbackTranscriber([Option(stt.name, stt, limit_ms=TRANSCRIBER_LIMIT_MS)], watch=watch)


def voice_of(tts: TextToSpeech, voice: Voice, watch: Watch) -> FallbackVoice:
    """A vendor on its own is a list of one."""
    if isinstance(tts, FallbackVoice):
        return tts
    settings = VoiceSettings(voice.voice, voice.speed, dict(voice.extra))
    return FallbackVoice([Option(tts.name, Speaker(tts, settings))], watch=watch)
