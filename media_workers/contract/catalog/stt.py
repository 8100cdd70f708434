"""Offers of the kind stt: what transcribes while it is spoken.

Prices per minute of audio that is sent (AssemblyAI: of the connection), pay as you go; where a vendor lists
hours, an hour's price divided by 60.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from media_workers.contract.catalog.offer import LatencyClass, Offer, Price

_DEEPGRAM = "https://deepgram.com/pricing"
_ASSEMBLYAI = "https://www.assemblyai.com/pricing"
_OPENAI = "https://developers.openai.com/api/docs/models"
_ELEVENLABS = "https://elevenlabs.io/pricing/api"
_SPEECHMATICS = "https://www.speechmatics.com/pricing"
_GOOGLE = "https://cloud.google.com/speech-to-text/pricing"
_AZURE = "https://azure.microsoft.com/pricing/details/cognitive-services/speech-services/"

_ALL = ("*",)
_FLUX = ("en", "es", "fr", "de", "it", "pt", "nl", "ru", "hi", "ja")
_ROMANCE = ("en", "es", "fr", "de", "it", "pt")
_UNIVERSAL_3 = (
    *_ROMANCE,
    *("ar", "da", "nl", "fi", "he", "hi", "ja", "zh", "no", "sv", "tr", "vi"),
)
# fmt: off
_NOVA = (
    "ar", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he",
    "hi", "hr", "hu", "id", "it", "ja", "kn", "ko", "lt", "lv", "mk", "mr", "ms", "nl", "no", "pl", "pt",
    "ro", "ru", "sk", "sl", "sr", "sv", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh",
)
_SPEECHMATICS_LANGUAGES = (
    "ar", "ba", "be", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa",
    "fi", "fr", "ga", "gl", "he", "hi", "hr", "hu", "ia", "id", "it", "ja", "ko", "lt", "lv", "mn", "mr",
    "ms", "mt", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "sw", "ta", "th", "tl", "tr", "ug",
    "uk", "ur", "vi", "yue", "zh",
)
# fmt: on
_GOOGLE_REGIONS = ("global", "us", "eu", "asia-southeast1", "europe-west4", "us-central1")
_AZURE_REGIONS = ("eastus", "westus2", "westeurope", "northeurope", "southeastasia", "japaneast")


def _offer(
    vendor: str,
    model: str,
    label: str,
    languages: tuple[str, ...],
    latency: LatencyClass,
    usd: str,
    source: str,
    priced_on: date,
    regions: tuple[str, ...] = (),
    *,
    end_of_turn: bool = False,
    word_timestamps: bool = False,
    default: bool = False,
) -> Offer:
    """`usd` per minute."""
    return Offer(
        kind="stt",
        vendor=vendor,
        model=model,
        label=label,
        languages=languages,
        latency=latency,
        prices=(Price(unit="minute", usd=Decimal(usd)),),
        regions=regions,
        end_of_turn=end_of_turn,
        word_timestamps=word_timestamps,
        default=default,
        source=source,
        priced_on=priced_on,
    )


# fmt: off
STT: tuple[Offer, ...] = (
    Offer(kind="stt", vendor="pocketsphinx", label="pocketsphinx (expected phrases only)", languages=("en",),
          latency="fast", local=True, default=True),
    Offer(kind="stt", vendor="sherpa", label="sherpa-onnx (a streaming model of your own)", languages=_ALL,
          latency="fast", local=True, default=True),
    _offer("deepgram", "nova-3", "Nova-3", _NOVA, "fast", "0.0048", _DEEPGRAM, date(2026, 8, 1),
           ("US", "EU"), word_timestamps=True, default=True),
    _offer("deepgram", "flux-general-en", "Flux (English, finds the end of a turn)", ("en",), "fast",
           "0.0065", _DEEPGRAM, date(2026, 8, 1), ("US", "EU"), end_of_turn=True),
    _offer("deepgram", "flux-general-multi", "Flux Multilingual", _FLUX, "fast", "0.0078", _DEEPGRAM,
           date(2026, 11, 4), ("US", "EU"), end_of_turn=True),
    _offer("assemblyai", "universal-streaming-english", "Universal-Streaming (English)", ("en",), "fast",
           "0.0025", _ASSEMBLYAI, date(2026, 8, 1), ("US", "EU"), end_of_turn=True, word_timestamps=True,
           default=True),
    _offer("assemblyai", "universal-streaming-multilingual", "Universal-Streaming Multilingual", _ROMANCE,
           "fast", "0.0025", _ASSEMBLYAI, date(2026, 8, 1), ("US", "EU"), end_of_turn=True,
           word_timestamps=True),
    _offer("assemblyai", "universal-3-6-pro", "Universal-3.6 Pro Realtime", _UNIVERSAL_3, "fast", "0.0075",
           _ASSEMBLYAI, date(2026, 10, 7), ("US", "EU"), end_of_turn=True, word_timestamps=True),
    _offer("openai", "gpt-live-transcribe", "GPT-Live-Transcribe", _ALL, "medium", "0.017", _OPENAI,
           date(2026, 10, 1), ("US", "EU"), default=True),
    _offer("openai", "gpt-transcribe", "GPT-Transcribe", _ALL, "medium", "0.0045", _OPENAI,
           date(2026, 10, 1), ("US", "EU")),
    _offer("openai", "gpt-realtime-whisper", "GPT-Realtime-Whisper", _ALL, "medium", "0.017", _OPENAI,
           date(2026, 10, 1), ("US", "EU")),
    _offer("elevenlabs", "scribe_v2_realtime", "Scribe v2 Realtime", _ALL, "fast", "0.0065", _ELEVENLABS,
           date(2026, 7, 3), ("US", "EU", "IN"), default=True),
    _offer("speechmatics", "enhanced", "Enhanced", _SPEECHMATICS_LANGUAGES, "medium", "0.004",
           _SPEECHMATICS, date(2026, 5, 19), ("EU", "US"), end_of_turn=True, word_timestamps=True,
           default=True),
    _offer("google", "telephony", "Telephony", _ALL, "medium", "0.016", _GOOGLE, date(2026, 5, 19),
           _GOOGLE_REGIONS, default=True),
    _offer("google", "chirp_3", "Chirp 3", _ALL, "medium", "0.016", _GOOGLE, date(2026, 5, 19), ("us", "eu")),
    _offer("azure", "", "Speech to text", _ALL, "medium", "0.0167", _AZURE, date(2026, 5, 19),
           _AZURE_REGIONS, default=True),
)
# fmt: on
