"""The vendors by name: what each sells and whose key lets a call in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from media_workers.contract.vendors import SOLD, Kind, key_of

_LABELS = {
    "assemblyai": "AssemblyAI",
    "azure": "Microsoft Azure",
    "bedrock": "Amazon Bedrock",
    "deepseek": "DeepSeek",
    "elevenlabs": "ElevenLabs",
    "espeak": "eSpeak NG",
    "gemini_live": "Gemini Live",
    "openai": "OpenAI",
    "openai_realtime": "OpenAI Realtime",
    "pocketsphinx": "PocketSphinx",
    "xai": "xAI",
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
    """Every vendor of the contract, by name."""
    names = sorted({name for sold in SOLD.values() for name in sold})
    return {name: _vendor(name) for name in names}


def label_of(vendor: str) -> str:
    """`vendor` for people."""
    return _LABELS.get(vendor, vendor.replace("_", " ").capitalize())


def _vendor(name: str) -> Vendor:
    kinds = tuple(kind for kind, sold in SOLD.items() if name in sold)
    return Vendor(name, label_of(name), kinds, key_of(name))
