"""Whether the vendors that an agent names fit it: what is refused, and what is only worth a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from django.conf import settings

from apps.vendors.catalog import offer_of, speaks
from apps.vendors.names import PIPECAT, label_of
from media_workers.contract.agent import AgentConfig, OpenAICompatibleModel, Voice
from media_workers.contract.vendors import (
    HOSTED_STT,
    HOSTED_TTS,
    LOCAL,
    OWN_ENDPOINT,
    Kind,
    RealtimeVendor,
    key_names,
    key_of,
)
from telephony.trunks.uris import sip_uri_refusal
from telephony.trunks.values import is_private
from tenants.countries import refusal

_REALTIME = get_args(RealtimeVendor)
_HOSTED = {"stt": HOSTED_STT, "tts": HOSTED_TTS}


@dataclass(frozen=True, slots=True)
class Choice:
    """A vendor that a configuration names, and where. `language`: what it has to speak, where that is not the
    agent's own."""

    place: str
    kind: Kind
    provider: str
    model: str
    language: str = ""

    @property
    def key(self) -> str:
        """The name of the key that it takes; "" when it takes none, or brings its own."""
        name = key_of(self.provider, self.model)
        return name if name in key_names() and name != OWN_ENDPOINT else ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a configuration: its dotted place in it, and what in words."""

    place: str
    code: str
    detail: str


def choices(config: AgentConfig) -> list[Choice]:
    """Every vendor that `config` names, fallbacks included; a script is none."""
    kind: Kind = "realtime" if config.model.provider in _REALTIME else "llm"
    models = [Choice("model", kind, config.model.provider, getattr(config.model, "model", ""))]
    back = config.fallbacks
    return [
        *(choice for choice in models if choice.provider != "script"),
        *(Choice(f"fallbacks.models.{n}", "llm", m.provider, m.model) for n, m in enumerate(back.models)),
        Choice("voice", "tts", config.voice.provider, config.voice.model),
        *(Choice(f"fallbacks.voices.{n}", "tts", v.provider, v.model) for n, v in enumerate(back.voices)),
        Choice("transcriber", "stt", config.transcriber.provider, config.transcriber.model),
        *(
            Choice(f"fallbacks.transcribers.{n}", "stt", t.provider, t.model)
            for n, t in enumerate(back.transcribers)
        ),
        *_of_languages(config),
    ]


def _of_languages(config: AgentConfig) -> Iterator[Choice]:
    """Those that the other languages bring."""
    for n, other in enumerate(config.languages):
        if other.voice is not None:
            place = f"languages.{n}.voice"
            yield Choice(place, "tts", other.voice.provider, other.voice.model, other.language)
        if other.transcriber is not None:
            ears, place = other.transcriber, f"languages.{n}.transcriber"
            yield Choice(place, "stt", ears.provider, ears.model, other.language)


def keys_needed(config: AgentConfig) -> set[str]:
    """The names of the keys that a call of this agent takes."""
    return {choice.key for choice in choices(config)} - {""}


def faults(config: AgentConfig) -> list[Remark]:
    """What no agent can be saved with."""
    return [
        *_useless_fallbacks(config),
        *_twice(config),
        *_unknown_hosted(config),
        *_deaf_locals(config),
        *_private_endpoints(config),
        *_transfers_abroad(config),
    ]


def missing_keys(config: AgentConfig, has_key: Callable[[str], bool]) -> list[Remark]:
    """The vendors that neither the tenant nor the platform has a key of: calls would fail there."""
    return [
        Remark(
            f"{choice.place}.provider",
            "no_key",
            f"There is no key for {label_of(choice.key)}: give your own under the vendors' keys.",
        )
        for choice in choices(config)
        if choice.key and not has_key(choice.key)
    ]


def warnings(config: AgentConfig) -> list[Remark]:
    """What the catalogue says against it. It does not know every model, so that nothing is refused."""
    found: list[Remark] = []
    for choice in choices(config):
        offer = offer_of(choice.kind, choice.provider, choice.model)
        if offer is None:
            continue
        language = choice.language or config.language
        if not speaks(offer, language):
            detail = f"As far as we know {offer.label} does not speak {language}."
            found.append(Remark(f"{choice.place}.provider", "language", detail))
        if choice.kind in ("llm", "realtime") and config.tools and not offer.tools:
            detail = f"As far as we know {offer.label} calls no functions."
            found.append(Remark(f"{choice.place}.model", "no_tools", detail))
    found += _speechless(config)
    ears = offer_of("stt", config.transcriber.provider, config.transcriber.model)
    if config.turn_taking.endpointing == "vendor" and ears is not None and not ears.end_of_turn:
        detail = f"{ears.label} does not tell the end of a turn: `endpointing_max_ms` of silence ends it."
        found.append(Remark("turn_taking.endpointing", "no_end_of_turn", detail))
    return found


def _speechless(config: AgentConfig) -> Iterator[Remark]:
    """Other languages for which the agent's own voice or transcriber would have to do, and cannot."""
    voice, ears = config.voice, config.transcriber
    for n, other in enumerate(config.languages):
        own = [] if other.voice else [("voice", offer_of("tts", voice.provider, voice.model))]
        own += [] if other.transcriber else [("transcriber", offer_of("stt", ears.provider, ears.model))]
        for part, offer in own:
            if offer is not None and not speaks(offer, other.language):
                detail = f"As far as we know {offer.label} does not speak {other.language}: give another."
                yield Remark(f"languages.{n}.{part}", "language", detail)


def _useless_fallbacks(config: AgentConfig) -> Iterator[Remark]:
    provider, back = config.model.provider, config.fallbacks
    if provider in _REALTIME and (back.models or back.voices or back.transcribers):
        words = "A model that hears and speaks itself has no fallbacks: nobody can take over in its voice."
        yield Remark("fallbacks", "realtime", words)
    elif provider == "script" and back.models:
        yield Remark("fallbacks.models", "script", "A script does not fail: it takes no fallbacks.")


def _twice(config: AgentConfig) -> Iterator[Remark]:
    """A fallback that is the first of its kind, or another fallback, again."""
    back = config.fallbacks
    rows: list[tuple[str, list[tuple[str, ...]]]] = [
        ("models", [_who(config.model), *map(_who, back.models)]),
        ("voices", [_who(config.voice), *map(_who, back.voices)]),
        ("transcribers", [_who(config.transcriber), *map(_who, back.transcribers)]),
    ]
    for name, whole in rows:
        for n, one in enumerate(whole[1:]):
            if one in whole[: n + 1]:
                words = "This one has been tried already when its turn comes: choose another."
                yield Remark(f"fallbacks.{name}.{n}", "duplicate", words)


def _who(choice: object) -> tuple[str, ...]:
    provider, model = str(getattr(choice, "provider", "")), str(getattr(choice, "model", ""))
    if isinstance(choice, OpenAICompatibleModel):
        return provider, model, str(choice.base_url)
    return (provider, model, choice.voice) if isinstance(choice, Voice) else (provider, model)


def _unknown_hosted(config: AgentConfig) -> Iterator[Remark]:
    for choice in choices(config):
        if choice.provider == PIPECAT and choice.key not in _HOSTED[choice.kind]:
            words = f"Give the vendor as `model`, one of {', '.join(_HOSTED[choice.kind])}."
            yield Remark(f"{choice.place}.model", "unknown", words)


def _deaf_locals(config: AgentConfig) -> Iterator[Remark]:
    """What runs on our own nodes is known for certain; a model that speaks itself needs it for little."""
    if config.model.provider in _REALTIME:
        return
    for choice in choices(config):
        offer = offer_of(choice.kind, choice.provider, choice.model) if choice.provider in LOCAL else None
        language = choice.language or config.language
        if offer is not None and not choice.model and not speaks(offer, language):
            words = f"{offer.label} does not speak {language}."
            yield Remark(f"{choice.place}.provider", "language", words)


def _transfers_abroad(config: AgentConfig) -> Iterator[Remark]:
    """Numbers that the tenant in force may not reach, and hosts in our own network."""
    for n, target in enumerate(config.transfers):
        if target.number and (why := refusal(target.number)):
            yield Remark(f"transfers.{n}.number", "country_not_allowed", why)
        if target.sip_uri and (why := sip_uri_refusal(target.sip_uri)):
            yield Remark(f"transfers.{n}.sip_uri", "private_address", why)


def _private_endpoints(config: AgentConfig) -> Iterator[Remark]:
    """Only what the text says, as of trunks' gateways: a media node must not be sent into our own network."""
    if settings.VENDORS_ALLOW_PRIVATE_ADDRESSES:
        return
    models = [("model", config.model)]
    models += [(f"fallbacks.models.{n}", model) for n, model in enumerate(config.fallbacks.models)]
    for place, model in models:
        if isinstance(model, OpenAICompatibleModel) and is_private((model.base_url.host or "").strip("[]")):
            words = "This address is private: it cannot be reached from here."
            yield Remark(f"{place}.base_url", "private_address", words)
