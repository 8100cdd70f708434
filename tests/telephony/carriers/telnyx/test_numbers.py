from __future__ import annotations

import threading
from typing import Any

import pytest
from pytest_django import Settings

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.registry import CARRIERS, SELLERS
from telephony.carriers.telnyx import TelnyxCarrier
from telephony.carriers.values import Address, BundleWish, NumberPrice, Paper, Search
from tests.fakes.telnyx_server.routes import deliver
from tests.fakes.telnyx_server.server import Offer, TelnyxServer

SEATTLE = Offer("+12065550123", locality="SEATTLE", region="WA", monthly="1.10", upfront="0.50")
BOSTON = Offer("+16175550188", locality="BOSTON", region="MA", able=("voice",))
LONDON = Offer("+442079460018", country="GB", papers=True)


def test_it_is_there_only_when_it_is_set_up(telnyx: TelnyxServer, settings: Settings) -> None:
    assert "telnyx" in SELLERS
    settings.TELNYX_API_KEY = ""
    assert "telnyx" not in CARRIERS


def test_a_search_tells_price_place_and_what_it_can(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(SEATTLE)

    [found] = carrier.search(Search("US"))

    assert (found.e164, found.locality, found.region) == ("+12065550123", "SEATTLE", "WA")
    assert found.price == NumberPrice(monthly_micros=1_100_000, setup_micros=500_000)
    assert found.capabilities == {"voice", "sms", "mms"}
    assert carrier.number_price("US", "local") == found.price


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Search("US", area="617"), ["+16175550188"]),
        (Search("US", area="BOSTON"), ["+16175550188"]),
        (Search("US", area="999"), []),
        (Search("US", pattern="0123"), ["+12065550123"]),
        (Search("US", pattern="+16175550188"), ["+16175550188"]),
        (Search("US", capabilities=frozenset({"voice", "sms"})), ["+12065550123"]),
        (Search("US", limit=1), ["+12065550123"]),
        (Search("FR"), []),
    ],
)
def test_what_a_search_finds(
    telnyx: TelnyxServer, carrier: TelnyxCarrier, wish: Search, found: list[str]
) -> None:
    telnyx.sells(SEATTLE, BOSTON)

    assert [one.e164 for one in carrier.search(wish)] == found


def test_what_has_no_price_is_not_for_sale(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    """It would be rented for nothing, and paid by us."""
    telnyx.sells(Offer("+12065550129", monthly=""), SEATTLE)

    assert [one.e164 for one in carrier.search(Search("US"))] == [SEATTLE.e164]


def test_a_type_that_is_not_sold(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    with pytest.raises(CarrierRefused, match="another type") as refused:
        carrier.number_price("US", "mobile")
    assert refused.value.code == "not_sold"


# --- Buying
def test_a_number_is_bought_once_however_often(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(SEATTLE)

    first = carrier.buy(e164=SEATTLE.e164, key="order-1")
    again = carrier.buy(e164=SEATTLE.e164, key="order-1")

    assert first == again
    assert (first.key, first.active) == ("order-1", True)
    assert telnyx.account.charged == [SEATTLE.e164]


@pytest.mark.parametrize("slow", [False, True])
def test_a_purchase_whose_answer_never_came_is_found(
    telnyx: TelnyxServer, carrier: TelnyxCarrier, slow: bool
) -> None:
    telnyx.sells(Offer(SEATTLE.e164, slow=slow))
    telnyx.trouble("POST", "/number_orders", when="after")

    with pytest.raises(CarrierDown):
        carrier.buy(e164=SEATTLE.e164, key="order-1")
    owned = carrier.buy(e164=SEATTLE.e164, key="order-1")

    assert owned.active is not slow
    assert telnyx.account.charged == [SEATTLE.e164]
    assert telnyx.count("POST", "/number_orders") == 1


def test_an_order_that_takes_a_while(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(Offer(SEATTLE.e164, slow=True))

    waiting = carrier.buy(e164=SEATTLE.e164, key="order-1")
    [order] = telnyx.account.all("number_orders")
    deliver(telnyx.account, order)
    owned = carrier.owned(SEATTLE.e164)

    assert (waiting.active, waiting.problem) == (False, "Telnyx is still working on the order.")
    assert owned is not None
    assert owned.active


def test_two_workers_with_one_order_pay_once(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(SEATTLE)
    together, bought = threading.Barrier(2), []

    def work() -> None:
        together.wait(30)
        bought.append(carrier.buy(e164=SEATTLE.e164, key="order-1").id)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(bought) == 2
    assert len(set(bought)) == 1
    assert telnyx.account.charged == [SEATTLE.e164]


def test_a_number_that_is_gone(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    with pytest.raises(CarrierRefused, match="another one") as refused:
        carrier.buy(e164=SEATTLE.e164, key="order-1")
    assert refused.value.code == "unavailable"


def test_an_account_without_money(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(SEATTLE)
    telnyx.account.money = False

    with pytest.raises(CarrierRefused, match="operator") as refused:
        carrier.buy(e164=SEATTLE.e164, key="order-1")
    assert refused.value.code == "account"


# --- Papers
REQUIREMENT: dict[str, Any] = {
    "country_code": "GB",
    "phone_number_type": "local",
    "action": "ordering",
    "requirements_types": [
        {"id": "req-1", "type": "address", "name": "Address", "description": "In the UK", "example": "A bill"}
    ],
}


def _wish(*papers: Paper) -> BundleWish:
    return BundleWish("GB", "local", "A Company", "owner@example.com", True, {}, papers)


def test_what_is_asked_for(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.account.requirements.append(REQUIREMENT)

    told = carrier.requirements("GB", "local")

    assert told.bundle
    [wanted] = told.wanted
    assert (wanted.kind, wanted.name, wanted.words) == ("address", "req-1", "Address: In the UK")
    assert carrier.requirements("US", "local").nothing


def test_without_papers_nothing_is_bought(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(LONDON)

    with pytest.raises(CarrierRefused, match="Hand in") as refused:
        carrier.buy(e164=LONDON.e164, key="order-1")

    assert refused.value.code == "bundle_required"
    assert telnyx.account.charged == []
    assert [order["status"] for order in telnyx.account.all("number_orders")] == ["cancelled"]


def test_papers_are_handed_in_once_accepted_and_buy(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(LONDON)
    address = carrier.create_address(
        key="adr-1", address=Address("A Company", "1 Main Street", "London", "", "E1 6AN", "GB")
    )
    wish = _wish(Paper("req-1", {}, address=address))
    telnyx.trouble("POST", "/submit_for_approval", when="after")
    with pytest.raises(CarrierDown):
        carrier.create_bundle(key="bdl-1", wish=wish)

    bundle = carrier.create_bundle(key="bdl-1", wish=wish)

    [group] = telnyx.account.all("requirement_groups")
    assert (bundle.id, bundle.state) == (group["id"], "pending")
    assert group["regulatory_requirements"] == [{"requirement_id": "req-1", "field_value": address}]
    group["status"] = "approved"
    assert carrier.bundle(bundle.id).state == "approved"
    assert carrier.buy(e164=LONDON.e164, key="order-1", bundle=bundle.id).active


def test_a_paper_that_says_nothing(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    with pytest.raises(CarrierRefused, match="value"):
        carrier.create_bundle(key="bdl-1", wish=_wish(Paper("req-1", {})))


def test_an_address_is_kept_once(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    office = Address("A Company", "1 Main Street", "Seattle", "WA", "98101", "US")

    ids = {carrier.create_address(key="adr-1", address=office) for _ in range(2)}

    assert [row["id"] for row in telnyx.account.all("addresses")] == list(ids)


# --- What is ours
def test_all_that_is_ours_page_by_page(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    for n in range(251):
        telnyx.account.add("phone_numbers", {"phone_number": f"+1206555{n:04}", "status": "active"})
    telnyx.account.add("phone_numbers", {"phone_number": "+12065559999", "status": "ported-out"})

    assert len(list(carrier.all_owned())) == 251
    assert telnyx.count("GET", "/phone_numbers") == 2


def test_a_part_of_another_number_is_not_it(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.account.add("phone_numbers", {"phone_number": "+120655501234", "status": "active"})

    assert carrier.owned("+12065550123") is None


def test_a_number_is_given_back_once(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(SEATTLE)
    owned = carrier.buy(e164=SEATTLE.e164, key="order-1")

    carrier.release(owned.id)
    carrier.release(owned.id)

    assert telnyx.account.released == [SEATTLE.e164]
    assert carrier.owned(SEATTLE.e164) is None


def test_a_name_is_set_and_taken_away(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(SEATTLE)
    owned = carrier.buy(e164=SEATTLE.e164, key="order-1")

    assert carrier.set_caller_name(owned, "A Company").state == "active"
    assert carrier.set_caller_name(owned, "").state == "off"
    [row] = telnyx.account.all("phone_numbers")
    assert row["cnam_listing"] == {"cnam_listing_enabled": False}
    with pytest.raises(CarrierRefused, match="digits and spaces"):
        carrier.set_caller_name(owned, "A & B")


# --- Trouble
def test_what_passes_is_asked_again(
    telnyx: TelnyxServer, carrier: TelnyxCarrier, no_waiting: list[float]
) -> None:
    telnyx.trouble("GET", "/phone_numbers", status=503)

    assert carrier.owned(SEATTLE.e164) is None
    assert no_waiting == [0.3]


def test_what_lasts_is_told(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.trouble("GET", "/phone_numbers", times=9)

    with pytest.raises(CarrierDown, match="look for the number"):
        carrier.owned(SEATTLE.e164)
    assert telnyx.count("GET", "/phone_numbers") == 3


def test_a_purchase_is_never_repeated_by_itself(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(SEATTLE)
    telnyx.trouble("POST", "/number_orders", status=502, times=9)

    with pytest.raises(CarrierDown, match="502"):
        carrier.buy(e164=SEATTLE.e164, key="order-1")
    assert telnyx.count("POST", "/number_orders") == 1


def test_wrong_credentials_are_the_operators_matter(
    telnyx: TelnyxServer, carrier: TelnyxCarrier, settings: Settings
) -> None:
    settings.TELNYX_API_KEY = "KEY_of_another"

    with pytest.raises(CarrierDown, match="credentials") as down:
        carrier.owned(SEATTLE.e164)
    assert "KEY_of_another" not in str(down.value)
