from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.values import Address, PortWish
from tests.fakes.twilio_server.server import TwilioServer

OFFICE = Address("A Company", "1 Main Street", "Seattle", "WA", "98101", "US")


def _wish(*e164s: str, **changed: Any) -> PortWish:
    wish: dict[str, Any] = {
        "customer_name": "A Company",
        "business": True,
        "address": OFFICE,
        "signer": "The Owner",
        "signer_email": "owner@example.com",
        "account_number": "4711",
        "pin": "1234",
        "bill": b"%PDF-1.7 the newest bill",
        "target_date": date(2027, 1, 15),
    }
    return PortWish(e164s=e164s or ("+12065550123",), **wish | changed)


def _request(twilio: TwilioServer) -> dict[str, Any]:
    [row] = twilio.account.all("KW")
    return row


def test_whether_a_number_can_be_taken_over(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.not_portable["+12065550188"] = "The carrier does not let it go."

    free, held = carrier.portability("+12065550123"), carrier.portability("+12065550188")

    assert (free.portable, free.problem, free.pin, free.type) == (True, "", False, "local")
    assert (held.portable, held.problem) == (False, "The carrier does not let it go.")


def test_it_is_asked_for_with_the_bill(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    port = carrier.port_in(key="port-1", wish=_wish())

    told = _request(twilio)
    assert port.state == "in_review"
    assert port.states == (("+12065550123", "in_review"),)
    assert port.due_on == date(2027, 1, 15)
    assert told["losing_carrier_information"]["authorized_representative_email"] == "owner@example.com"
    assert [twilio.account.documents[id] for id in told["documents"]] == [
        ("application/pdf", b"%PDF-1.7 the newest bill")
    ]


def test_the_same_numbers_are_asked_for_once(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.trouble("POST", "/v1/Porting/PortIn", when="after")
    with pytest.raises(CarrierDown):
        carrier.port_in(key="port-1", wish=_wish())

    port = carrier.port_in(key="port-1", wish=_wish())

    assert port.id == _request(twilio)["sid"]


def test_after_one_that_is_over_a_new_one_is_made(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    first = carrier.port_in(key="port-1", wish=_wish())
    carrier.cancel_port(first.id)

    assert carrier.port_in(key="port-2", wish=_wish()).id != first.id


@pytest.mark.parametrize("bill", [b"", b"not a document"])
def test_without_a_bill_it_is_refused(twilio: TwilioServer, carrier: TwilioCarrier, bill: bytes) -> None:
    with pytest.raises(CarrierRefused, match="bill") as refused:
        carrier.port_in(key="port-1", wish=_wish(bill=bill))
    assert refused.value.code == "bad_input"
    assert twilio.account.all("KW") == []


def test_a_number_that_may_not_go(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.not_portable["+12065550123"] = "The carrier does not let it go"

    with pytest.raises(CarrierRefused, match="does not let it go"):
        carrier.port_in(key="port-1", wish=_wish())


@pytest.mark.parametrize(
    ("status", "number", "state", "problem"),
    [
        ("Waiting for Signature", "in_review", "action_needed", "owner@example.com"),
        ("Action Required", "in_review", "action_needed", "something more"),
        ("In Progress", "in_review", "in_review", ""),
        ("In Progress", "confirmed", "scheduled", ""),
        ("Completed", "ported", "completed", ""),
        ("Expired", "expired", "rejected", "not signed in time"),
        ("Canceled", "canceled", "cancelled", ""),
        ("Something New", "in_review", "in_review", ""),
    ],
)
def test_how_it_is_getting_on(
    twilio: TwilioServer, carrier: TwilioCarrier, status: str, number: str, state: str, problem: str
) -> None:
    id = carrier.port_in(key="port-1", wish=_wish()).id
    row = _request(twilio)
    row["port_in_request_status"] = status
    row["phone_numbers"][0]["phone_number_status"] = number

    port = carrier.port(id)

    assert port.state == state
    assert problem in port.problem


def test_one_is_found_again_by_its_number_until_it_is_over(
    twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    assert carrier.find_port(key="port-1", e164="+12065550123") is None
    id = carrier.port_in(key="port-1", wish=_wish()).id

    found = carrier.find_port(key="port-1", e164="+12065550123")

    assert found is not None
    assert found.id == id
    assert carrier.find_port(key="port-1", e164="+12065550129") is None
    carrier.cancel_port(id)
    assert carrier.find_port(key="port-1", e164="+12065550123") is None


def test_what_the_losing_carrier_says(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    id = carrier.port_in(key="port-1", wish=_wish("+12065550123", "+12065550124")).id
    row = _request(twilio)
    row["phone_numbers"][1] |= {"phone_number_status": "rejected", "rejection_reason": "Wrong PIN"}

    port = carrier.port(id)

    assert port.states == (("+12065550123", "in_review"), ("+12065550124", "rejected"))
    assert port.problem == "+12065550124: Wrong PIN"


def test_it_is_withdrawn_once(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    id = carrier.port_in(key="port-1", wish=_wish()).id

    assert carrier.cancel_port(id).state == "cancelled"
    assert carrier.cancel_port(id).state == "cancelled"
    assert twilio.count("DELETE", "/Porting/PortIn/") == 1


def test_the_pin_stands_in_no_text(carrier: TwilioCarrier) -> None:
    assert "1234" not in repr(_wish())
