"""Where an edge stands: between two networks, behind 1:1 NAT, on IPv6, before phones behind NAT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import pytest

from telephony.edge.kamailio.config import Listen
from telephony.edge.kamailio.content import EdgeContent, LineEntry, TrunkEntry, UserEntry
from telephony.edge.kamailio.devices import registered
from tests.bench.sip_caller import sdp
from tests.edge.kamailio import EDGE, RunningEdge, running_edge
from tests.edge.peer import Call, Peer, authorization, called, first
from tests.sip.ports import free_port

INSIDE, NODE, CARRIER, PHONE = "127.0.0.61", "127.0.0.62", "127.0.0.63", "127.0.0.64"
PUBLIC = "203.0.113.9"
HA1 = "a" * 32


@dataclass
class Stage:
    """An edge with a socket for its nodes and another name outside."""

    edge: RunningEdge
    line: Peer
    inside: tuple[str, int]
    six: tuple[str, int]

    @property
    def outside(self) -> tuple[str, int]:
        return EDGE, self.edge.port


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    inside, six = (
        Listen("udp", ip_address(INSIDE), free_port(INSIDE)),
        Listen("udp", ip_address("::1"), free_port("::1")),
    )
    place = (INSIDE, inside.port)
    with Peer(place, NODE) as line:
        content = EdgeContent(
            lines=(LineEntry("node/1", line.place, 20),),
            nodes=(NODE,),
            networks=(ip_network(f"{CARRIER}/32"), ip_network("::1/128")),
            trunks=(TrunkEntry("acme", "digest", "inbound"),),
            users=(UserEntry("pbx", "acme", HA1),),
        )
        more = {"node_listen": inside, "public_address": PUBLIC, "more_listen": (six,)}
        with running_edge(content, **more) as edge:
            yield Stage(edge, line, place, ("::1", six.port))


def test_a_call_between_two_networks_shows_neither_to_the_other(stage: Stage) -> None:
    with Peer(stage.outside, CARRIER) as carrier:
        call = Call(carrier, f"sip:+12025550100@{PUBLIC}")
        call.invite()
        invite = stage.line.request("INVITE")
        assert invite.headers("Via")[0].startswith(f"SIP/2.0/UDP {INSIDE}:{stage.inside[1]};")
        assert len(invite.headers("Record-Route")) == 2
        stage.line.respond(invite, 200, "OK", sdp(41_000), to_tag="line")
        assert call.answer().code == 200
        stage.line.request("ACK")
        dialog = called(stage.line, invite, "line")
        dialog.send("INVITE", sdp(41_002, version=2))
        again = carrier.request("INVITE")
        assert again.headers("Via")[0].startswith(f"SIP/2.0/UDP {PUBLIC}:")
        carrier.respond(again, 200, "OK", sdp(40_000, version=2))
        assert stage.line.response("INVITE").code == 200
        dialog.send("ACK", cseq=dialog.cseq)
        carrier.request("ACK")
        call.send("BYE")
        stage.line.respond(stage.line.request("BYE"), 200, "OK")
        assert carrier.response("BYE").code == 200
        for message in carrier.seen:
            assert stage.line.place not in message.text, first(message)
            assert f"Contact: <sip:{PUBLIC};" in message.text or "Contact" not in message.text


def test_a_nodes_address_is_a_nodes_by_the_nodes_socket_only(stage: Stage) -> None:
    with Peer(stage.outside, NODE) as forger, Peer((EDGE, 1), "127.0.0.65") as victim:
        Call(forger, f"sip:+900@{victim.place}", via=[f"<sip:{PUBLIC};lr>"]).send("INVITE")
        assert victim.silent(0.3)
        assert forger.silent(0.1)


def test_a_line_calls_out_by_the_public_socket(stage: Stage) -> None:
    with Peer(stage.outside, CARRIER) as carrier:
        route = [f"<sip:{stage.inside[0]}:{stage.inside[1]};lr>"]
        call = Call(stage.line, f"sip:+12025550177@{carrier.place}", via=route)
        call.ours = f"<sip:+12025550100@{PUBLIC}>;tag=line"
        call.call_id = "out-by-the-public-socket"
        call.invite(body=sdp(41_000))
        invite = carrier.request("INVITE")
        assert invite.headers("Via")[0].startswith(f"SIP/2.0/UDP {PUBLIC}:")
        assert stage.line.place not in invite.text
        carrier.respond(invite, 200, "OK", sdp(42_000), to_tag="carrier")
        assert call.answer().code == 200
        carrier.request("ACK")
        called(carrier, invite, "carrier").send("BYE")
        stage.line.respond(stage.line.request("BYE"), 200, "OK")
        assert carrier.response("BYE").code == 200


def test_a_caller_on_ipv6_reaches_a_line_on_ipv4(stage: Stage) -> None:
    with Peer(stage.six, "::1") as carrier:
        call = Call(carrier, f"sip:+12025550100@[::1]:{stage.six[1]}")
        call.invite()
        invite = stage.line.request("INVITE")
        assert invite.header("X-Trunkline-Source") == f"[::1]:{carrier.port};udp"
        stage.line.respond(invite, 200, "OK", sdp(41_000), to_tag="line")
        assert call.answer().code == 200
        stage.line.request("ACK")
        called(stage.line, invite, "line").send("BYE")
        carrier.respond(carrier.request("BYE"), 200, "OK")
        assert stage.line.response("BYE").code == 200


def test_a_phone_behind_nat_is_reached_where_it_was_seen(stage: Stage) -> None:
    with Peer(stage.outside, PHONE) as phone:
        phone.claims = "192.168.1.20:5060"
        register = Call(phone, "sip:acme.sip.test", caller="pbx")
        register.theirs = "<sip:pbx@acme.sip.test>"
        register.send("REGISTER")
        challenge = phone.response("REGISTER")
        headers = authorization(challenge, "REGISTER", "sip:acme.sip.test", "pbx", "", ha1=HA1)
        register.send("REGISTER", headers=headers)
        assert phone.response("REGISTER").code == 200
        [device] = registered(stage.edge.rpc, ["acme"], "sip.test")
        assert device.contact == "sip:peer@192.168.1.20:5060"
        assert device.received == f"sip:{phone.place}"

        route = [f"<sip:{stage.inside[0]}:{stage.inside[1]};lr>"]
        call = Call(stage.line, "sip:+12025550177@acme.sip.test", via=route)
        call.invite()
        invite = phone.request("INVITE")
        assert invite.text.startswith("INVITE sip:peer@192.168.1.20:5060 ")
        phone.respond(invite, 200, "OK", sdp(42_000), to_tag="phone")
        assert call.answer().code == 200
        phone.request("ACK")
        call.send("INVITE", sdp(41_002, version=2))
        phone.respond(phone.request("INVITE"), 200, "OK", sdp(42_000, version=2))
        assert stage.line.response("INVITE").code == 200
        call.send("ACK", cseq=call.cseq)
        phone.request("ACK")
        call.send("BYE")
        phone.respond(phone.request("BYE"), 200, "OK")
        assert stage.line.response("BYE").code == 200
