"""The vendors of one call: what the agent's configuration names first, and who takes over.

A vendor that cannot be had (it has no key) keeps its place in the list, and is passed over there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from media_workers.contract.agent import (
    AgentConfig,
    ChatModel,
    OpenAICompatibleModel,
    RealtimeModel,
    ScriptModel,
    SpokenModel,
    Transcriber,
    Voice,
)
from media_workers.contract.part import fill
from media_workers.contract.vendors import LOCAL, Credential, key_of
from media_workers.providers import registry
from media_workers.providers.base import (
    Before,
    Dialogue,
    LanguageModel,
    ProviderError,
    SpeechToText,
    Tool,
    VoiceSettings,
)
from media_workers.providers.fallback import (
    FallbackModel,
    FallbackTranscriber,
    FallbackVoice,
    Option,
    Speaker,
    Watch,
)
from media_workers.providers.fallback.chain import Breaker
from media_workers.providers.llm.chat import ChatDialogue, LookUp, instructions, nothing
from media_workers.providers.llm.flow.dialogue import FlowDialogue, nobody
from media_workers.providers.llm.flow.graph import Graph, of_flow, of_script
from media_workers.providers.realtime.base import SpeakingModel

T = TypeVar("T")

VOICE_LIMIT_MS = 10_000
CONNECT_PATIENCE_MS = 4_000
CONNECT_LIMIT_MS = 15_000
LOCAL_LIMIT_MS = 30_000
"""A transcriber on the node starts a process and loads its model; it is waited for."""

Credentials = Mapping[str, Credential]


def build_dialogue(
    config: AgentConfig,
    variables: Mapping[str, str],
    credentials: Credentials,
    *,
    tools: Sequence[Tool] = (),
    watch: Watch,
    breaker: Breaker | None = None,
    before: Before | None = None,
    on_moved: Callable[[str, str, str], None] = nobody,
    secret: Callable[[str, str], None] = nobody,
    look_up: LookUp = nothing,
) -> Dialogue:
    """The agent's model and its fallbacks bound to one call, or its flow with them; `variables` go before the
    configuration's defaults. `tools` may grow during the call. `on_moved` and `secret`: see `FlowDialogue`.
    `look_up`: asked before the model is, where the agent's knowledge is looked up for every question.
    """
    model = _models(config, credentials, watch, breaker)
    if not config.knowledge.bases or config.knowledge.mode != "auto":
        look_up = nothing
    if config.flow is None and model is not None:
        return ChatDialogue(model, instructions(config, variables), tools, before, look_up)
    return FlowDialogue(
        of_flow(config.flow) if config.flow is not None else _script(config),
        {**config.variables, **variables},
        language=config.language,
        greeting=fill(config.first_message, {**config.variables, **variables}) if config.flow else "",
        model=model,
        instructions=instructions(config, variables) if model is not None else "",
        tools=tools,
        before=before,
        on_moved=on_moved,
        secret=secret,
        look_up=look_up,
    )


def _models(
    config: AgentConfig, credentials: Credentials, watch: Watch, breaker: Breaker | None
) -> FallbackModel | None:
    """Those that speak; None where the agent has none."""
    if not isinstance(config.model, ChatModel | OpenAICompatibleModel):
        return None
    options = [_model(choice, credentials) for choice in (config.model, *config.fallbacks.models)]
    return FallbackModel(options, watch=watch, breaker=breaker)


def _script(config: AgentConfig) -> Graph:
    if not isinstance(config.model, ScriptModel):
        raise TypeError(f"the agent's model is {config.model.provider}, not a script")
    return of_script(config.model)


def build_speaking_model(choice: RealtimeModel, credentials: Credentials) -> SpeakingModel:
    """One that hears and speaks itself: nobody can take over from it. Raises `ProviderError`."""
    return registry.build_speaking_model(choice, _credential(choice.provider, choice.model, credentials))


def build_voice(
    choices: Sequence[Voice],
    language: str,
    credentials: Credentials,
    *,
    watch: Watch,
    breaker: Breaker | None = None,
) -> FallbackVoice:
    """`choices[0]`, and those that take over from it."""
    options = [_voice(choice, language, credentials) for choice in choices]
    return FallbackVoice(options, watch=watch, breaker=breaker)


def build_transcriber(
    config: AgentConfig, credentials: Credentials, *, watch: Watch, breaker: Breaker | None = None
) -> FallbackTranscriber:
    """The agent's transcriber and its fallbacks."""
    choices = (config.transcriber, *config.fallbacks.transcribers)
    options = [_transcriber(choice, config.language, credentials) for choice in choices]
    return FallbackTranscriber(options, watch=watch, breaker=breaker)


def _model(choice: SpokenModel, credentials: Credentials) -> Option[LanguageModel]:
    subject = _had(lambda: registry.build_model(choice, _credential(choice.provider, "", credentials)))
    address = choice.base_url.host if isinstance(choice, OpenAICompatibleModel) else None
    return Option(
        choice.provider, subject, choice.first_token_ms, choice.timeout_ms, _account(choice.provider, address)
    )


def _voice(choice: Voice, language: str, credentials: Credentials) -> Option[Speaker]:
    credential = _credential(choice.provider, choice.model, credentials)
    settings = VoiceSettings(choice.voice, choice.speed, dict(choice.extra))
    subject = _had(lambda: Speaker(registry.build_tts(choice, credential, language), settings))
    hosted = key_of(choice.provider, choice.model)
    account = _account(choice.provider, hosted)
    return Option(choice.provider, subject, choice.first_audio_ms, VOICE_LIMIT_MS, account)


def _transcriber(choice: Transcriber, language: str, credentials: Credentials) -> Option[SpeechToText]:
    credential = _credential(choice.provider, choice.model, credentials)
    subject = _had(lambda: registry.build_stt(choice, credential, language))
    account = _account(choice.provider, key_of(choice.provider, choice.model))
    patience_ms, limit_ms = CONNECT_PATIENCE_MS, CONNECT_LIMIT_MS
    if choice.provider in LOCAL:
        patience_ms = limit_ms = LOCAL_LIMIT_MS
    return Option(choice.provider, subject, patience_ms, limit_ms, account)


def _had(build: Callable[[], T]) -> T | ProviderError:
    try:
        return build()
    except ProviderError as error:
        return error


def _credential(vendor: str, model: str, credentials: Credentials) -> Credential | None:
    return credentials.get(key_of(vendor, model))


def _account(vendor: str, behind: str | None) -> str:
    """One that stands for many is counted by who is behind it."""
    return f"{vendor}:{behind}" if vendor in ("pipecat", "openai_compatible") and behind else vendor
