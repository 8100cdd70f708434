"""Whether a caller's Contact can be believed, or its requests must go back to where its INVITE came from."""

from __future__ import annotations

import pytest

from media_workers.sip.types import Invite
from media_workers.sip.way_back import route_back


def invite(contact: str, source: str = "203.0.113.9", edge: str = "", **headers: str) -> Invite:
    return Invite(
        sip_call_id="a",
        source_address=source,
        source_port=40_123,
        transport="udp",
        request_uri="sip:+12025550100@198.51.100.2",
        dialed_number="+12025550100",
        caller="phone",
        headers={"contact": contact, **headers},
        edge=edge,
    )


@pytest.mark.parametrize(
    "contact",
    [
        "<sip:phone@192.168.7.2:5060>",
        '"Front desk" <sip:phone@10.1.2.3;transport=udp>;expires=60',
        "sip:172.16.0.9",
        "<sips:a@100.64.1.1:5061>",
    ],
)
def test_a_private_contact_is_not_believed_of_a_public_source(contact: str) -> None:
    assert route_back(invite(contact)) == "<sip:203.0.113.9:40123;transport=udp;lr>"


@pytest.mark.parametrize(
    "known",
    [
        invite("<sip:carrier@203.0.113.77:5060>"),
        invite("<sip:pbx@pbx.example.com>"),
        invite("<sip:a@10.1.2.3>", source="10.9.9.9"),
        invite("<sip:a@10.1.2.3>", edge="127.0.0.1:5062"),
        invite("<sip:a@10.1.2.3>", **{"record-route": "<sip:203.0.113.9;lr>"}),
        invite(""),
        invite("<sip:a@192.168.7.2.example.com>"),
    ],
)
def test_any_other_contact_is_followed(known: Invite) -> None:
    assert route_back(known) == ""
