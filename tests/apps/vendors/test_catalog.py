"""The catalogue: every offer is shown, with whose key it takes and what was measured."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apps.vendors import catalog
from apps.vendors.catalog import Measured, in_words, offer_of, offers, sellers, speaks
from apps.vendors.services import put_key
from media_workers.contract.catalog import OFFERS, Offer, Price
from media_workers.contract.vendors import Credential, key_names
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant

FAST = Offer(
    kind="llm",
    vendor="openai",
    model="fast",
    label="Fast",
    languages=("*",),
    latency="fast",
    prices=(
        Price(unit="million_input_tokens", usd=Decimal("0.15")),
        Price(unit="million_output_tokens", usd=Decimal("0.6")),
    ),
    default=True,
)
SLOW = FAST.model_copy(update={"model": "slow", "default": False, "languages": ("en", "de-DE")})
EARS = Offer(kind="stt", vendor="deepgram", model="nova", label="Nova", languages=("en-US",), latency="fast")
HOSTED = EARS.model_copy(update={"vendor": "pipecat", "model": "soniox"})
OWN = EARS.model_copy(update={"vendor": "pocketsphinx", "model": "", "local": True})


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "OFFERS", (EARS, HOSTED, OWN, FAST, SLOW))


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_measure", [])


@pytest.mark.django_db
@pytest.mark.usefixtures("known", "unmeasured")
def test_whose_key_an_offer_takes(settings: Any) -> None:
    settings.VENDOR_KEYS = {"openai": Credential(vendor="openai", api_key="k")}
    with tenant_scope(make_tenant().pk):
        put_key(vendor="soniox", api_key="s" * 20)
        found = {(o["vendor"], o["model"]): (o["key_source"], o["available"]) for o in offers()}

    assert found == {
        ("deepgram", "nova"): ("none", False),
        ("pipecat", "soniox"): ("own", True),
        ("pocketsphinx", ""): ("local", True),
        ("openai", "fast"): ("platform", True),
        ("openai", "slow"): ("platform", True),
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("known", "unmeasured")
@pytest.mark.parametrize(
    ("wish", "models"),
    [
        ({"kind": "llm"}, ["fast", "slow"]),
        ({"vendor": "deepgram"}, ["nova"]),
        ({"language": "de"}, ["fast", "slow"]),
        ({"language": "fr-CA"}, ["fast"]),
        ({"kind": "llm", "language": "EN-gb"}, ["fast", "slow"]),
        ({"kind": "tts"}, []),
    ],
)
def test_offers_that_fit(wish: dict[str, str], models: list[str]) -> None:
    with tenant_scope(make_tenant().pk):
        assert [offer["model"] for offer in offers(**wish)] == models


@pytest.mark.django_db
@pytest.mark.usefixtures("known")
def test_what_was_measured_is_kept_for_its_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def measure() -> list[Measured]:
        asked.append(1)
        return [Measured("llm", "openai", "fast", 210, 480, 12)]

    monkeypatch.setattr(catalog, "_measure", [measure])
    for tenant in (make_tenant(), make_tenant()):
        with tenant_scope(tenant.pk):
            for _ in range(2):
                found = {o["model"]: o["measured"] for o in offers(kind="llm")}

    assert found == {"fast": Measured("llm", "openai", "fast", 210, 480, 12), "slow": None}
    assert len(asked) == 2


@pytest.mark.usefixtures("known")
def test_the_offer_of_a_model() -> None:
    assert offer_of("llm", "openai", "slow") == SLOW
    assert offer_of("llm", "openai", "") == FAST
    assert offer_of("llm", "openai", "unknown") is None
    assert offer_of("stt", "openai", "") is None
    assert offer_of("stt", "deepgram", "") == EARS


def test_languages() -> None:
    assert speaks(SLOW, "de")
    assert speaks(SLOW, "en-GB")
    assert not speaks(SLOW, "fr")
    assert speaks(FAST, "sw-KE")


@pytest.mark.parametrize(
    ("usd", "shown"), [("0.0043", "$0.0043"), ("3", "$3"), ("0.6", "$0.60"), ("10", "$10"), ("1.25", "$1.25")]
)
def test_prices_in_words(usd: str, shown: str) -> None:
    assert in_words((Price(unit="minute", usd=Decimal(usd)),)) == f"{shown} a minute"
    assert in_words(()) == ""


@pytest.mark.django_db
def test_every_key_belongs_to_a_vendor() -> None:
    with tenant_scope(make_tenant().pk):
        found = sellers()

    assert {vendor["key"] for vendor in found} - {""} == key_names()
    assert all(vendor["kinds"] for vendor in found)


@pytest.mark.django_db
def test_the_real_catalogue_is_shown_whole() -> None:
    with tenant_scope(make_tenant().pk):
        found = offers()

    assert len(found) == len(OFFERS)
    assert all(offer["price"] or not offer["prices"] for offer in found)
