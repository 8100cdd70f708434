"""The vendors by name: what each sells and whose key lets a call in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from media_workers.contract.vendors import HOSTED_STT, HOSTED_TTS, OWN_ENDPOINT, SOLD, Kind, key_of

PIPECAT = "pipecat"
"""No vendor: the adapter of those that have none of their own."""

_LABELS = {
    "assemblyai": "AssemblyAI",
    "asyncai": "Async",
    "azure": "Microsoft Azure",
    "bedrock": "Amazon Bedrock",
    "deepseek": "DeepSeek",
    "elevenlabs": "ElevenLabs",
    "espeak": "eSpeak NG",
    "gemini_live": "Gemini Live",
    "openai": "OpenAI",
    OWN_ENDPOINT: "An endpoint of your own",
    "openai_realtime": "OpenAI Realtime",
    "pocketsphinx": "PocketSphinx",
    "resembleai": "Resemble AI",
    "smallest": "Smallest.ai",
    "together": "Together AI",
    "xai": "xAI",
    "zoom_ai": "Zoom",
}
_SOLD: dict[Kind, tuple[str, ...]] = SOLD | {
    "stt": (*SOLD["stt"], *HOSTED_STT),
    "tts": (*SOLD["tts"], *HOSTED_TTS),
}


@dataclass(frozen=True, slots=True)
class Vendor:
    """`key`: the name that its key is kept under, of another vendor's where it takes that one's; "" when
    it needs none."""

    name: str
    label: str
    kinds: tuple[Kind, ...]
    key: str


@cache
def vendors() -> dict[str, Vendor]:
    """Every vendor, by name."""
    names = sorted({name for sold in _SOLD.values() for name in sold} - {PIPECAT})
    own = Vendor(OWN_ENDPOINT, label_of(OWN_ENDPOINT), ("llm",), OWN_ENDPOINT)
    return {name: _vendor(name) for name in names} | {OWN_ENDPOINT: own}


def label_of(vendor: str) -> str:
    """`vendor` for people."""
    return _LABELS.get(vendor, vendor.replace("_", " ").capitalize())


def _vendor(name: str) -> Vendor:
    kinds = tuple(kind for kind, sold in _SOLD.items() if name in sold)
    return Vendor(name, label_of(name), kinds, key_of(name))
