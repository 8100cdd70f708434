from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.telnyx import TelnyxCarrier
from telephony.carriers.values import Address, PortWish
from tests.fakes.telnyx_server.server import TelnyxServer


def _wish(**changed: Any) -> PortWish:
    wish: dict[str, Any] = {
        "e164s": ("+12065550123",),
        "customer_name": "A Company",
        "business": True,
        "address": Address("A Company", "1 Main Street", "Seattle", "WA", "98101", "US"),
        "signer": "The Owner",
        "signer_email": "owner@example.com",
        "pin": "1234",
        "bill": b"%PDF-1.7 the newest bill",
        "target_date": date(2027, 1, 15),
    }
    return PortWish(**wish | changed)


def _order(telnyx: TelnyxServer) -> dict[str, Any]:
    [row] = telnyx.account.all("porting_orders")
    return row


def test_whether_a_number_can_be_taken_over(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.account.not_portable["+12065550188"] = "The carrier does not let it go."

    assert carrier.portability("+12065550123").portable
    assert carrier.portability("+12065550188").problem == "The carrier does not let it go."


def test_it_waits_for_the_letter_and_is_handed_in_with_it(
    telnyx: TelnyxServer, carrier: TelnyxCarrier
) -> None:
    port = carrier.port_in(key="port-1", wish=_wish())
    row = _order(telnyx)
    row["requirements_met"] = True  # the operator has added the letter

    handed_in = carrier.port(port.id)

    assert (port.state, port.due_on) == ("action_needed", date(2027, 1, 15))
    assert "letter of authorization" in port.problem
    assert row["end_user"]["admin"]["pin_passcode"] == "1234"
    assert telnyx.account.documents[row["documents"]["invoice"]] == b"%PDF-1.7 the newest bill"
    assert (handed_in.state, handed_in.problem) == ("submitted", "")


def test_it_is_asked_for_once(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.trouble("POST", "/porting_orders", when="after")
    telnyx.trouble("PATCH", "/porting_orders", when="after")
    for _ in range(2):
        with pytest.raises(CarrierDown):
            carrier.port_in(key="port-1", wish=_wish())

    port = carrier.port_in(key="port-1", wish=_wish())

    assert port.id == _order(telnyx)["id"]
    assert len(telnyx.account.documents) == 1


def test_without_a_bill_it_is_refused(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    with pytest.raises(CarrierRefused, match="bill"):
        carrier.port_in(key="port-1", wish=_wish(bill=b""))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("in-process", "in_review"),
        ("exception", "action_needed"),
        ("foc-date-confirmed", "scheduled"),
        ("ported", "completed"),
        ("cancelled", "cancelled"),
    ],
)
def test_how_it_is_getting_on(telnyx: TelnyxServer, carrier: TelnyxCarrier, status: str, state: str) -> None:
    id = carrier.port_in(key="port-1", wish=_wish()).id
    _order(telnyx)["status"] = {"value": status, "details": [{"description": "Something is said."}]}
    _order(telnyx)["activation_settings"]["foc_datetime_actual"] = "2027-01-20T15:00:00Z"

    port = carrier.port(id)

    assert (port.state, port.problem, port.due_on) == (state, "Something is said.", date(2027, 1, 20))


def test_it_is_withdrawn(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    draft = carrier.port_in(key="port-1", wish=_wish()).id
    assert carrier.cancel_port(draft).state == "cancelled"

    id = carrier.port_in(key="port-2", wish=_wish()).id
    _order(telnyx)["status"]["value"] = "submitted"
    assert carrier.cancel_port(id).state == "cancelled"
    assert carrier.cancel_port(id).state == "cancelled"


def test_one_that_is_being_withdrawn_may_still_come(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    id = carrier.port_in(key="port-1", wish=_wish()).id
    _order(telnyx)["status"] = {"value": "cancel-pending", "details": []}

    port = carrier.cancel_port(id)

    assert (port.state, "withdrawing" in port.problem) == ("in_review", True)
    _order(telnyx)["status"] = {"value": "ported", "details": []}
    assert carrier.port(id).state == "completed"


def test_one_is_found_again_by_its_key_until_it_is_over(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    assert carrier.find_port(key="port-1", e164="+12065550123") is None
    id = carrier.port_in(key="port-1", wish=_wish()).id

    found = carrier.find_port(key="port-1", e164="+12065550123")

    assert found is not None
    assert found.id == id
    assert carrier.find_port(key="port-2", e164="+12065550123") is None
    _order(telnyx)["status"]["value"] = "cancelled"
    assert carrier.find_port(key="port-1", e164="+12065550123") is None


def test_what_is_wrong_is_said_even_when_telnyx_does_not(
    telnyx: TelnyxServer, carrier: TelnyxCarrier
) -> None:
    id = carrier.port_in(key="port-1", wish=_wish()).id
    _order(telnyx)["status"] = {"value": "exception", "details": []}
    assert "operator" in carrier.port(id).problem
