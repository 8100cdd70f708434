"""Who listens, thinks and speaks: the vendors by name, and what it takes to be let in by one.

A vendor is named once, whatever kinds it sells: a key of `google` serves its speech, models and voices.
"""

from __future__ import annotations

from typing import Literal

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

KEY_OF = {"openai_realtime": "openai", "gemini_live": "google"}
"""Whose key a vendor takes that has none of its own name."""


class Credential(Message):
    """What lets a call in at a vendor. `own`: the tenant's, not the platform's, so that the tenant pays
    the vendor. `region` and `base_url` are the vendor's own where an account has one (Azure, Bedrock, a
    gateway of the tenant's); empty: the vendor's default address. `digest` tells keys apart without
    showing them.
    """

    vendor: str
    api_key: str = Field(repr=False)
    region: str = ""
    base_url: str = ""
    own: bool = False
    digest: str = ""
