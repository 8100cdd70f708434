from __future__ import annotations

import threading
import time

import pytest
from pytest_django import Settings

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.registry import CARRIERS, GIVERS, SELLERS
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.values import Address, NumberPrice, Search
from tests.fakes.twilio_server.api_2010 import resource
from tests.fakes.twilio_server.server import Offer, TwilioServer

SEATTLE = Offer("+12065550123", locality="Seattle", region="WA")
BOSTON = Offer("+16175550188", locality="Boston", region="MA", able=("voice",))
LONDON = Offer("+442079460018", country="GB", locality="London", address="local", bundle=True)
OFFICE = Address(
    customer_name="A Company",
    street="1 Main Street",
    city="Seattle",
    region="WA",
    postal_code="98101",
    country="US",
)


def test_it_is_there_only_when_it_is_set_up(twilio: TwilioServer, settings: Settings) -> None:
    assert set(SELLERS) >= {"twilio"}
    assert set(CARRIERS) >= {"sandbox", "twilio"}
    settings.TWILIO_ACCOUNT_SID = ""
    assert "twilio" not in SELLERS
    assert "twilio" not in CARRIERS
    assert "twilio" not in GIVERS
    with pytest.raises(KeyError):
        SELLERS["twilio"]


# --- Search
def test_a_search_tells_price_place_and_what_it_can(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE, month="1.15")

    [found] = carrier.search(Search("US"))

    assert (found.e164, found.locality, found.region) == ("+12065550123", "Seattle", "WA")
    assert found.price == NumberPrice(monthly_micros=1_150_000, setup_micros=0, currency="USD")
    assert found.capabilities == {"voice", "sms", "mms"}
    assert found.address == "none"


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Search("US", area="206"), ["+12065550123"]),
        (Search("US", area="617"), ["+16175550188"]),
        (Search("US", area="Boston"), ["+16175550188"]),
        (Search("US", area="999"), []),
        (Search("US", pattern="0123"), ["+12065550123"]),
        (Search("US", pattern="55501*3"), ["+12065550123"]),
        (Search("US", pattern="+16175550188"), ["+16175550188"]),
        (Search("US", capabilities=frozenset({"voice", "sms"})), ["+12065550123"]),
        (Search("US", limit=1), ["+12065550123"]),
        (Search("GB", area="020"), ["+442079460018"]),
        (Search("GB", area="0161"), []),
        (Search("GB", area="79"), []),
    ],
)
def test_what_a_search_finds(
    twilio: TwilioServer, carrier: TwilioCarrier, wish: Search, found: list[str]
) -> None:
    twilio.sells(SEATTLE, BOSTON, LONDON)

    assert [one.e164 for one in carrier.search(wish)] == found


def test_a_type_that_is_not_sold(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE)

    with pytest.raises(CarrierRefused) as refused:
        carrier.search(Search("US", "mobile"))
    assert refused.value.code == "not_sold"
    assert "another type" in refused.value.to_do


def test_a_price_that_has_changed_is_known_a_minute_later(
    twilio: TwilioServer, carrier: TwilioCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilio.sells(Offer("+12065550123"), month="1.15")
    assert carrier.number_price("US", "local").monthly_micros == 1_150_000
    twilio.sells(Offer("+12065550124"), month="2.00")
    began = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: began + 61)

    assert carrier.number_price("US", "local").monthly_micros == 2_000_000


def test_prices_are_asked_for_once(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE)

    for _ in range(3):
        carrier.search(Search("US"))

    assert twilio.count("GET", "/PhoneNumbers/Countries/US") == 1


# --- Buying
def test_a_number_is_bought_once_however_often(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE)

    first = carrier.buy(e164=SEATTLE.e164, key="order-1")
    again = carrier.buy(e164=SEATTLE.e164, key="order-1")

    assert first.id == again.id
    assert again.key == "order-1"
    assert again.active
    assert twilio.account.charged == [SEATTLE.e164]


def test_a_purchase_whose_answer_never_came_is_found(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE)
    twilio.trouble("POST", "/IncomingPhoneNumbers.json", when="after")

    with pytest.raises(CarrierDown):
        carrier.buy(e164=SEATTLE.e164, key="order-1")
    owned = carrier.buy(e164=SEATTLE.e164, key="order-1")

    assert owned.key == "order-1"
    assert twilio.account.charged == [SEATTLE.e164]
    assert twilio.count("POST", "/IncomingPhoneNumbers.json") == 1


def test_two_workers_with_one_order_pay_once(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE)
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
    assert twilio.account.charged == [SEATTLE.e164]


@pytest.mark.parametrize(
    ("offer", "address", "bundle", "code", "to_do"),
    [
        (None, "", "", "unavailable", "another one"),
        (Offer(SEATTLE.e164, address="any"), "", "", "address_required", "address"),
        (Offer(SEATTLE.e164, bundle=True), "", "", "bundle_required", "Hand in"),
    ],
)
def test_why_a_number_is_not_sold(
    twilio: TwilioServer,
    carrier: TwilioCarrier,
    offer: Offer | None,
    address: str,
    bundle: str,
    code: str,
    to_do: str,
) -> None:
    twilio.sells(*([offer] if offer else []))

    with pytest.raises(CarrierRefused) as refused:
        carrier.buy(e164=SEATTLE.e164, key="order-1", address=address, bundle=bundle)

    assert refused.value.code == code
    assert to_do in refused.value.to_do
    assert to_do in str(refused.value)
    assert twilio.account.charged == []


def test_an_address_is_kept_once_and_buys(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(Offer(SEATTLE.e164, address="any"))

    address = carrier.create_address(key="adr-1", address=OFFICE)
    assert carrier.create_address(key="adr-1", address=OFFICE) == address
    carrier.buy(e164=SEATTLE.e164, key="order-1", address=address)

    assert [row["customer_name"] for row in twilio.account.all("AD")] == ["A Company"]
    assert twilio.account.owned == [SEATTLE.e164]


def test_an_address_that_nobody_knows(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    nowhere = Address("A Company", "1 Nowhere", "Nowhere", "WA", "00000", "US")

    with pytest.raises(CarrierRefused, match="Correct street") as refused:
        carrier.create_address(key="adr-1", address=nowhere)
    assert refused.value.code == "bad_input"


# --- What is ours
def test_a_part_of_another_number_is_not_it(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(Offer("+120655501234"))
    carrier.buy(e164="+120655501234", key="order-1")

    assert carrier.owned("+12065550123") is None


def test_all_that_is_ours_page_by_page(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    offers = [Offer(f"+1206555{n:04}") for n in range(1005)]
    twilio.sells(*offers)
    for offer in offers:
        twilio.account.add(
            "PN", resource("incoming_phone_number", phone_number=offer.e164, friendly_name="order")
        )

    assert [one.e164 for one in carrier.all_owned()] == [one.e164 for one in offers]
    assert twilio.count("GET", "/IncomingPhoneNumbers.json") == 2


def test_a_number_is_given_back_once(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE)
    owned = carrier.buy(e164=SEATTLE.e164, key="order-1")

    carrier.release(owned.id)
    carrier.release(owned.id)

    assert carrier.owned(SEATTLE.e164) is None
    assert twilio.account.released == [SEATTLE.e164]


# --- Trouble
@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_asked_again(
    twilio: TwilioServer, carrier: TwilioCarrier, no_waiting: list[float], status: int
) -> None:
    twilio.trouble("GET", "/IncomingPhoneNumbers.json", status=status)

    assert carrier.owned(SEATTLE.e164) is None
    assert twilio.count("GET", "/IncomingPhoneNumbers.json") == 2
    assert no_waiting == [0.3]


def test_what_lasts_is_told(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.trouble("GET", "/IncomingPhoneNumbers.json", status=503, times=9)

    with pytest.raises(CarrierDown, match="503"):
        carrier.owned(SEATTLE.e164)
    assert twilio.count("GET", "/IncomingPhoneNumbers.json") == 3


def test_a_long_wait_is_not_waited(
    twilio: TwilioServer, carrier: TwilioCarrier, no_waiting: list[float]
) -> None:
    twilio.trouble("GET", "/IncomingPhoneNumbers.json", status=429, headers={"Retry-After": "60"})

    with pytest.raises(CarrierDown):
        carrier.owned(SEATTLE.e164)
    assert no_waiting == []


def test_a_purchase_is_never_repeated_by_itself(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(SEATTLE)
    twilio.trouble("POST", "/IncomingPhoneNumbers.json", status=503, times=9)

    with pytest.raises(CarrierDown):
        carrier.buy(e164=SEATTLE.e164, key="order-1")
    assert twilio.count("POST", "/IncomingPhoneNumbers.json") == 1


def test_a_cut_connection_is_down(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.trouble("GET", "/IncomingPhoneNumbers.json", times=9)

    with pytest.raises(CarrierDown, match="look for the number"):
        carrier.owned(SEATTLE.e164)


def test_wrong_credentials_are_the_operators_matter(
    twilio: TwilioServer, carrier: TwilioCarrier, settings: Settings
) -> None:
    settings.TWILIO_AUTH_TOKEN = "another"

    with pytest.raises(CarrierDown, match="credentials") as down:
        carrier.owned(SEATTLE.e164)
    assert "another" not in str(down.value)


def test_a_refusal_that_we_do_not_know_keeps_twilios_words(
    twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    twilio.sells(SEATTLE)
    twilio.trouble(
        "POST", "/IncomingPhoneNumbers.json", status=400, code=21470, message="Numbers are moody today"
    )

    with pytest.raises(CarrierRefused, match=r"Numbers are moody today.*21470") as refused:
        carrier.buy(e164=SEATTLE.e164, key="order-1")
    assert (refused.value.code, refused.value.carrier_code) == ("refused", "21470")
