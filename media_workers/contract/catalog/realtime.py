"""Offers of the kind realtime."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from media_workers.contract.catalog.offer import Offer, Price, Unit

_OPENAI_VOICES = (
    ("marin", "Marin"),
    ("cedar", "Cedar"),
    ("alloy", "Alloy"),
    ("ash", "Ash"),
    ("ballad", "Ballad"),
    ("coral", "Coral"),
    ("echo", "Echo"),
    ("sage", "Sage"),
    ("shimmer", "Shimmer"),
    ("verse", "Verse"),
)
_GEMINI_VOICES = (
    ("Kore", "Kore, firm"),
    ("Puck", "Puck, upbeat"),
    ("Charon", "Charon, informative"),
    ("Fenrir", "Fenrir, excitable"),
    ("Aoede", "Aoede, breezy"),
    ("Leda", "Leda, youthful"),
    ("Orus", "Orus, firm"),
    ("Zephyr", "Zephyr, bright"),
    ("Achernar", "Achernar, soft"),
    ("Sulafat", "Sulafat, warm"),
)
_UNITS: tuple[Unit, ...] = (
    "million_audio_input_tokens",
    "million_audio_output_tokens",
    "million_input_tokens",
    "million_cached_tokens",
    "million_output_tokens",
)


def _prices(*usd: str | None) -> tuple[Price, ...]:
    """Per million tokens: audio in, audio out, text in, cached, text out."""
    return tuple(Price(unit=unit, usd=Decimal(each)) for unit, each in zip(_UNITS, usd, strict=True) if each)


REALTIME: tuple[Offer, ...] = (
    Offer(
        kind="realtime",
        vendor="openai_realtime",
        model="gpt-realtime-2.1-mini",
        label="GPT-Realtime 2.1 Mini",
        languages=("*",),
        latency="medium",
        prices=_prices("10", "20", "0.60", "0.06", "2.40"),
        regions=("US", "EU"),
        tools=True,
        end_of_turn=True,
        voices=_OPENAI_VOICES,
        default=True,
        source="https://developers.openai.com/api/docs/models/gpt-realtime-2.1-mini",
        priced_on=date(2026, 11, 5),
    ),
    Offer(
        kind="realtime",
        vendor="openai_realtime",
        model="gpt-realtime-2",
        label="GPT-Realtime 2",
        languages=("*",),
        latency="medium",
        prices=_prices("32", "64", "4", "0.40", "24"),
        regions=("US", "EU"),
        tools=True,
        end_of_turn=True,
        voices=_OPENAI_VOICES,
        source="https://developers.openai.com/api/docs/models/gpt-realtime-2",
        priced_on=date(2026, 11, 5),
    ),
    Offer(
        kind="realtime",
        vendor="openai_realtime",
        model="gpt-realtime-2.1",
        label="GPT-Realtime 2.1",
        languages=("*",),
        latency="medium",
        regions=("US", "EU"),
        tools=True,
        end_of_turn=True,
        voices=_OPENAI_VOICES,
        source="https://developers.openai.com/api/docs/models/gpt-realtime-2.1",
    ),
    Offer(
        kind="realtime",
        vendor="gemini_live",
        model="gemini-3.8-live",
        label="Gemini 3.8 Live",
        languages=("*",),
        latency="medium",
        prices=_prices(None, None, "0.75", None, "4.50"),
        tools=True,
        end_of_turn=True,
        voices=_GEMINI_VOICES,
        default=True,
        source="https://ai.google.dev/gemini-api/docs/pricing",
        priced_on=date(2026, 10, 7),
    ),
)
