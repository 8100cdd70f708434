from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.values import Owned
from tests.fakes.twilio_server.server import Offer, TwilioServer

PROFILE = "BU" + "f" * 32


@pytest.fixture
def number(twilio: TwilioServer, carrier: TwilioCarrier, settings: Settings) -> Owned:
    settings.TWILIO_CUSTOMER_PROFILE = PROFILE
    twilio.sells(Offer("+12065550123"))
    return carrier.buy(e164="+12065550123", key="order-1")


def _products(twilio: TwilioServer) -> list[dict[str, Any]]:
    return twilio.account.all("BU")


def test_a_name_is_handed_in_whole(number: Owned, twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    told = carrier.set_caller_name(number, "A Company")

    assert (told.name, told.state) == ("A Company", "pending")
    [product] = _products(twilio)
    assert PROFILE in {row["object_sid"] for row in product["entities"]}
    assert [row["channel_endpoint_sid"] for row in product["channels"]] == [number.id]
    [owner] = twilio.account.all("IT")
    assert owner["attributes"] == {"cnam_display_name": "A Company"}


def test_asking_again_tells_how_far_it_is(
    number: Owned, twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    carrier.set_caller_name(number, "A Company")
    [product] = _products(twilio)

    for status, state in (
        ("in-review", "pending"),
        ("twilio-approved", "active"),
        ("twilio-rejected", "failed"),
    ):
        product["status"] = status
        assert carrier.set_caller_name(number, "A Company").state == state
    assert len(_products(twilio)) == 1


def test_an_attempt_that_broke_off_makes_one(
    number: Owned, twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    for part in ("/TrustProducts", "/EntityAssignments", "/ChannelEndpointAssignments", "/Evaluations"):
        twilio.trouble("POST", part, when="after")
        with pytest.raises(CarrierDown):
            carrier.set_caller_name(number, "A Company")

    assert carrier.set_caller_name(number, "A Company").state == "pending"
    [product] = _products(twilio)
    assert len(product["entities"]) == 2
    assert len(product["channels"]) == 1


def test_another_name_takes_its_place(number: Owned, twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    carrier.set_caller_name(number, "A Company")

    carrier.set_caller_name(number, "Another Company")

    assert [row["friendly_name"] for row in _products(twilio)] == [f"{number.id} Another Company"]


def test_a_name_is_taken_away(number: Owned, twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    carrier.set_caller_name(number, "A Company")

    assert carrier.set_caller_name(number, "").state == "off"
    assert _products(twilio) == []


def test_a_profile_that_lacks_something(number: Owned, twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.incomplete = "No address."

    told = carrier.set_caller_name(number, "A Company")

    assert told.state == "failed"
    assert "profile" in told.problem


@pytest.mark.parametrize(
    ("name", "e164", "profile", "code"),
    [
        ("A name that is too long", "+12065550123", PROFILE, "bad_input"),
        ("4711", "+12065550123", PROFILE, "bad_input"),
        ("A Company", "+442079460018", PROFILE, "bad_input"),
        ("A Company", "+12065550123", "", "account"),
    ],
)
def test_what_is_no_name(
    twilio: TwilioServer,
    carrier: TwilioCarrier,
    settings: Settings,
    name: str,
    e164: str,
    profile: str,
    code: str,
) -> None:
    settings.TWILIO_CUSTOMER_PROFILE = profile

    with pytest.raises(CarrierRefused) as refused:
        carrier.set_caller_name(Owned("PN" + "0" * 32, e164), name)
    assert refused.value.code == code
    assert refused.value.to_do
    assert twilio.asked == []
