"""Who listens, thinks and speaks: the vendors by name, and what it takes to be let in by one.

A vendor is named once, whatever kinds it sells: a key of `google` serves its speech, models and voices.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

from pydantic import Field

from media_workers.contract.message import Message

Kind = Literal["stt", "llm", "tts", "realtime"]
"""Speech to text, language model, text to speech, speech to speech."""

ChatVendor = Literal[
    "openai",
    "anthropic",
    "google",
    "mistral",
    "groq",
    "together",
    "cerebras",
    "xai",
    "deepseek",
    "azure",
    "bedrock",
]
RealtimeVendor = Literal["openai_realtime", "gemini_live"]

SpeechToTextVendor = Literal[
    "pocketsphinx",
    "sherpa",
    "deepgram",
    "assemblyai",
    "openai",
    "google",
    "azure",
    "elevenlabs",
    "speechmatics",
    "pipecat",
]
VoiceVendor = Literal[
    "flite",
    "espeak",
    "piper",
    "elevenlabs",
    "cartesia",
    "deepgram",
    "openai",
    "google",
    "azure",
    "rime",
    "pipecat",
]

LOCAL = frozenset({"flite", "espeak", "piper", "pocketsphinx", "sherpa", "script"})
"""Run on the media node: no key, no price."""

HOSTED_STT = ("cartesia", "gladia", "gradium", "meta", "smallest", "soniox", "xai", "zoom_ai")
HOSTED_TTS = (
    "asyncai",
    "inworld",
    "neuphonic",
    "resembleai",
    "sarvam",
    "smallest",
    "soniox",
    "together",
    "xai",
)
"""Vendors without an adapter of ours, through Pipecat's service classes: `provider` is `pipecat`, and `model`
is the vendor's name here, with `/` and the vendor's model where it is not to be its default."""

OWN_ENDPOINT = "openai_compatible"
"""The name of a key for an address of the tenant's own that speaks OpenAI's protocol: what reads calls after
they ended takes it. A model of an agent's that is reached so brings its key itself."""

KEY_OF = {"openai_realtime": "openai", "gemini_live": "google"}
"""Whose key a vendor takes that has none of its own name."""


SOLD: dict[Kind, tuple[str, ...]] = {
    "stt": get_args(SpeechToTextVendor),
    "llm": get_args(ChatVendor),
    "tts": get_args(VoiceVendor),
    "realtime": get_args(RealtimeVendor),
}
"""Who sells what."""


def key_of(vendor: str, model: str = "") -> str:
    """The name that the key of `vendor` is kept under; "" when it needs none. `model` says whose it is of
    those that have no adapter of ours."""
    if vendor == "pipecat":
        return model.partition("/")[0]
    return "" if vendor in LOCAL else KEY_OF.get(vendor, vendor)


@cache
def key_names() -> frozenset[str]:
    """The names under which keys are kept."""
    sellers = frozenset(key_of(vendor) for sold in SOLD.values() for vendor in sold)
    return sellers.union(HOSTED_STT, HOSTED_TTS, {OWN_ENDPOINT}) - {""}


class Credential(Message):
    """What lets a call in at a vendor. `own`: the tenant's, not the platform's, so that the tenant pays
    the vendor. `region` and `base_url` are the vendor's own where an account has one (Azure, Bedrock, a
    gateway of the tenant's); empty: the vendor's default address. `public_only`: the address is one that a
    tenant has typed in, and is left alone unless it is on the public internet. `digest` tells keys apart
    without showing them.
    """

    vendor: str
    api_key: str = Field(repr=False)
    region: str = ""
    base_url: str = ""
    own: bool = False
    public_only: bool = False
    digest: str = ""
