"""The catalogue as a tenant sees it: what there is, whose key it takes, and how fast it was lately."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from django.core.cache import cache
from redis import RedisError

from apps.vendors.names import PIPECAT, label_of, vendors
from apps.vendors.selectors import KeySource, key_sources
from media_workers.contract.catalog import OFFERS, Offer, Price, Unit
from media_workers.contract.vendors import key_of
from tenants.scope import current_tenant_id

log = structlog.get_logger(__name__)

MEASURED_KEPT_S = 300

_UNITS: dict[Unit, str] = {
    "minute": "a minute",
    "million_characters": "per million characters",
    "million_input_tokens": "per million tokens in",
    "million_cached_tokens": "per million cached tokens in",
    "million_output_tokens": "per million tokens out",
    "million_audio_input_tokens": "per million audio tokens in",
    "million_audio_output_tokens": "per million audio tokens out",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What the tenant's own turns took of late, in ms: to the final transcript, the first token or the
    first audio, by the kind; a model that speaks itself perhaps from the caller's last word."""

    kind: str
    vendor: str
    model: str
    p50_ms: int
    p95_ms: int
    samples: int


_measure: list[Callable[[], list[Measured]]] = []


def measure_with(measure: Callable[[], list[Measured]]) -> None:
    """Who knows the turns: told by the calls' configuration, since we lie below them."""
    _measure[:] = [measure]


def offers(*, kind: str = "", vendor: str = "", language: str = "") -> list[dict[str, Any]]:
    """The offers, those that fit, in the catalogue's order."""
    fitting = [
        offer
        for offer in OFFERS
        if (not kind or offer.kind == kind)
        and (not vendor or offer.vendor == vendor)
        and (not language or speaks(offer, language))
    ]
    source, measured = key_sources(), _measured()
    return [
        _shown(o, source(key_of(o.vendor, o.model)), measured.get((o.kind, o.vendor, o.model)))
        for o in fitting
    ]


def sellers() -> list[dict[str, Any]]:
    """Every vendor, with the name of the key that its calls take and whose that is now."""
    source = key_sources()
    return [
        {"vendor": v.name, "label": v.label, "kinds": v.kinds, "key": v.key, "key_source": source(v.key)}
        for v in vendors().values()
    ]


def offer_of(kind: str, vendor: str, model: str) -> Offer | None:
    """The offer of this model, or, without one, the vendor's default; None when the catalogue has none."""
    found = [offer for offer in OFFERS if offer.kind == kind and offer.vendor == vendor]
    if model:
        return next((offer for offer in found if offer.model == model), None)
    return next((offer for offer in found if offer.default), found[0] if found else None)


def speaks(offer: Offer, language: str) -> bool:
    """Whether the offer has the language of this BCP 47 tag, in whatever region it is spoken."""
    wanted = language.partition("-")[0].lower()
    return any(tag == "*" or tag.partition("-")[0].lower() == wanted for tag in offer.languages)


def in_words(prices: tuple[Price, ...]) -> str:
    """``$0.15 per million tokens in, $0.60 per million tokens out``."""
    return ", ".join(f"${_dollars(price.usd)} {_UNITS[price.unit]}" for price in prices)


def _dollars(usd: Decimal) -> str:
    """At least two decimals, and as many as it takes."""
    text = f"{usd.normalize():f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}" if decimals else whole


def _shown(offer: Offer, source: KeySource, measured: Measured | None) -> dict[str, Any]:
    return {
        **offer.model_dump(exclude={"voices"}),
        "vendor_label": label_of(offer.model.partition("/")[0] if offer.vendor == PIPECAT else offer.vendor),
        "voices": [{"voice": voice, "label": label} for voice, label in offer.voices],
        "price": "free" if offer.local else in_words(offer.prices),
        "key_source": source,
        "available": source != "none",
        "measured": measured,
    }


def _measured() -> dict[tuple[str, str, str], Measured]:
    return {(m.kind, m.vendor, m.model): m for measure in _measure for m in _kept(measure)}


def _kept(measure: Callable[[], list[Measured]]) -> list[Measured]:
    """For five minutes: percentiles of a week read many rows, and move little."""
    key = f"vendors:measured:{current_tenant_id()}"
    try:
        found: list[Measured] | None = cache.get(key)
        if found is None:
            found = measure()
            cache.set(key, found, MEASURED_KEPT_S)
    except RedisError as error:
        log.warning("measured_not_kept", error=type(error).__name__)
        return measure()
    return found
