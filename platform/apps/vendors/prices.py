"""What vendors take for what they do, by their list prices: cost in integer micro-units of a US dollar."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from statistics import median
from typing import Literal

from apps.vendors.catalog import offer_of
from media_workers.contract.catalog import OFFERS, Offer, Unit
from media_workers.contract.vendors import LOCAL, OWN_ENDPOINT, Kind

Measure = Literal[
    "millisecond",
    "character",
    "input_token",
    "cached_token",
    "output_token",
    "audio_input_token",
    "audio_output_token",
]
"""What is counted of a call (contract TurnUsage)."""

CHARACTERS_A_MINUTE = 900
TOKENS_A_MINUTE = 1_250
CHARACTERS_A_TOKEN = 4
"""Of speech in English, for voices that are sold by the minute or by tokens of audio: we count characters."""

_OF_UNIT: dict[Unit, tuple[Measure, int]] = {
    "minute": ("millisecond", 60_000),
    "million_characters": ("character", 10**6),
    "million_input_tokens": ("input_token", 10**6),
    "million_cached_tokens": ("cached_token", 10**6),
    "million_output_tokens": ("output_token", 10**6),
    "million_audio_input_tokens": ("audio_input_token", 10**6),
    "million_audio_output_tokens": ("audio_output_token", 10**6),
}


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """`cost_micros` for each `per`: whole numbers, so that nothing is lost."""

    cost_micros: int
    per: int


def unit_prices(kind: Kind, vendor: str, model: str) -> dict[Measure, UnitPrice]:
    """By what is counted; none of what runs here or is the tenant's own.

    A model that the catalogue does not have costs as the dearest of its vendor's that it has; where it knows
    no price at all of a vendor, what is usual for the kind: the median.
    """
    if vendor in LOCAL or vendor == OWN_ENDPOINT:
        return {}
    offer = offer_of(kind, vendor, model)
    prices = _of_offer(offer) if offer is not None and not offer.local else {}
    prices = prices or _dearest(kind, vendor) or _usual(kind)
    return {measure: UnitPrice(p.numerator, p.denominator) for measure, p in sorted(prices.items())}


def _of_offer(offer: Offer) -> dict[Measure, Fraction]:
    """Micro-units for one of each."""
    told: dict[Measure, Fraction] = {
        _OF_UNIT[p.unit][0]: _micros(p.usd) / _OF_UNIT[p.unit][1] for p in offer.prices
    }
    if offer.kind == "realtime" and told:
        # One price for tokens is a price for those of audio too.
        told.setdefault("audio_input_token", told.get("input_token", Fraction(0)))
        told.setdefault("audio_output_token", told.get("output_token", Fraction(0)))
    return _by_characters(told) if offer.kind == "tts" and told else told


def _by_characters(told: dict[Measure, Fraction]) -> dict[Measure, Fraction]:
    each = told.get("character", Fraction(0))
    each += told.get("millisecond", Fraction(0)) * 60_000 / CHARACTERS_A_MINUTE
    each += told.get("input_token", Fraction(0)) / CHARACTERS_A_TOKEN
    each += told.get("audio_output_token", Fraction(0)) * TOKENS_A_MINUTE / CHARACTERS_A_MINUTE
    return {"character": each}


@cache
def _dearest(kind: Kind, vendor: str) -> dict[Measure, Fraction]:
    offers = [_of_offer(o) for o in OFFERS if o.kind == kind and o.vendor == vendor and not o.local]
    measures = {measure for prices in offers for measure in prices}
    return {m: max(prices.get(m, Fraction(0)) for prices in offers) for m in measures}


@cache
def _usual(kind: Kind) -> dict[Measure, Fraction]:
    offers = [_of_offer(o) for o in OFFERS if o.kind == kind and o.prices]
    measures = {measure for prices in offers for measure in prices}
    return {m: median(prices[m] for prices in offers if m in prices) for m in measures}


def _micros(usd: Decimal) -> Fraction:
    return Fraction(usd) * 10**6
