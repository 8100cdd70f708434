"""Offers of the kind tts: who speaks.

Prices per million characters of text (Rime: per minute of speech), pay as you go; ElevenLabs' and Cartesia's
are those of their smaller plans. `priced_on` is empty where the page that was read has no date.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from media_workers.contract.catalog.offer import LatencyClass, Offer, Price, Unit
from media_workers.contract.voices import VOICES

_ELEVENLABS = "https://elevenlabs.io/pricing/api"
_CARTESIA = "https://cartesia.ai/pricing"
_DEEPGRAM = "https://deepgram.com/pricing"
_OPENAI = "https://developers.openai.com/api/docs/models"
_GOOGLE = "https://cloud.google.com/text-to-speech/pricing"
_AZURE = "https://azure.microsoft.com/pricing/details/speech/"
_RIME = "https://rime.ai/pricing"

_ALL = ("*",)
# fmt: off
_ELEVEN_29 = (
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "fi", "fil", "fr", "hi", "hr", "id", "it", "ja", "ko",
    "ms", "nl", "pl", "pt", "ro", "ru", "sk", "sv", "ta", "tr", "uk", "zh",
)
_ELEVEN_32 = (*_ELEVEN_29, "hu", "nb", "no", "vi")
_SONIC_3 = (
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "fi", "fil", "fr", "gu", "he", "hi", "hr", "hu",
    "id", "it", "ja", "ka", "kn", "ko", "ml", "mr", "ms", "nb", "nl", "no", "pa", "pl", "pt", "ro", "ru",
    "sk", "sv", "ta", "te", "th", "tl", "tr", "uk", "vi", "zh",
)
_SONIC_TURBO = (
    "de", "en", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "zh",
)
_CHIRP_3 = (
    "ar", "bg", "bn", "cmn", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "gu", "he", "hi", "hr",
    "hu", "id", "it", "ja", "kn", "ko", "lt", "lv", "ml", "mr", "nb", "nl", "pl", "pt", "ro", "ru", "sk",
    "sl", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh",
)
# fmt: on

_ELEVENLABS_VOICES = (
    ("JBFqnCBsd6RMkjVDRZzb", "George, man, British, warm"),
    ("EXAVITQu4vr4xnSDxMaL", "Sarah, woman, American, soft"),
    ("9BWtsMINqrJLrRacOk9x", "Aria, woman, American, expressive"),
    ("CwhRBWXzGAHq8TQ4Fs17", "Roger, man, American, confident"),
    ("FGY2WhTYpPnrIDTdsKH5", "Laura, woman, American, upbeat"),
    ("IKne3meq5aSn9XLyUdCD", "Charlie, man, Australian, natural"),
    ("SAz9YHcvj6GT2YYXdXww", "River, American, calm"),
    ("Xb7hH8MSUJpSbSDYk0k2", "Alice, woman, British, confident"),
    ("XrExE9yKIg1WjnnlVkGX", "Matilda, woman, American, friendly"),
    ("cgSgspJ2msm6clMCkdW9", "Jessica, woman, American, young"),
    ("cjVigY5qzO86Huf0OWal", "Eric, man, American, friendly"),
    ("nPczCjzI2devNBz1zQrb", "Brian, man, American, deep"),
    ("onwK4e9ZLuTAKqWW03F9", "Daniel, man, British, authoritative"),
    ("pFZP5JQG7iQjIQuC4Bku", "Lily, woman, British, warm"),
)
_CARTESIA_VOICES = (
    ("f786b574-daa5-4673-aa0c-cbe3e8534c02", "Katie, woman, American, steady"),
    ("228fca29-3a0a-435c-8728-5cb483251068", "Kiefer, man, American, steady"),
    ("9626c31c-bec5-4cca-baa8-f8ba9e84c8bc", "Jacqueline, woman, American, confident"),
    ("6ccbfb76-1fc6-48f7-b71d-91ac6298247b", "Tessa, woman, American, expressive"),
    ("c961b81c-a935-4c17-bfb3-ba2239de8c2f", "Kyle, man, American, expressive"),
)
_AURA_2_VOICES = (
    ("aura-2-thalia-en", "Thalia, woman, American"),
    ("aura-2-andromeda-en", "Andromeda, woman, American"),
    ("aura-2-helena-en", "Helena, woman, American"),
    ("aura-2-apollo-en", "Apollo, man, American"),
    ("aura-2-arcas-en", "Arcas, man, American"),
    ("aura-2-aries-en", "Aries, man, American"),
    ("aura-2-draco-en", "Draco, man, British"),
    ("aura-2-pandora-en", "Pandora, woman, British"),
    ("aura-2-celeste-es", "Celeste, woman, Spanish (Colombia)"),
    ("aura-2-estrella-es", "Estrella, woman, Spanish (Mexico)"),
    ("aura-2-nestor-es", "Nestor, man, Spanish (Spain)"),
    ("aura-2-viktoria-de", "Viktoria, woman, German"),
    ("aura-2-julius-de", "Julius, man, German"),
    ("aura-2-agathe-fr", "Agathe, woman, French"),
    ("aura-2-hector-fr", "Hector, man, French"),
    ("aura-2-livia-it", "Livia, woman, Italian"),
    ("aura-2-rhea-nl", "Rhea, woman, Dutch"),
    ("aura-2-izanami-ja", "Izanami, woman, Japanese"),
)
_AURA_1_VOICES = (
    ("aura-asteria-en", "Asteria, woman, American"),
    ("aura-luna-en", "Luna, woman, American"),
    ("aura-orion-en", "Orion, man, American"),
    ("aura-athena-en", "Athena, woman, British"),
)
_OPENAI_VOICES = (
    ("marin", "Marin"),
    ("cedar", "Cedar"),
    ("alloy", "Alloy"),
    ("ash", "Ash"),
    ("ballad", "Ballad"),
    ("coral", "Coral"),
    ("echo", "Echo"),
    ("fable", "Fable"),
    ("nova", "Nova"),
    ("onyx", "Onyx"),
    ("sage", "Sage"),
    ("shimmer", "Shimmer"),
    ("verse", "Verse"),
)
_OPENAI_OLDER = tuple(
    voice
    for voice in _OPENAI_VOICES
    if voice[0] in {"alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"}
)
_CHIRP_VOICES = (
    ("Kore", "Kore, woman"),
    ("Aoede", "Aoede, woman"),
    ("Leda", "Leda, woman"),
    ("Zephyr", "Zephyr, woman"),
    ("Charon", "Charon, man"),
    ("Fenrir", "Fenrir, man"),
    ("Orus", "Orus, man"),
    ("Puck", "Puck, man"),
)
_NEURAL2_VOICES = (
    ("en-US-Neural2-C", "English (US), woman"),
    ("en-US-Neural2-D", "English (US), man"),
    ("en-GB-Neural2-A", "English (Great Britain), woman"),
    ("en-GB-Neural2-B", "English (Great Britain), man"),
    ("es-ES-Neural2-A", "Spanish (Spain), woman"),
)
_STANDARD_VOICES = (
    ("en-US-Standard-C", "English (US), woman"),
    ("en-US-Standard-D", "English (US), man"),
    ("en-GB-Standard-A", "English (Great Britain), woman"),
)
_AZURE_VOICES = (
    ("en-US-AvaMultilingualNeural", "Ava, woman, American, every language"),
    ("en-US-AndrewMultilingualNeural", "Andrew, man, American, every language"),
    ("en-US-EmmaMultilingualNeural", "Emma, woman, American, every language"),
    ("en-US-BrianMultilingualNeural", "Brian, man, American, every language"),
    ("en-US-JennyNeural", "Jenny, woman, American"),
    ("en-GB-SoniaNeural", "Sonia, woman, British"),
    ("en-GB-RyanNeural", "Ryan, man, British"),
    ("de-DE-SeraphinaMultilingualNeural", "Seraphina, woman, German"),
    ("de-DE-FlorianMultilingualNeural", "Florian, man, German"),
    ("fr-FR-VivienneMultilingualNeural", "Vivienne, woman, French"),
    ("fr-FR-RemyMultilingualNeural", "Remy, man, French"),
    ("es-ES-ElviraNeural", "Elvira, woman, Spanish"),
    ("es-MX-DaliaNeural", "Dalia, woman, Mexican"),
    ("it-IT-IsabellaNeural", "Isabella, woman, Italian"),
    ("nl-NL-ColetteNeural", "Colette, woman, Dutch"),
    ("pt-BR-FranciscaNeural", "Francisca, woman, Brazilian"),
)
_RIME_VOICES = (("astra", "Astra, woman"), ("luna", "Luna, woman"), ("celeste", "Celeste, woman"))
_MIST_VOICES = (("cove", "Cove, man"),)
_AZURE_REGIONS = ("eastus", "westus2", "westeurope", "northeurope", "southeastasia", "japaneast")


def _local(vendor: str, label: str) -> Offer:
    """The voices that every media node has."""
    facts = [fact for fact in VOICES if fact.provider == vendor]
    return Offer(
        kind="tts",
        vendor=vendor,
        label=label,
        languages=tuple(dict.fromkeys(fact.language for fact in facts)),
        latency="fast",
        local=True,
        default=True,
        word_timestamps=vendor == "espeak",
        voices=tuple((fact.voice, fact.label) for fact in facts),
    )


def _offer(
    vendor: str,
    model: str,
    label: str,
    languages: tuple[str, ...],
    latency: LatencyClass,
    usd: str,
    source: str,
    voices: tuple[tuple[str, str], ...],
    regions: tuple[str, ...] = (),
    *,
    priced_on: date | None = None,
    word_timestamps: bool = False,
    default: bool = False,
    unit: Unit = "million_characters",
) -> Offer:
    """`usd` per `unit`."""
    prices = (Price(unit=unit, usd=Decimal(usd)),)
    return Offer(
        kind="tts",
        vendor=vendor,
        model=model,
        label=label,
        languages=languages,
        latency=latency,
        prices=prices,
        regions=regions,
        word_timestamps=word_timestamps,
        voices=voices,
        default=default,
        source=source,
        priced_on=priced_on,
    )


_MINI_TTS = Offer(
    kind="tts",
    vendor="openai",
    model="gpt-4o-mini-tts",
    label="GPT-4o Mini TTS",
    languages=_ALL,
    latency="medium",
    prices=(
        Price(unit="million_input_tokens", usd=Decimal("0.60")),
        Price(unit="million_audio_output_tokens", usd=Decimal(12)),
    ),
    regions=("US", "EU"),
    voices=_OPENAI_VOICES,
    default=True,
    source=f"{_OPENAI}/gpt-4o-mini-tts",
    priced_on=date(2026, 10, 1),
)

# fmt: off
TTS: tuple[Offer, ...] = (
    _local("flite", "flite (clear, robotic)"),
    _local("espeak", "espeak-ng (many languages, robotic)"),
    Offer(kind="tts", vendor="piper", label="Piper (a voice of your own on the media node)", languages=_ALL,
          latency="medium", local=True, default=True),
    _offer("elevenlabs", "eleven_flash_v2_5", "Flash v2.5", _ELEVEN_32, "fast", "50", _ELEVENLABS,
           _ELEVENLABS_VOICES, ("US", "EU", "IN"), priced_on=date(2026, 6, 1), word_timestamps=True,
           default=True),
    _offer("elevenlabs", "eleven_turbo_v2_5", "Turbo v2.5", _ELEVEN_32, "fast", "50", _ELEVENLABS,
           _ELEVENLABS_VOICES, ("US", "EU", "IN"), priced_on=date(2026, 6, 1), word_timestamps=True),
    _offer("elevenlabs", "eleven_flash_v2", "Flash v2 (English)", ("en",), "fast", "50", _ELEVENLABS,
           _ELEVENLABS_VOICES, ("US", "EU", "IN"), priced_on=date(2026, 6, 1), word_timestamps=True),
    _offer("elevenlabs", "eleven_multilingual_v2", "Multilingual v2", _ELEVEN_29, "medium", "100",
           _ELEVENLABS, _ELEVENLABS_VOICES, ("US", "EU", "IN"), priced_on=date(2026, 6, 1),
           word_timestamps=True),
    _offer("cartesia", "sonic-3.6", "Sonic 3.6", _SONIC_3, "fast", "50", _CARTESIA, _CARTESIA_VOICES, ("US",),
           priced_on=date(2026, 6, 21), word_timestamps=True, default=True),
    _offer("cartesia", "sonic-3", "Sonic 3", _SONIC_3, "fast", "50", _CARTESIA, _CARTESIA_VOICES, ("US",),
           priced_on=date(2026, 6, 21), word_timestamps=True),
    _offer("cartesia", "sonic-turbo", "Sonic Turbo", _SONIC_TURBO, "fast", "50", _CARTESIA, _CARTESIA_VOICES,
           ("US",), priced_on=date(2026, 6, 21), word_timestamps=True),
    _offer("deepgram", "aura-2", "Aura-2", ("en", "es", "de", "fr", "it", "nl", "ja"), "fast", "30",
           _DEEPGRAM, _AURA_2_VOICES, ("US", "EU"), priced_on=date(2026, 5, 4), default=True),
    _offer("deepgram", "aura", "Aura (English)", ("en",), "fast", "15", _DEEPGRAM, _AURA_1_VOICES,
           ("US", "EU"), priced_on=date(2026, 5, 4)),
    _MINI_TTS,
    _offer("openai", "tts-1", "TTS-1", _ALL, "medium", "15", f"{_OPENAI}/tts-1", _OPENAI_OLDER, ("US", "EU")),
    _offer("openai", "tts-1-hd", "TTS-1 HD", _ALL, "slow", "30", f"{_OPENAI}/tts-1-hd", _OPENAI_OLDER,
           ("US", "EU")),
    _offer("google", "chirp3-hd", "Chirp 3: HD", _CHIRP_3, "medium", "30", _GOOGLE, _CHIRP_VOICES,
           ("global", "us", "eu"), priced_on=date(2026, 9, 1), default=True),
    _offer("google", "neural2", "Neural2", _ALL, "medium", "16", _GOOGLE, _NEURAL2_VOICES,
           ("global", "us", "eu"), word_timestamps=True),
    _offer("google", "standard", "Standard", _ALL, "fast", "4", _GOOGLE, _STANDARD_VOICES,
           ("global", "us", "eu"), word_timestamps=True),
    _offer("azure", "neural", "Neural", _ALL, "medium", "15", _AZURE, _AZURE_VOICES, _AZURE_REGIONS,
           priced_on=date(2026, 9, 1), word_timestamps=True, default=True),
    _offer("rime", "mistv3", "Mist v3", ("en", "es", "fr", "de", "hi"), "fast", "0.03", _RIME, _MIST_VOICES,
           ("US", "EU"), priced_on=date(2026, 5, 8), word_timestamps=True, default=True, unit="minute"),
    _offer("rime", "coda", "Coda", ("en", "es", "fr", "de", "pt", "ja"), "fast", "0.03", _RIME, _RIME_VOICES,
           ("US", "EU"), priced_on=date(2026, 5, 8), word_timestamps=True, unit="minute"),
    _offer("rime", "arcana", "Arcana", ("ar", "de", "en", "es", "fr", "he", "hi", "ja", "pt", "ta"), "fast",
           "0.03", _RIME, _RIME_VOICES, ("US", "EU"), priced_on=date(2026, 5, 8), word_timestamps=True,
           unit="minute"),
)
# fmt: on
