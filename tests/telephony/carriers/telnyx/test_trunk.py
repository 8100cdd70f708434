from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from telephony.carriers.base import CarrierDown
from telephony.carriers.telnyx import TelnyxCarrier
from tests.fakes.telnyx_server.server import Offer, TelnyxServer


def _only(telnyx: TelnyxServer, kind: str) -> dict[str, Any]:
    [row] = telnyx.account.all(kind)
    return row


def test_it_is_made_whole(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    made = carrier.ensure_trunk()

    inbound, outbound = _only(telnyx, "fqdn_connections"), _only(telnyx, "credential_connections")
    place, dialing = _only(telnyx, "fqdns"), carrier.dialing()
    assert (made.id, inbound["transport_protocol"]) == (inbound["id"], "TLS")
    assert (place["fqdn"], place["port"], place["connection_id"]) == ("sip.example.com", 5061, inbound["id"])
    assert (outbound["user_name"], outbound["password"]) == (dialing.username, dialing.password)
    assert outbound["outbound"] == {
        "outbound_voice_profile_id": _only(telnyx, "outbound_voice_profiles")["id"]
    }
    [gateway] = dialing.gateways
    assert (gateway.host, gateway.transport) == ("sip.telnyx.com", "tls")
    assert (made.secure, dialing.leg.srtp) == (True, "optional")


def test_an_address_of_ours_is_another_kind(
    telnyx: TelnyxServer, carrier: TelnyxCarrier, settings: Settings
) -> None:
    settings.CARRIER_SIP_URIS = ["sip:203.0.113.9:5060", "sip:203.0.113.10:5060"]

    made = carrier.ensure_trunk()

    assert _only(telnyx, "ip_connections")["id"] == made.id
    assert sorted(row["ip_address"] for row in telnyx.account.all("ips")) == ["203.0.113.10", "203.0.113.9"]
    assert carrier.dialing().leg.srtp == "off"


def test_the_second_look_changes_nothing(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    first = carrier.ensure_trunk()
    asked = len(telnyx.asked)

    again = carrier.ensure_trunk()

    assert again.id == first.id
    assert again.repaired == ()
    assert {one.method for one in telnyx.asked[asked:]} == {"GET"}


def test_what_somebody_changed_is_put_back(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    carrier.ensure_trunk()
    inbound, outbound = _only(telnyx, "fqdn_connections"), _only(telnyx, "credential_connections")
    inbound["transport_protocol"], inbound["inbound"]["codecs"] = "UDP", ["G722"]
    outbound |= {"active": False, "user_name": "somebody"}
    _only(telnyx, "fqdns")["fqdn"] = "elsewhere.example.com"

    repaired = carrier.ensure_trunk().repaired

    assert inbound["transport_protocol"] == "TLS"
    assert (outbound["active"], outbound["user_name"]) == (True, carrier.dialing().username)
    assert outbound["password"] == carrier.dialing().password
    assert _only(telnyx, "fqdns")["fqdn"] == "sip.example.com"
    assert any("elsewhere" in words for words in repaired)
    assert carrier.ensure_trunk().repaired == ()


def test_an_installation_that_broke_off_is_gone_on_with(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    for part in ("/fqdn_connections", "/fqdns", "/outbound_voice_profiles", "/credential_connections"):
        telnyx.trouble("POST", part, when="after")
        with pytest.raises(CarrierDown):
            carrier.ensure_trunk()

    carrier.ensure_trunk()

    for kind in ("fqdn_connections", "fqdns", "outbound_voice_profiles", "credential_connections"):
        _only(telnyx, kind)


def test_a_number_is_put_on_it(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.sells(Offer("+12065550123"))
    owned, trunk = carrier.buy(e164="+12065550123", key="order-1"), carrier.ensure_trunk()

    for _ in range(2):
        carrier.attach(owned, trunk)

    row = _only(telnyx, "phone_numbers")
    assert row["connection_id"] == trunk.id
    assert row["messaging_profile_id"] == _only(telnyx, "messaging_profiles")["id"]


@pytest.mark.parametrize(
    ("address", "ours"), [("192.76.120.10", True), ("192.76.120.11", False), ("203.0.113.7", False)]
)
def test_whose_invites_are_its_own(carrier: TelnyxCarrier, address: str, ours: bool) -> None:
    assert carrier.sends_from(address, 5060) is ours
