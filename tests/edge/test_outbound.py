"""Calls that lines place through the edge, and callers over TLS and TCP."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from telephony.edge.kamailio.config import Listen
from telephony.edge.kamailio.content import EdgeContent, LineEntry
from tests.bench.sip_caller import Message, sdp
from tests.edge.certificate import self_signed
from tests.edge.kamailio import EDGE, RunningEdge, running_edge
from tests.edge.peer import Call, Peer, called, first
from tests.sip.ports import free_port
from tests.sip.wait import until

CARRIER, STRANGER = "127.0.0.10", "127.0.0.11"


@dataclass
class Stage:
    """An edge that speaks TLS too, with one line."""

    edge: RunningEdge
    line: Peer
    tls_port: int
    certificate: Path

    @property
    def route(self) -> list[str]:
        return [f"<sip:{EDGE}:{self.edge.port};lr>"]

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    certificate, key = self_signed(tmp_path_factory.mktemp("tls"), "edge.test")
    tls_port = free_port(EDGE)
    with Peer((EDGE, 1), EDGE) as line:
        content = EdgeContent(
            lines=(LineEntry("node/1", line.place, 20),),
            nodes=(EDGE,),
            networks=(ip_network(f"{CARRIER}/32"),),
        )
        listen = (Listen("tls", ip_address(EDGE), tls_port),)
        with running_edge(
            content,
            more_listen=listen,
            tls_certificate=str(certificate),
            tls_key=str(key),
            tls_ca=str(certificate),
        ) as edge:
            line.edge = (EDGE, edge.port)
            yield Stage(edge, line, tls_port, certificate)


def test_a_line_calls_through_the_edge_and_is_not_seen(stage: Stage) -> None:
    with Peer((EDGE, stage.edge.port), CARRIER) as carrier:
        call = Call(stage.line, f"sip:+12025550177@{carrier.place}", via=stage.route)
        call.ours = f"<sip:+12025550100@{EDGE}>;tag=line"
        call.call_id = "from-a-line"
        call.invite("X-Trunkline-Final: yes", sdp(41_000, address="192.0.2.7"))
        invite = carrier.request("INVITE")
        assert stage.line.place not in invite.text
        assert "X-Trunkline" not in invite.text
        carrier.respond(invite, 183, "Session Progress", sdp(42_000), to_tag="carrier")
        assert stage.line.response("INVITE", least=183).code == 183
        carrier.respond(invite, 200, "OK", sdp(42_000), to_tag="carrier")
        assert call.answer().code == 200
        carrier.request("ACK")
        dialog = called(carrier, invite, "carrier")
        dialog.send("INVITE", sdp(42_002, version=2))
        stage.line.respond(stage.line.request("INVITE"), 200, "OK", sdp(41_000, version=2))
        assert carrier.response("INVITE").code == 200
        dialog.send("ACK", cseq=dialog.cseq)
        stage.line.request("ACK")
        dialog.send("BYE")
        stage.line.respond(stage.line.request("BYE"), 200, "OK")
        assert carrier.response("BYE").code == 200
        for message in carrier.seen:
            assert stage.line.place not in message.text, first(message)


@pytest.mark.parametrize(
    ("code", "reason"), [(503, "Service Unavailable"), (486, "Busy Here"), (603, "Decline")]
)
def test_failures_of_the_carrier_pass_as_they_are(stage: Stage, code: int, reason: str) -> None:
    with Peer((EDGE, stage.edge.port), CARRIER) as carrier:
        call = Call(stage.line, f"sip:+12025550177@{carrier.place}", via=stage.route)
        call.invite()
        carrier.respond(carrier.request("INVITE"), code, reason, to_tag="carrier", headers="Retry-After: 9")
        answer = call.answer()
        assert (answer.code, answer.header("Retry-After")) == (code, "9")


def test_a_gateways_challenge_and_a_registration_pass_through(stage: Stage) -> None:
    with Peer((EDGE, stage.edge.port), CARRIER) as carrier:
        call = Call(stage.line, f"sip:{carrier.place}", via=stage.route)
        contact = f"sip:trunk@{EDGE}:{stage.edge.port}"
        text = call.text("REGISTER", headers="Expires: 300").replace(stage.line.contact, contact)
        stage.line.send(text)
        request = carrier.request("REGISTER")
        assert request.header("Contact") == f"<{contact}>", "the edge is where the carrier will call"
        challenge = 'WWW-Authenticate: Digest realm="carrier", nonce="n", algorithm=MD5'
        carrier.respond(request, 401, "Unauthorized", to_tag="carrier", headers=challenge)
        answer = stage.line.response("REGISTER")
        assert (answer.code, answer.header("WWW-Authenticate")[:6]) == (401, "Digest")


def test_a_program_on_a_nodes_machine_calls_in(stage: Stage) -> None:
    with Peer((EDGE, stage.edge.port), EDGE) as neighbour:
        call = Call(neighbour, f"sip:+12025550100@{EDGE}:{stage.edge.port}")
        call.invite("X-Trunkline-Auth: forged")
        invite = stage.line.request("INVITE")
        assert invite.header("X-Trunkline-Source") == f"{EDGE}:{neighbour.port};udp"
        assert not invite.header("X-Trunkline-Auth")
        stage.line.respond(invite, 404, "Not Found", to_tag="line")
        assert call.answer().code == 404


def test_nobody_else_gets_through_to_the_world(stage: Stage) -> None:
    with Peer((EDGE, stage.edge.port), STRANGER) as stranger, Peer((EDGE, 1), "127.0.0.12") as victim:
        for method in ("INVITE", "REGISTER", "OPTIONS", "MESSAGE"):
            Call(stranger, f"sip:+900@{victim.place}", via=stage.route).send(method)
        assert victim.silent(0.3)


def test_a_gateway_that_is_not_there_is_told_at_once(stage: Stage) -> None:
    call = Call(stage.line, f"sip:+12025550177@127.0.0.1:{free_port()};transport=tcp", via=stage.route)
    call.invite()
    assert call.answer(20).code in {408, 477, 503}


def test_a_gateway_that_says_nothing_is_given_up_when_the_line_says_so(stage: Stage) -> None:
    with Peer((EDGE, stage.edge.port), CARRIER) as gateway:
        call = Call(stage.line, f"sip:+12025550177@{gateway.place}", via=stage.route)
        call.invite("X-Trunkline-Patience: 1000")
        invite = gateway.request("INVITE")
        assert "Trunkline" not in invite.text
        assert call.answer(20).code == 408, "long before the 32 s of RFC 3261"


def test_a_gateway_that_says_100_may_take_its_time(stage: Stage) -> None:
    with Peer((EDGE, stage.edge.port), CARRIER) as gateway:
        call = Call(stage.line, f"sip:+12025550177@{gateway.place}", via=stage.route)
        call.invite("X-Trunkline-Patience: 500")
        invite = gateway.request("INVITE")
        gateway.respond(invite, 100, "Trying")
        assert not [m for m in iter(lambda: stage.line.hear(1.5), None) if m.code >= 200]
        gateway.respond(invite, 486, "Busy Here", to_tag="busy")
        assert call.answer(20).code == 486


class TlsGateway:
    """A carrier that takes one TLS connection, with its own certificate."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate, key)
        self._server = socket.create_server((CARRIER, 0))
        self._server.settimeout(20)
        self.place = "{}:{}".format(*self._server.getsockname())

    def invited(self) -> str:
        """The INVITE that comes, answered 486. Raises `ssl.SSLError` or `OSError` when none does."""
        plain, _ = self._server.accept()
        with self._context.wrap_socket(plain, server_side=True) as connection:
            connection.settimeout(20)
            text = b""
            while b"\r\n\r\n" not in text:
                data = connection.recv(65_536)
                if not data:
                    raise OSError("closed without an INVITE")
                text += data
            message = Message(text.decode(), 0)
            lines = ["SIP/2.0 486 Busy Here", *(f"Via: {via}" for via in message.headers("Via"))]
            lines += [f"{name}: {message.header(name)}" for name in ("From", "To", "Call-ID", "CSeq")]
            connection.sendall("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())
            return message.text

    def close(self) -> None:
        self._server.close()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_gateway_over_tls_must_be_vouched_for(stage: Stage, tmp_path: Path, trusted: bool) -> None:
    files = (stage.certificate, stage.certificate.with_suffix(".key")) if trusted else None
    gateway = TlsGateway(*(files or self_signed(tmp_path, "edge.test")))
    call = Call(stage.line, f"sip:+12025550177@{gateway.place};transport=tls", via=stage.route)
    call.invite()
    if trusted:
        assert gateway.invited().startswith("INVITE ")
        assert call.answer().code == 486
    else:
        with pytest.raises(OSError):
            gateway.invited()
    gateway.close()


def test_a_call_over_tls_and_over_tcp(stage: Stage) -> None:
    """Record-Route twice, because the lines speak UDP."""
    for transport, port, tls in (("tls", stage.tls_port, stage.trusting()), ("tcp", stage.edge.port, None)):
        with Peer((EDGE, port), CARRIER, transport, tls) as carrier:
            if tls is not None:
                assert carrier.sock.version() in {"TLSv1.2", "TLSv1.3"}  # type: ignore[attr-defined]
            call = Call(carrier, f"sip:+12025550100@{EDGE}:{port};transport={transport}")
            call.invite()
            invite = stage.line.request("INVITE")
            assert invite.header("X-Trunkline-Source") == f"{CARRIER}:{carrier.port};{transport}"
            assert len(invite.headers("Record-Route")) == 2
            stage.line.respond(invite, 200, "OK", sdp(41_000), to_tag="line")
            assert call.answer().code == 200
            stage.line.request("ACK")
            called(stage.line, invite, "line").send("BYE")
            carrier.respond(carrier.request("BYE"), 200, "OK")
            assert stage.line.response("BYE").code == 200
            assert all(stage.line.place not in message.text for message in carrier.seen)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(stage: Stage) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((EDGE, stage.tls_port), 10) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain)


def test_a_new_certificate_is_taken_up_while_calls_are_up(stage: Stage) -> None:
    with Peer((EDGE, stage.tls_port), CARRIER, "tls", stage.trusting()) as carrier:
        call = Call(carrier, f"sip:+12025550100@{EDGE}:{stage.tls_port};transport=tls")
        call.invite()
        invite = stage.line.request("INVITE")
        stage.line.respond(invite, 200, "OK", sdp(41_000), to_tag="line")
        assert call.answer().code == 200
        before = ssl.get_server_certificate((EDGE, stage.tls_port))
        self_signed(stage.certificate.parent, "edge.test")
        stage.edge.rpc.call("tls.reload")
        until(
            lambda: ssl.get_server_certificate((EDGE, stage.tls_port)) != before,
            "the new certificate",
        )
        call.send("BYE")
        stage.line.respond(stage.line.request("BYE"), 200, "OK")
        assert carrier.response("BYE").code == 200


# --- where a gateway's name leads -------------------------------------------------------------------


LEADS_INSIDE = "SIP/2.0 503 Gateway Leads Inside"


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER"])
def test_what_leads_to_the_edge_itself_does_not_go_round(stage: Stage, method: str) -> None:
    """A further hop stands for a gateway's name: there is no DNS here that would lead back."""
    with Peer((EDGE, stage.edge.port), CARRIER) as carrier:
        call = Call(stage.line, f"sip:+12025550177@{carrier.place}", via=stage.route * 4)
        call.send(method)
        assert first(stage.line.response(method)) == LEADS_INSIDE
        assert carrier.silent(0.2)


def test_in_production_calls_of_lines_leave_for_the_public_internet_alone() -> None:
    with Peer((EDGE, 1), EDGE) as line, Peer((EDGE, 1), CARRIER) as inside, Peer((EDGE, 1), EDGE) as sandbox:
        content = EdgeContent(nodes=(EDGE,), carriers=(sandbox.place,))
        with running_edge(content, allow_private=False) as edge:
            for peer in (line, inside, sandbox):
                peer.edge = (EDGE, edge.port)
            route = [f"<sip:{EDGE}:{edge.port};lr>"]
            for transport in ("", ";transport=tcp"):
                call = Call(line, f"sip:+12025550177@{inside.place}{transport}", via=route)
                call.invite()
                assert first(call.answer()) == LEADS_INSIDE
            assert inside.silent(0.2)
            call = Call(line, f"sip:+12025550177@{sandbox.place}", via=route)
            call.invite()
            sandbox.respond(sandbox.request("INVITE"), 486, "Busy Here", to_tag="sandbox")
            assert call.answer().code == 486
