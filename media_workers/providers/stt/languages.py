"""An agent's language (`en`, `en-US`) as vendors name it."""

from __future__ import annotations

from collections.abc import Collection

_USUAL_COUNTRY = {
    "ar": "SA",
    "bn": "IN",
    "ca": "ES",
    "cs": "CZ",
    "da": "DK",
    "el": "GR",
    "en": "US",
    "et": "EE",
    "fa": "IR",
    "fil": "PH",
    "he": "IL",
    "hi": "IN",
    "ja": "JP",
    "ko": "KR",
    "ms": "MY",
    "nb": "NO",
    "no": "NO",
    "pt": "BR",
    "sl": "SI",
    "sr": "RS",
    "sv": "SE",
    "sw": "KE",
    "ta": "IN",
    "te": "IN",
    "uk": "UA",
    "ur": "PK",
    "vi": "VN",
    "zh": "CN",
}
"""Of languages whose country has another code than they have."""


def short(language: str) -> str:
    """`en` of `en-US`."""
    return language.partition("-")[0]


def regional(language: str) -> str:
    """With a country, where the agent's has none: `en-US` for `en`."""
    if "-" in language:
        return language
    return f"{language}-{_USUAL_COUNTRY.get(language, language.upper())}"


def one_of(language: str, known: Collection[str]) -> str:
    """`language` with its country if a vendor knows it so, else without."""
    return language if language in known else short(language)
