from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from media_workers.contract.catalog import LLM, REALTIME, Offer
from media_workers.contract.vendors import ChatVendor, RealtimeVendor

MODELS = [*LLM, *REALTIME]


def test_there_is_a_choice_of_every_vendor() -> None:
    assert {offer.vendor for offer in LLM} == set(get_args(ChatVendor))
    assert {offer.vendor for offer in REALTIME} == set(get_args(RealtimeVendor))
    assert len({(offer.vendor, offer.model) for offer in LLM}) == len(LLM) >= 18


def test_each_vendor_has_one_default() -> None:
    vendors = Counter(offer.vendor for offer in MODELS if offer.default)
    assert vendors == dict.fromkeys(get_args(ChatVendor) + get_args(RealtimeVendor), 1)


@pytest.mark.parametrize("offer", MODELS, ids=lambda offer: f"{offer.vendor} {offer.model}")
def test_a_price_says_where_it_is_from_and_of_when(offer: Offer) -> None:
    usd = {price.unit: price.usd for price in offer.prices}
    assert len(usd) == len(offer.prices)
    assert (offer.priced_on is None) == (not usd)
    assert offer.source.startswith("https://")
    assert offer.tools
    assert offer.languages
    if usd:
        text, answer = usd["million_input_tokens"], usd["million_output_tokens"]
        assert 0 < usd.get("million_cached_tokens", text / 2) < text < answer
        assert usd.get("million_audio_output_tokens", answer) >= answer
