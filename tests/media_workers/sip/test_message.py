"""Reading SIP messages: headers in every spelling, numbers in every address, secrets masked."""

from __future__ import annotations

import pytest

from media_workers.sip.message import (
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    custom_headers,
    headers_of,
    mask_credentials,
    read_invite,
    user_of,
)
from media_workers.sip.types import Edge

INVITE = (
    "INVITE sip:%2B12025550100@198.51.100.7:5060;transport=udp SIP/2.0\r\n"
    "v: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1\r\n"
    "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK0\r\n"
    'f: "Ann: Caller" <sip:+12025550151@192.0.2.1>;tag=1\r\n'
    "t: <sip:reception@198.51.100.7>\r\n"
    "i: abc@192.0.2.1\r\n"
    "X-Trunk : main\r\n"
    "Subject: a long\r\n  folded\r\n\tline\r\n"
    "CSeq: 1 INVITE\r\n"
    "\r\n"
    "v=0\r\nX-Not-A-Header: body\r\n"
)


def test_headers_by_their_full_names() -> None:
    headers = headers_of(INVITE)
    assert headers["call-id"] == "abc@192.0.2.1"
    assert headers["via"].startswith("SIP/2.0/TCP"), "the first of several"
    assert headers["x-trunk"] == "main"
    assert headers["subject"] == "a long folded line"
    assert "x-not-a-header" not in headers


def test_an_invite_says_who_calls_whom_from_where() -> None:
    invite = read_invite(INVITE, "203.0.113.5:5071")
    assert (invite.source_address, invite.source_port, invite.transport) == ("203.0.113.5", 5071, "tcp")
    assert invite.dialed_number == "+12025550100"
    assert invite.caller == "+12025550151"
    assert invite.sip_call_id == "abc@192.0.2.1"
    assert invite.request_uri == "sip:%2B12025550100@198.51.100.7:5060;transport=udp"


@pytest.mark.parametrize(
    "via", ["SIP/2.0/TCP host", "SIP / 2.0 / TCP host:5060 ;branch=x", "SIP  /  2.0  /tcp\r\n host"]
)
def test_a_via_may_have_blanks_anywhere(via: str) -> None:
    text = INVITE.replace("SIP/2.0/TCP 192.0.2.1", via)
    assert read_invite(text, "192.0.2.1:5060").transport == "tcp"


def test_an_ipv4_source_is_one_however_it_is_written() -> None:
    assert read_invite(INVITE, "[::ffff:192.0.2.1]:5060").source_address == "192.0.2.1"
    assert read_invite(INVITE, "[2001:db8::1]:5060").source_address == "2001:db8::1"


EDGE = Edge((("10.0.0.9", 5060),), "198.51.100.7")
OURS = "X-Trunkline-Source: 203.0.113.5:40001;tls\r\nX-Trunkline-Auth: pbx\r\nCSeq"


def test_an_edge_says_who_sent_it() -> None:
    text = INVITE.replace("CSeq", OURS, 1).replace("SIP/2.0/TCP 192.0.2.1", "SIP/2.0/UDP 10.0.0.9")
    invite = read_invite(text, "10.0.0.9:5060", EDGE)
    assert (invite.source_address, invite.source_port, invite.transport) == ("203.0.113.5", 40001, "tls")
    assert (invite.edge, invite.authenticated_as) == ("10.0.0.9:5060", "pbx")
    assert not [name for name in invite.headers if name.startswith("x-trunkline")]
    six = read_invite(text.replace("203.0.113.5:", "[2001:db8::5]:"), "10.0.0.9:5060", EDGE)
    assert six.source_address == "2001:db8::5"
    odd = read_invite(text.replace("203.0.113.5:40001", "nowhere"), "10.0.0.9:5060", EDGE)
    assert (odd.source_address, odd.transport) == ("10.0.0.9", "udp")


@pytest.mark.parametrize(
    ("source", "edge"), [("10.0.0.9:5060", None), ("10.0.0.9:5061", EDGE), ("203.0.113.66:5060", EDGE)]
)
def test_nobody_else_is_believed(source: str, edge: Edge | None) -> None:
    text = INVITE.replace("CSeq", OURS, 1).replace("SIP/2.0/TCP", "SIP/2.0/UDP")
    invite = read_invite(text, source, edge)
    assert (invite.edge, invite.authenticated_as) == ("", "")
    assert f"{invite.source_address}:{invite.source_port}" == source
    assert not [name for name in invite.headers if name.startswith("x-trunkline")]


def test_edges_are_believed_over_udp_only() -> None:
    """The port of a TCP connection is anybody's."""
    assert not EDGE.sent("10.0.0.9", 5060, "tcp")
    assert EDGE.route == "sip:10.0.0.9:5060;lr"


def test_a_request_uri_without_a_user_leaves_the_to_header() -> None:
    assert read_invite(INVITE.replace("%2B12025550100@", ""), "1.2.3.4:5060").dialed_number == "reception"


@pytest.mark.parametrize(
    ("address", "user"),
    [
        ("sip:+12025550100@host", "+12025550100"),
        ("<sips:ann@host;transport=tls>", "ann"),
        ('"Ann" <sip:ann:password@host>;tag=2', "ann"),
        ("<sip:+12025550100;npdi@host;user=phone>", "+12025550100"),
        ("tel:+1-202-555-0100;phone-context=x", "+1-202-555-0100"),
        ("<sip:host>", ""),
        ("sip:host:5060", ""),
        ("", ""),
    ],
)
def test_the_user_of_an_address(address: str, user: str) -> None:
    assert user_of(address) == user


@pytest.mark.parametrize("name", ["Authorization", "Proxy-Authorization", "authorization "])
def test_credentials_are_masked_even_when_folded(name: str) -> None:
    secret = f'{name}: Digest username="ann",\r\n realm="r",\r\n\tresponse="0f0f"\r\n'
    text = f"INVITE sip:a@b SIP/2.0\r\n{secret}Via: SIP/2.0/UDP c\r\n\r\nbody"
    masked = mask_credentials(text)
    assert "0f0f" not in masked
    assert "ann" not in masked
    assert f"{name}: Digest ***\r\nVia: SIP/2.0/UDP c\r\n\r\nbody" in masked


def test_what_is_no_secret_stays() -> None:
    text = 'SIP/2.0 401 X\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\n\r\n'
    assert mask_credentials(text) == text


def test_a_display_name_that_looks_like_an_address_is_a_name() -> None:
    assert user_of('"O\'Neill <sip:+1999@host> \\" tel:911" <sip:+12025550151@host>;tag=1') == "+12025550151"


def test_an_invites_own_headers_are_not_the_callers() -> None:
    headers = {"via": "x", "call-id": "y", "diversion": "<sip:a@b>", "x-account": "7\x07", "bad name": "z"}
    assert custom_headers(headers) == {"diversion": "<sip:a@b>", "x-account": "7"}


def test_so_many_custom_headers_and_no_more() -> None:
    assert len(custom_headers({f"x-{i}": "v" for i in range(100)})) == MAX_HEADERS
    large = {f"x-{i}": "v" * 1000 for i in range(10)}
    kept = custom_headers(large)
    assert sum(len(name) + len(value) for name, value in kept.items()) <= MAX_HEADER_BYTES
    assert len(kept) == 4
    assert custom_headers({"x-huge": "v" * 5000, "x-small": "v"}) == {"x-small": "v"}
