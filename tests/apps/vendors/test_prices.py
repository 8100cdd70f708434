"""List prices per what is counted, exact, for every offer of the catalogue."""

from __future__ import annotations

from fractions import Fraction

import pytest

from apps.vendors.prices import UnitPrice, unit_prices
from media_workers.contract.catalog import OFFERS, Offer

NAMED = [pytest.param(o, id=f"{o.kind} {o.vendor} {o.model}") for o in OFFERS]
MEASURES = {
    "stt": {"millisecond"},
    "tts": {"character"},
    "llm": {"input_token", "cached_token", "output_token"},
    "realtime": {
        "input_token",
        "cached_token",
        "output_token",
        "audio_input_token",
        "audio_output_token",
    },
}


@pytest.mark.parametrize("offer", NAMED)
def test_every_offer_has_a_price_of_what_is_counted_unless_it_runs_here(offer: Offer) -> None:
    prices = unit_prices(offer.kind, offer.vendor, offer.model)
    assert set(prices) <= MEASURES[offer.kind]
    assert bool(prices) is not offer.local
    assert all(price.cost_micros > 0 and price.per > 0 for price in prices.values())


def test_a_price_by_the_minute_is_one_by_the_millisecond() -> None:
    offer = next(o for o in OFFERS if o.vendor == "deepgram" and o.kind == "stt" and o.default)
    price = unit_prices("stt", "deepgram", "")["millisecond"]
    assert Fraction(price.cost_micros, price.per) == Fraction(offer.prices[0].usd) * 10**6 / 60_000


def test_a_model_that_nobody_knows_costs_as_the_dearest_of_its_vendor() -> None:
    known = [unit_prices("llm", "openai", o.model) for o in OFFERS if (o.kind, o.vendor) == ("llm", "openai")]
    dearest = max(Fraction(p["output_token"].cost_micros, p["output_token"].per) for p in known)
    price = unit_prices("llm", "openai", "gpt-of-tomorrow")["output_token"]
    assert Fraction(price.cost_micros, price.per) == dearest


def test_what_runs_here_and_what_is_the_tenants_own_cost_nothing() -> None:
    assert unit_prices("tts", "flite", "") == unit_prices("llm", "openai_compatible", "x") == {}


def test_a_model_that_speaks_itself_has_a_price_for_audio() -> None:
    prices = unit_prices("realtime", "openai_realtime", "gpt-realtime-2")
    assert prices["audio_output_token"] == UnitPrice(64, 1)
