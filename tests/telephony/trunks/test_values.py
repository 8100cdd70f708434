from __future__ import annotations

from typing import Any

import pytest

from telephony.trunks.values import (
    GatewayValues,
    check_addresses,
    check_gateways,
    check_host,
    check_network,
    check_registrar,
)
from tenants.errors import InvalidFields, InvalidInput


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("SIP.Carrier.example", "sip.carrier.example"),
        ("_sip._udp.carrier.example", "_sip._udp.carrier.example"),
        ("localhost", "localhost"),
    ],
)
def test_a_host(text: str, host: str) -> None:
    assert check_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:carrier.example",
        "carrier.example:5060",
        "a b",
        "-a.example",
        "1.2.3",
        "300.1.1.1",
        "a" * 254,
        "ä.example",
        "[::1]",
        "a..b",
        "a\n",
    ],
)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(InvalidInput, match="host name"):
        check_host(text)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.0/28", "203.0.113.0/28"),
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::1/128"),
    ],
)
def test_a_network(text: str, network: str) -> None:
    assert str(check_network(text)) == network


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "203.0.113.0/28"),
        ("carrier.example", "203.0.113.0/28"),
        ("203.0.113.5/28", "the network is 203.0.113.0/28"),
        ("0.0.0.0/0", "/16"),
        ("10.0.0.0/15", "/16"),
        ("::/0", "/32"),
        ("203.0.113.0/33", "203.0.113.0/28"),
    ],
)
def test_what_is_no_network_or_too_wide(text: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        check_network(text)


def test_faults_are_named_by_their_place() -> None:
    with pytest.raises(InvalidFields) as refused:
        check_gateways([GatewayValues("good.example"), GatewayValues("bad host"), GatewayValues("")])
    assert [e.field for e in refused.value.errors] == ["gateways.1.host", "gateways.2.host"]

    with pytest.raises(InvalidFields) as refused:
        check_addresses(["203.0.113.7", "x"])
    assert [e.field for e in refused.value.errors] == ["allowed_addresses.1"]


def test_twice_the_same_gateway_is_told_and_twice_the_same_network_is_one() -> None:
    with pytest.raises(InvalidFields, match="same"):
        check_gateways([GatewayValues("A.example"), GatewayValues("a.example")])
    check_gateways([GatewayValues("a.example"), GatewayValues("a.example", transport="tcp")])

    assert len(check_addresses(["203.0.113.7", "203.0.113.7/32"])) == 1


def test_lists_have_an_end() -> None:
    with pytest.raises(InvalidFields, match="20"):
        check_gateways([GatewayValues(f"g{n}.example") for n in range(21)])
    with pytest.raises(InvalidFields, match="100"):
        check_addresses([f"203.0.113.{n}" for n in range(101)])


PRIVATE = [
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fd00::1",
    "fe80::1",
    "::ffff:10.1.2.3",
    "localhost",
    "pbx",
    "pbx.local",
    "SIP.Internal.",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_gateway_is_refused_unless_allowed(settings: Any, host: str) -> None:
    settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(InvalidFields, match="private") as refused:
        check_gateways([GatewayValues("sip.carrier.example"), GatewayValues(host)])
    (error,) = refused.value.errors
    assert (error.field, error.code) == ("gateways.1.host", "private_address")
    with pytest.raises(InvalidInput, match="private") as refused_registrar:
        check_registrar({"host": host, "port": None, "transport": "udp"})
    assert refused_registrar.value.field == "registrar.host"

    settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = True
    assert len(check_gateways([GatewayValues(host)])) == 1
    assert check_registrar({"host": host, "port": None, "transport": "udp"})


@pytest.mark.parametrize("host", ["sip.platform.example", "Other-x7k2q.SIP.platform.example."])
def test_phones_of_others_are_no_gateways(settings: Any, host: str) -> None:
    """Through the edge a call there would ring another tenant's phone."""
    settings.SIP_DOMAIN, settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = "sip.platform.example", True
    with pytest.raises(InvalidFields, match="the platform's own") as refused:
        check_gateways([GatewayValues(host)])
    (error,) = refused.value.errors
    assert (error.field, error.code) == ("gateways.0.host", "own_domain")
    assert check_gateways([GatewayValues("mysip.platform.example")])


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888", "sip.carrier.example"])
def test_a_public_gateway_is_taken(settings: Any, host: str) -> None:
    settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = False
    assert check_gateways([GatewayValues(host)])[0].host == host
