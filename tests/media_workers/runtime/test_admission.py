"""What the control plane is told of an INVITE, and what an edge is told of a refusal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from media_workers.contract.calls import Rejection
from media_workers.runtime import admission
from media_workers.sip.types import Invite

INVITE = Invite(
    sip_call_id="call@192.0.2.1",
    source_address="203.0.113.5",
    source_port=40001,
    transport="tls",
    request_uri="sip:+12025550100@acme-x7k2.sip.example.com",
    dialed_number="+12025550100",
    caller="+12025550151",
    edge="10.0.0.9:5060",
    authenticated_as="pbx",
)


@pytest.mark.parametrize(
    ("uri", "slug"),
    [
        ("sip:+12025550100@acme-x7k2.sip.example.com", "acme-x7k2"),
        ("sips:1@ACME-x7k2.Sip.Example.Com.:5061;transport=tls", "acme-x7k2"),
        ("sip:acme-x7k2.sip.example.com", "acme-x7k2"),
        ("sip:1@sip.example.com", ""),
        ("sip:1@a.b.sip.example.com", ""),
        ("sip:acme.sip.example.com@203.0.113.9", ""),
        ("sip:1@203.0.113.9:5060", ""),
        ("tel:+12025550100", ""),
    ],
)
def test_a_trunk_is_named_by_the_host_alone(uri: str, slug: str) -> None:
    assert admission.trunk_hint(uri, "sip.example.com") == slug


def test_the_control_plane_hears_what_the_edge_said() -> None:
    call = admission.describe(INVITE, node="node-1", line=2, sip_domain="sip.example.com")
    assert (call.source_address, call.source_port, call.transport) == ("203.0.113.5", 40001, "tls")
    assert (call.trunk_hint, call.authenticated_as, call.edge) == ("acme-x7k2", "pbx", "10.0.0.9:5060")


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ({"to": "<sip:+12025550111@carrier.example.com>"}, "+12025550111"),
        (
            {
                "to": "<sip:pilot@carrier.example.com>",
                "p-called-party-id": '"Sales" <sip:+12025550112@c.example.com>;x=y',
            },
            "+12025550112",
        ),
    ],
)
def test_a_call_to_our_registered_contact_is_for_whom_the_carrier_says(
    headers: dict[str, str], number: str
) -> None:
    contact = replace(
        INVITE, request_uri="sip:acme-x7k2zz@192.0.2.7", dialed_number="acme-x7k2zz", headers=headers
    )

    call = admission.describe(contact, node="node-1", line=2, sip_domain="sip.example.com")
    assert (call.trunk_hint, call.dialed_number) == ("acme-x7k2zz", number)


def test_a_number_with_dashes_is_no_contact_of_ours() -> None:
    dashed = replace(INVITE, request_uri="sip:120-255501@192.0.2.7", dialed_number="120-255501")

    call = admission.describe(dashed, node="node-1", line=2, sip_domain="sip.example.com")
    assert (call.trunk_hint, call.dialed_number) == ("", "120-255501")


def test_the_control_plane_hears_the_callers_own_headers_and_whether_srtp_is_offered() -> None:
    invite = replace(INVITE, headers={"via": "x", "x-account": "7"}, srtp_offered=True)
    call = admission.describe(invite, node="node-1", line=2, sip_domain="sip.example.com")
    assert (call.headers, call.srtp_offered) == ({"x-account": "7"}, True)


class Refused:
    """A leg that keeps how it was refused."""

    def reject(self, code: int, reason: str, headers: dict[str, str] | None = None) -> None:
        self.code, self.headers = code, headers or {}


BLOCKED = Rejection(sip_code=403, sip_reason="Forbidden", detail="Not from there.")
OVER_LIMIT = Rejection(sip_code=503, sip_reason="Service Unavailable", detail="Full.", retry_after_s=10)


@pytest.mark.parametrize(
    ("rejection", "edge", "final"),
    [
        (BLOCKED, "10.0.0.9:5060", True),
        (OVER_LIMIT, "10.0.0.9:5060", True),
        (OVER_LIMIT, "", False),
        (admission.BUSY, "10.0.0.9:5060", False),
        (admission.DRAINING, "10.0.0.9:5060", False),
        (admission.NO_CONTROL, "10.0.0.9:5060", False),
    ],
)
async def test_an_edge_asks_another_line_only_where_it_helps(
    rejection: Rejection, edge: str, final: bool
) -> None:
    leg: Any = Refused()
    port: Any = type("Port", (), {"ended": _done()})
    await admission.turn_away(leg, port, replace(INVITE, edge=edge), rejection)
    assert leg.code == rejection.sip_code
    assert ("X-Trunkline-Final" in leg.headers) is final


def _done() -> Any:
    future = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
