from __future__ import annotations

import pytest
from pytest_django import Settings

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.twilio import TwilioCarrier
from tests.fakes.twilio_server.server import Offer, TwilioServer

URI = "sip:sip.example.com:5061;transport=tls"


def _trunk(twilio: TwilioServer) -> dict[str, object]:
    [trunk] = twilio.account.all("TK")
    return trunk


def test_it_is_made_whole(twilio: TwilioServer, carrier: TwilioCarrier, settings: Settings) -> None:
    settings.CARRIER_ALLOWED_ADDRESSES = ["203.0.113.7/32", "198.51.100.0/24"]

    made = carrier.ensure_trunk()

    trunk, account, dialing = _trunk(twilio), twilio.account, carrier.dialing()
    assert trunk["secure"] is True
    assert trunk["transfer_mode"] == "disable-all"
    assert [(row["sip_url"], row["priority"], row["enabled"]) for row in account.all("OU")] == [
        (URI, 1, True)
    ]
    assert account.passwords == {dialing.username: dialing.password}
    [gateway] = dialing.gateways
    assert (gateway.host, gateway.transport, gateway.port) == (trunk["domain_name"], "tls", None)
    assert dialing.leg.srtp == "required"
    assert {(row["ip_address"], row["cidr_prefix_length"]) for row in account.all("IP")} == {
        ("203.0.113.7", 32),
        ("198.51.100.0", 24),
    }
    assert len(account.rows[f"{trunk['sid']} CredentialLists"]) == 1
    assert len(account.rows[f"{trunk['sid']} IpAccessControlLists"]) == 1
    assert (made.id, made.domain, made.username) == (trunk["sid"], trunk["domain_name"], dialing.username)
    assert made.origination == (URI,)
    assert made.secure
    assert made.repaired


def test_the_second_look_changes_nothing(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    first = carrier.ensure_trunk()
    changes = twilio.count("POST", "") + twilio.count("DELETE", "")

    again = carrier.ensure_trunk()

    assert again.id == first.id
    assert again.repaired == ()
    assert twilio.count("POST", "") + twilio.count("DELETE", "") == changes


def test_what_somebody_changed_is_put_back(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    carrier.ensure_trunk()
    account, trunk = twilio.account, _trunk(twilio)
    trunk["secure"] = False
    [url] = account.all("OU")
    url["sip_url"] = "sip:elsewhere.example.com"
    stranger = account.add("CL", {"friendly_name": "Somebody's"})
    account.rows[f"{trunk['sid']} CredentialLists"][stranger["sid"]] = stranger | {}
    [ours] = account.all("CR")
    account.drop("CR", ours["sid"])
    account.passwords.clear()

    repaired = carrier.ensure_trunk().repaired

    assert trunk["secure"] is True
    assert [row["sip_url"] for row in account.all("OU")] == [URI]
    assert list(account.passwords) == [carrier.dialing().username]
    assert stranger["sid"] not in account.rows[f"{trunk['sid']} CredentialLists"]
    assert any("elsewhere" in words for words in repaired)
    assert any("not ours" in words for words in repaired)


def test_another_secret_is_another_password(
    twilio: TwilioServer, carrier: TwilioCarrier, settings: Settings
) -> None:
    carrier.ensure_trunk()
    before = carrier.dialing()
    settings.SECRET_KEY = "another-secret-key-of-this-installation"

    carrier.ensure_trunk()

    after = carrier.dialing()
    assert after.password != before.password
    assert twilio.account.passwords == {after.username: after.password}


def test_an_installation_that_broke_off_is_gone_on_with(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    for part in ("/Trunks", "/OriginationUrls", "/CredentialLists.json", "/Credentials.json"):
        twilio.trouble("POST", part, when="after")
        with pytest.raises(CarrierDown):
            carrier.ensure_trunk()

    carrier.ensure_trunk()

    assert len(twilio.account.all("TK")) == len(twilio.account.all("OU")) == 1
    assert len(twilio.account.all("CL")) == len(twilio.account.all("CR")) == 1


def test_two_installations_have_two(twilio: TwilioServer, carrier: TwilioCarrier, settings: Settings) -> None:
    first = carrier.ensure_trunk()
    settings.PUBLIC_URL = "https://staging.example.com"

    second = carrier.ensure_trunk()

    assert first.id != second.id
    assert first.domain != second.domain
    assert carrier.dialing().username == second.username != first.username
    assert len(twilio.account.passwords) == 2


def test_without_an_address_of_ours_nothing_is_made(
    twilio: TwilioServer, carrier: TwilioCarrier, settings: Settings
) -> None:
    settings.CARRIER_SIP_URIS, settings.EDGE_PUBLIC_ADDRESS = [], ""

    with pytest.raises(CarrierRefused, match="EDGE_PUBLIC_ADDRESS"):
        carrier.ensure_trunk()
    assert twilio.asked == []


@pytest.mark.parametrize(
    ("address", "listen", "uri", "secure"),
    [
        (
            "203.0.113.9",
            ["udp:10.0.0.9:5060", "tls:10.0.0.9:5061"],
            "203.0.113.9:5061;transport=tls",
            True,
        ),
        ("[2001:db8::9]", ["tls:[2001:db8::9]:5061"], "[2001:db8::9]:5061;transport=tls", True),
        ("sip.example.com:5443", ["tls:10.0.0.9:5061"], "sip.example.com:5443;transport=tls", True),
        (
            "203.0.113.9",
            ["udp:10.0.0.9:5060", "tcp:10.0.0.9:5060"],
            "203.0.113.9:5060;transport=udp",
            False,
        ),
    ],
)
def test_where_calls_come_in_is_the_edge(
    twilio: TwilioServer,
    carrier: TwilioCarrier,
    settings: Settings,
    address: str,
    listen: list[str],
    uri: str,
    secure: bool,
) -> None:
    settings.CARRIER_SIP_URIS = []
    settings.EDGE_PUBLIC_ADDRESS, settings.EDGE_LISTEN = address, listen

    trunk = carrier.ensure_trunk()

    assert trunk.origination == (f"sip:{uri}",)
    assert trunk.secure is secure
    assert carrier.dialing().leg.srtp == ("required" if secure else "off")
    assert carrier.gateways()[0].transport == ("tls" if secure else "udp")


def test_a_number_is_put_on_it(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(Offer("+12065550123"))
    owned = carrier.buy(e164="+12065550123", key="order-1")
    trunk = carrier.ensure_trunk()

    carrier.attach(owned, trunk)

    attached = carrier.owned("+12065550123")
    assert attached is not None
    assert attached.trunk == trunk.id


def test_gateways_of_the_settings(carrier: TwilioCarrier, settings: Settings) -> None:
    settings.TWILIO_SIP_GATEWAYS = ["tls:x.pstn.dublin.twilio.com", "udp:127.0.0.1:5099"]

    assert [(g.transport, g.host, g.port) for g in carrier.gateways()] == [
        ("tls", "x.pstn.dublin.twilio.com", None),
        ("udp", "127.0.0.1", 5099),
    ]


@pytest.mark.parametrize(
    ("address", "own", "ours"),
    [
        ("54.172.60.2", [], True),
        ("54.172.60.4", [], False),
        ("203.0.113.7", [], False),
        ("203.0.113.7", ["203.0.113.0/24"], True),
        ("54.172.60.2", ["203.0.113.0/24"], False),
        ("2001:db8::1", [], False),
    ],
)
def test_whose_invites_are_its_own(
    carrier: TwilioCarrier, settings: Settings, address: str, own: list[str], ours: bool
) -> None:
    settings.TWILIO_SIP_NETWORKS = own

    assert carrier.sends_from(address, 5060) is ours
