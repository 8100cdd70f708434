"""The sandbox as a carrier that sells numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from telephony.carriers.base import CarrierRefused
from telephony.carriers.registry import CARRIERS, SELLERS
from telephony.carriers.sandbox import SandboxCarrier, SandboxSeller
from telephony.carriers.values import Address, BundleWish, PortWish, Search

SELLER = SandboxSeller()
E164 = "+12025557001"
ADDRESS = Address("Acme", "1 High St", "Leeds", "", "LS1", "GB")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_it_sells_only_where_nobody_is_in_earnest(settings: Settings) -> None:
    assert "sandbox" in SELLERS
    settings.PRODUCTION = True
    assert "sandbox" not in SELLERS
    assert isinstance(CARRIERS["sandbox"], SandboxCarrier)


def test_it_finds_numbers_that_it_would_assign(settings: Settings) -> None:
    settings.SANDBOX_NUMBER_MICROS = 7
    found = SELLER.search(Search("US", area="202", pattern="77", limit=9))

    assert len({one.e164 for one in found}) == 9
    assert all("77" in one.e164 and SELLER.owns(one.e164) for one in found)
    assert {one.price.monthly_micros for one in found} == {7}
    assert [one.e164 for one in SELLER.search(Search("US", pattern=E164))] == [E164]


@pytest.mark.parametrize(
    "wish",
    [
        Search("GB"),
        Search("US", type="mobile"),
        Search("US", area="212"),
        Search("US", area="Boston"),
        Search("US", pattern="+442079460018"),
        Search("US", capabilities=frozenset({"fax"})),
    ],
)
def test_it_has_nothing_else(wish: Search) -> None:
    assert SELLER.search(wish) == []


def test_a_number_is_bought_as_often_as_one_likes() -> None:
    bought = SELLER.buy(e164=E164, key="k")
    assert (bought.e164, bought.key, bought.active) == (E164, "k", True)
    known = SELLER.owned(E164)
    assert known is not None
    assert known.id == bought.id
    SELLER.attach(known, SELLER.ensure_trunk())
    SELLER.release(known.id)
    assert SELLER.set_caller_name(known, "ACME").state == "active"
    assert SELLER.owned("+442079460018") is None
    with pytest.raises(CarrierRefused):
        SELLER.buy(e164="+442079460018", key="k")


def test_papers_are_asked_for_abroad_and_accepted() -> None:
    assert SELLER.requirements("US", "local").nothing
    told = SELLER.requirements("GB", "local")
    assert (told.address, told.bundle) == ("local", True)
    address = SELLER.create_address(key="k", address=ADDRESS)
    assert address == SELLER.create_address(key="k", address=ADDRESS)
    wish = BundleWish("GB", "local", "Acme", "owner@example.com", True, {})
    made = SELLER.create_bundle(key="k", wish=wish)
    assert SELLER.bundle(made.id).state == "approved"


def test_its_own_numbers_are_brought_at_once() -> None:
    wish = PortWish((E164,), "Acme", True, ADDRESS, "Office manager", "owner@example.com")
    assert SELLER.portability(E164).portable
    assert not SELLER.portability("+442079460018").portable
    port = SELLER.port_in(key="k", wish=wish)
    assert (port.state, SELLER.port(port.id).state) == ("completed", "completed")
    with pytest.raises(CarrierRefused):
        SELLER.cancel_port(port.id)


def test_it_counts_nothing() -> None:
    assert SELLER.call_prices("US") == SELLER.usage(NOW.date()) == []
    assert list(SELLER.call_records(NOW, NOW)) == list(SELLER.all_owned()) == []
