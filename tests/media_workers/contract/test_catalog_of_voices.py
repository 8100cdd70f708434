"""The catalogue says what the adapters do."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date

import pytest

from media_workers.contract.agent import Voice
from media_workers.contract.catalog import TTS, Offer
from media_workers.contract.vendors import HOSTED_TTS, LOCAL, Credential
from media_workers.contract.voices import VOICES
from media_workers.providers import registry

OWN = set(registry.TTS) - {"pipecat"}
OFFERS = [offer for offer in TTS if offer.vendor in OWN]


def test_every_vendor_with_an_adapter_has_offers_and_one_of_them_is_its_default() -> None:
    assert {offer.vendor for offer in OFFERS} == OWN
    assert {offer.vendor for offer in TTS} - OWN <= {"pipecat", *HOSTED_TTS}
    assert Counter(offer.vendor for offer in OFFERS if offer.default) == dict.fromkeys(OWN, 1)


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: f"{offer.vendor} {offer.model}")
def test_an_offer_can_be_chosen(offer: Offer) -> None:
    assert offer.kind == "tts"
    assert offer.local == (offer.vendor in LOCAL)
    assert len(set(offer.languages)) == len(offer.languages)
    assert len({voice for voice, _ in offer.voices}) == len(offer.voices)
    for voice, label in offer.voices:
        Voice(provider=offer.vendor, voice=voice, model=offer.model)  # type: ignore[arg-type]
        assert label
    if not offer.local:
        assert offer.source.startswith("https://")
        assert offer.voices
        assert offer.prices
        assert all(price.usd > 0 for price in offer.prices)
        assert offer.priced_on is None or offer.priced_on <= date(2026, 12, 31)


@pytest.mark.parametrize("vendor", sorted(OWN - LOCAL))
def test_the_default_is_what_the_adapter_takes_by_itself(vendor: str) -> None:
    async def built() -> tuple[str, str]:
        credential = Credential(vendor=vendor, api_key="key", region="eu")
        tts = registry.build_tts(Voice(provider=vendor), credential, "en-US")  # type: ignore[arg-type]
        return tts.model, tts.voice_of(tts._first)  # type: ignore[attr-defined]

    model, voice = asyncio.run(built())
    offer = next(offer for offer in OFFERS if offer.vendor == vendor and offer.default)
    assert model == (voice if vendor == "deepgram" else offer.model)
    assert voice == offer.voices[0][0]


def test_the_nodes_own_voices_are_offered() -> None:
    offered = {(offer.vendor, voice) for offer in OFFERS for voice, _ in offer.voices}
    assert {(fact.provider, fact.voice) for fact in VOICES} <= offered
