"""Addresses of an INVITE, and what must never get into one."""

from __future__ import annotations

import pytest

from media_workers.contract.calls import DialTarget, Gateway
from media_workers.sip.dial import checked_headers, invite_addresses

OURS = "198.51.100.7:5060"


def target(**changes: object) -> DialTarget:
    gateway = Gateway(host="carrier.test", port=5080)
    facts = {"number": "+12025550100", "caller_id": "+12025550151", "gateways": [gateway], **changes}
    return DialTarget.model_validate(facts)


def test_a_trunk_by_address_calls_from_our_own() -> None:
    addresses = invite_addresses(target(), OURS)
    assert addresses.request_uri == "sip:+12025550100@carrier.test:5080"
    assert addresses.caller == "<sip:+12025550151@198.51.100.7:5060>"


def test_a_trunk_with_a_password_calls_from_its_domain() -> None:
    assert invite_addresses(target(username="u"), OURS).caller == "<sip:+12025550151@carrier.test>"


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_the_transport_is_part_of_the_address(transport: str) -> None:
    addresses = invite_addresses(target(gateways=[{"host": "c.test", "transport": transport}]), OURS)
    assert addresses.request_uri == f"sip:+12025550100@c.test:5060;transport={transport}"
    assert addresses.transport == transport


def test_the_first_gateway_is_dialed() -> None:
    gateways = [Gateway(host="one.test"), Gateway(host="two.test")]
    assert "@one.test" in invite_addresses(target(gateways=gateways), OURS).request_uri


def test_a_hash_in_a_number_is_escaped() -> None:
    assert "sip:*21%23@" in invite_addresses(target(number="*21#"), OURS).request_uri


@pytest.mark.parametrize("value", ["", "a b", "1@evil", "1;a=b", "1>", 'x"', "1\r\nVia: x", "ü", "1:2"])
@pytest.mark.parametrize("field", ["number", "caller_id"])
def test_numbers_that_would_change_the_message_are_refused(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        invite_addresses(target(**{field: value}), OURS)


@pytest.mark.parametrize("host", ["", "a b", "a;b", "a:5060", "a@b", "a\r\nb", "[::1", "x/y"])
def test_hosts_too(host: str) -> None:
    with pytest.raises(ValueError, match=r"^gateways\.0\.host: "):
        invite_addresses(target(gateways=[Gateway(host=host)]), OURS)


def test_headers_stay_on_their_line() -> None:
    good = [("X-A", "b c"), ("P-Asserted-Identity", "<sip:a@b>")]
    assert checked_headers(good) == good
    for bad in [("X-A", "b\r\nVia: c"), ("X A", "b"), ("", "b"), ("X-A:", "b"), ("X-A", "b\x00")]:
        with pytest.raises(ValueError, match=r"^headers: "):
            checked_headers([*good, bad])


@pytest.mark.parametrize(
    ("facts", "caller", "headers"),
    [
        ({}, "<sip:+12025550151@198.51.100.7:5060>", []),
        (
            {"caller_id_header": "p_asserted_identity"},
            "<sip:+12025550151@198.51.100.7:5060>",
            [("P-Asserted-Identity", "<sip:+12025550151@198.51.100.7:5060>")],
        ),
        (
            {"caller_id_header": "remote_party_id", "username": "u"},
            "<sip:+12025550151@carrier.test>",
            [("Remote-Party-ID", "<sip:+12025550151@carrier.test>;party=calling;privacy=off;screen=yes")],
        ),
        (
            {"caller_id_header": "p_asserted_identity", "caller_id_private": True},
            '"Anonymous" <sip:anonymous@anonymous.invalid>',
            [("P-Asserted-Identity", "<sip:+12025550151@198.51.100.7:5060>"), ("Privacy", "id")],
        ),
        (
            {"caller_id_header": "remote_party_id", "caller_id_private": True},
            '"Anonymous" <sip:anonymous@anonymous.invalid>',
            [
                (
                    "Remote-Party-ID",
                    "<sip:+12025550151@198.51.100.7:5060>;party=calling;privacy=full;screen=yes",
                ),
                ("Privacy", "id"),
            ],
        ),
        ({"headers": {"X-Campaign": "7"}}, "<sip:+12025550151@198.51.100.7:5060>", [("X-Campaign", "7")]),
    ],
)
def test_who_calls(facts: dict[str, object], caller: str, headers: list[tuple[str, str]]) -> None:
    addresses = invite_addresses(target(**facts), OURS)
    assert (addresses.caller, addresses.headers) == (caller, headers)


@pytest.mark.parametrize("name", ["Via", "call-id", "ROUTE", "f", "Replaces", "Content-Length"])
def test_a_trunk_does_not_set_what_is_sips_own(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^headers: {name} is SIP's own"):
        invite_addresses(target(headers={name: "x"}), OURS)


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("carrier.test", None, "carrier.test"),
        ("2001:db8::1", 5070, "[2001:db8::1]:5070"),
        ("[2001:db8::1]", None, "[2001:db8::1]"),
    ],
)
def test_a_gateway_without_a_port_is_looked_up_and_numbers_are_bracketed(
    host: str, port: int | None, address: str
) -> None:
    gateway = Gateway(host=host, port=port)
    assert invite_addresses(target(gateways=[gateway]), OURS).request_uri == f"sip:+12025550100@{address}"
