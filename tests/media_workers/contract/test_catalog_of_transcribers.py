from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from media_workers.contract.catalog import STT, Offer
from media_workers.contract.vendors import HOSTED_STT, LOCAL, SpeechToTextVendor
from media_workers.providers import registry

OWN = set(get_args(SpeechToTextVendor)) - {"pipecat"}
OFFERS = [offer for offer in STT if offer.vendor in OWN]


def test_every_transcriber_that_is_built_is_offered_and_the_other_way_round() -> None:
    assert {offer.vendor for offer in OFFERS} == OWN == set(registry.STT) - {"pipecat"}
    assert {offer.vendor for offer in STT} - OWN <= {"pipecat", *HOSTED_STT}
    assert len({(offer.vendor, offer.model) for offer in STT}) == len(STT)


def test_each_vendor_has_one_default() -> None:
    assert Counter(offer.vendor for offer in OFFERS if offer.default) == dict.fromkeys(OWN, 1)


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: f"{offer.vendor} {offer.model}")
def test_a_price_says_where_it_is_from_and_of_when(offer: Offer) -> None:
    assert offer.kind == "stt"
    assert offer.languages
    assert offer.local == (offer.vendor in LOCAL)
    if offer.local:
        assert not offer.prices
        return
    assert [price.unit for price in offer.prices] == ["minute"]
    assert 0 < offer.prices[0].usd < 1
    assert offer.priced_on is not None
    assert offer.source.startswith("https://")
    assert offer.regions
