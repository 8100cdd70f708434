"""Calls in and out through a real Kamailio: who may, where they go, and what nobody gets to see."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

import pytest

from telephony.edge.kamailio.content import EdgeContent, LineEntry, TrunkEntry, UserEntry
from tests.bench.sip_caller import Message, sdp
from tests.edge.kamailio import EDGE, RunningEdge, running_edge
from tests.edge.peer import Call, Dialog, Peer, called, first

CARRIER, STRANGER = "127.0.0.2", "127.0.0.3"
NUMBER = "sip:+12025550100@{}"
MD5_OF = {"pbx": "d2a7d95c0e9d5d0d3ab4bd87b7a6bd3f"}


@dataclass
class Stage:
    """An edge with one line behind it, which the test plays."""

    edge: RunningEdge
    line: Peer

    @property
    def address(self) -> tuple[str, int]:
        return EDGE, self.edge.port

    def outside(self, host: str = CARRIER, **more: str) -> Peer:
        return Peer(self.address, host, **more)  # type: ignore[arg-type]

    def uri(self, host: str = "") -> str:
        return NUMBER.format(host or f"{EDGE}:{self.edge.port}")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Peer((EDGE, 1), EDGE) as line:
        content = EdgeContent(
            lines=(LineEntry("node/1", line.place, 4),),
            nodes=(EDGE,),
            networks=(ip_network(f"{CARRIER}/32"),),
            trunks=(
                TrunkEntry("acme-ip", "ip", "none"),
                TrunkEntry("acme-pbx", "digest", "inbound"),
                TrunkEntry("acme-two", "either", "none"),
            ),
            users=(UserEntry("pbx", "acme-pbx", "0" * 32), UserEntry("two", "acme-two", "1" * 32)),
        )
        with running_edge(content) as edge:
            line.edge = (EDGE, edge.port)
            yield Stage(edge, line)


def answer(line: Peer) -> tuple[Message, Dialog]:
    """The line takes the next call."""
    invite = line.request("INVITE")
    line.respond(invite, 180, "Ringing", to_tag="line")
    line.respond(invite, 200, "OK", sdp(41_000, address=EDGE), to_tag="line")
    return invite, called(line, invite, "line")


def test_a_call_comes_up_is_renegotiated_and_ends_from_either_side(stage: Stage) -> None:
    for ends in ("carrier", "line"):
        with stage.outside() as carrier:
            call = Call(carrier, stage.uri())
            call.invite("X-Trunkline-Source: 6.6.6.6:1;udp\nx-trunkline-auth: pbx\nX-Order: 7")
            invite, dialog = answer(stage.line)
            assert call.answer().code == 200
            stage.line.request("ACK")
            assert invite.headers("X-Trunkline-Source") == [f"{CARRIER}:{carrier.port};udp"]
            assert not invite.headers("X-Trunkline-Auth")
            assert invite.header("X-Order") == "7"
            for there, here, from_there in ((carrier, stage.line, call), (stage.line, carrier, dialog)):
                from_there.send("INVITE", sdp(40_002, version=2))
                again = here.request("INVITE")
                here.respond(again, 200, "OK", sdp(41_002, version=2))
                assert there.response("INVITE").code == 200
                from_there.send("ACK", cseq=from_there.cseq)
                here.request("ACK")
            here, there, goes = (
                (stage.line, carrier, call) if ends == "carrier" else (carrier, stage.line, dialog)
            )
            goes.send("BYE")
            here.respond(here.request("BYE"), 200, "OK")
            assert there.response("BYE").code == 200
            for message in carrier.seen:
                assert stage.line.place not in message.text, first(message)
                assert "X-Trunkline" not in message.text


def test_who_hangs_up_before_the_answer_is_heard_by_the_line(stage: Stage) -> None:
    with stage.outside() as carrier:
        call = Call(carrier, stage.uri())
        call.invite()
        invite = stage.line.request("INVITE")
        stage.line.respond(invite, 180, "Ringing", to_tag="line")
        assert carrier.response("INVITE", least=180).code == 180
        call.cancel()
        cancel = stage.line.request("CANCEL")
        stage.line.respond(cancel, 200, "OK")
        stage.line.respond(invite, 487, "Request Terminated", to_tag="line")
        assert call.answer().code == 487


def test_a_refusal_passes_as_it_is(stage: Stage) -> None:
    """Another line would say the same: it is the control plane that has refused."""
    for code, reason in ((403, "Forbidden"), (503, "Service Unavailable"), (486, "Busy Here")):
        with stage.outside() as carrier:
            call = Call(carrier, stage.uri())
            call.invite()
            invite = stage.line.request("INVITE")
            headers = "X-Trunkline-Final: yes\nRetry-After: 77"
            stage.line.respond(invite, code, reason, to_tag="line", headers=headers)
            refused = call.answer()
            assert (refused.code, refused.header("Retry-After")) == (code, "77")
            assert "X-Trunkline" not in refused.text
            stage.line.request("ACK")


def test_the_next_hop_is_never_the_strangers_choice(stage: Stage) -> None:
    """An INVITE that brings a Route, or claims to be inside a dialog, opens no relay to the world."""
    with stage.outside() as carrier, Peer((EDGE, 1), "127.0.0.9") as victim:
        edge = f"<sip:{EDGE}:{stage.edge.port};lr>"
        call = Call(carrier, f"sip:+900@{victim.place}", via=[edge, f"<sip:{victim.place};lr>"])
        call.invite()
        stage.line.respond(stage.line.request("INVITE"), 404, "Not Found", to_tag="line")
        assert call.answer().code == 404
        forged = Call(carrier, f"sip:+900@{victim.place}", via=[edge])
        forged.theirs += ";tag=forged"
        forged.invite()
        assert forged.answer().code == 403
        assert victim.silent(0.3)


def test_a_strange_dialog_is_not_there(stage: Stage) -> None:
    with stage.outside() as carrier, stage.outside(STRANGER) as stranger:
        for peer in (carrier, stranger):
            lost = Call(peer, stage.uri())
            lost.theirs += ";tag=nobody"
            lost.send("BYE")
        assert carrier.response("BYE").code == 481
        assert stranger.silent(0.3)


@pytest.mark.parametrize("through", ["request-uri", "route"])
def test_nothing_but_a_line_is_reached_on_a_nodes_machine(stage: Stage, through: str) -> None:
    """A forged dialog must not open connections to a database or cache beside the line."""
    with socket.create_server((EDGE, 0)) as other, stage.outside() as carrier:
        other.settimeout(0.3)
        place = f"sip:{EDGE}:{other.getsockname()[1]};transport=tcp"
        edge = f"<sip:{EDGE}:{stage.edge.port};lr>"
        call = Call(carrier, stage.uri() if through == "route" else place, via=[edge])
        call.theirs += ";tag=forged"
        if through == "route":
            call.routes.append(f"<{place};lr>")
        assert call.ask("INFO", "FLUSHALL\r\n").code == 403
        with pytest.raises(TimeoutError):
            other.accept()


def test_options_are_answered_at_the_edge(stage: Stage) -> None:
    with stage.outside() as carrier, stage.outside(STRANGER) as stranger:
        for peer in (carrier, stranger):
            Call(peer, f"sip:{EDGE}:{stage.edge.port}").send("OPTIONS")
        pong = carrier.response("OPTIONS")
        assert pong.code == 200
        assert "INVITE" in pong.header("Allow")
        assert stranger.silent(0.3)


def test_other_methods_and_worn_out_hops(stage: Stage) -> None:
    with stage.outside() as carrier:
        Call(carrier, stage.uri()).send("MESSAGE", headers="Content-Type: text/plain")
        refused = carrier.response("MESSAGE")
        assert (refused.code, "INVITE" in refused.header("Allow")) == (405, True)
        call = Call(carrier, stage.uri())
        carrier.send(call.text("INVITE").replace("Max-Forwards: 70", "Max-Forwards: 0"))
        assert carrier.response("INVITE").code == 483


def test_strangers_and_scanners_hear_nothing(stage: Stage) -> None:
    with stage.outside(STRANGER) as stranger, stage.outside("127.0.0.4") as scanner:
        for method in ("INVITE", "OPTIONS", "REGISTER", "SUBSCRIBE", "FOO"):
            Call(stranger, stage.uri()).send(method)
            Call(stranger, stage.uri("no-such-trunk.sip.test")).send(method)
            Call(scanner, stage.uri("acme-pbx.sip.test")).send(method, headers="User-Agent: friendly-scanner")
        # A scanner that has shown itself is not heard as anybody else either.
        Call(scanner, stage.uri("acme-pbx.sip.test")).send("INVITE")
        assert stranger.silent(0.5)
        assert scanner.silent(0.1)
        assert not [m for m in stage.line.inbox if m.text.startswith("INVITE")]


def test_a_carrier_is_heard_though_somebody_forged_a_scan_from_its_address(stage: Stage) -> None:
    with stage.outside() as carrier:
        Call(carrier, stage.uri()).send("OPTIONS", headers="User-Agent: sipvicious")
        assert carrier.silent(0.2)
        Call(carrier, stage.uri()).send("OPTIONS")
        assert carrier.response("OPTIONS").code == 200
