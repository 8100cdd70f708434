"""Real lines behind a real edge: calls in and out with audio, and who is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import pytest

from telephony.edge.kamailio.content import EdgeContent, LineEntry, TrunkEntry, UserEntry
from telephony.edge.kamailio.devices import Registered, registered
from telephony.edge.kamailio.reload import listed
from tests.edge.kamailio import EDGE, RunningEdge, running_edge
from tests.edge.peer import Call, Peer
from tests.media_workers.sip.host import Host, loudest_hz
from tests.sip.baresip import Baresip
from tests.sip.wait import until

pytestmark = pytest.mark.journey

CARRIER, NODE, PHONE = "127.0.0.31", "127.0.0.32", "127.0.0.33"
CAPACITY = 4


@dataclass
class Stage:
    """An edge and the lines behind it, on a machine of their own."""

    edge: RunningEdge
    lines: list[Host]

    def carrier(self, host: str = CARRIER) -> Peer:
        return Peer((EDGE, self.edge.port), host)

    @property
    def uri(self) -> str:
        return f"sip:+12025550100@{EDGE}:{self.edge.port}"

    @property
    def entries(self) -> tuple[LineEntry, ...]:
        return tuple(LineEntry(str(line.port), f"{NODE}:{line.port}", CAPACITY) for line in self.lines)

    def loads(self) -> list[int]:
        return [int(line["RUNTIME"]["DLGLOAD"]) for line in listed(self.edge.rpc)]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    content = EdgeContent(nodes=(NODE,), networks=(ip_network(f"{CARRIER}/32"),))
    with running_edge(content) as edge:
        behind = {
            "bind_address": NODE,
            "public_address": NODE,
            "edge": {"places": [[EDGE, edge.port]], "name": f"{EDGE}:{edge.port}"},
        }
        steps = [{"do": "ring"}, {"do": "answer"}, {"do": "mouth", "mouth": "440"}]
        with Host(steps, **behind) as one, Host(steps, **behind) as two, Host(steps, **behind) as three:
            stage = Stage(edge, [one, two, three])
            edge.change(lines=stage.entries)
            yield stage


def test_twelve_calls_are_up_and_the_thirteenth_is_told_to_come_back(stage: Stage) -> None:
    with stage.carrier() as carrier:
        calls = [Call(carrier, stage.uri) for _ in range(12)]
        for call in calls:
            call.invite()
            assert call.answer(30).code == 200
        late = Call(carrier, stage.uri)
        late.invite()
        refused = late.answer(30)
        assert (refused.code, refused.header("Retry-After")) == (503, "5")
        assert [line.ask("active")["calls"] for line in stage.lines] == [4, 4, 4]
        for call in calls:
            assert call.ask("BYE").code == 200
        for line in stage.lines:
            line.until(lambda line=line: line.ask("active")["calls"] == 0, "all calls over")


def test_a_full_line_is_passed_over_though_the_edge_knew_nothing(stage: Stage) -> None:
    """Calls that came up before the edge did: the line says 503, the next one takes the call."""
    full = stage.lines[0]
    with stage.carrier() as carrier:
        stage.edge.change(lines=stage.entries[:1])
        calls = [Call(carrier, stage.uri) for _ in range(CAPACITY)]
        for call in calls:
            call.invite()
            assert call.answer(30).code == 200
        stage.edge.change(lines=tuple(LineEntry(f"new {e.key}", e.address, 8) for e in stage.entries))
        for _ in range(3):
            call = Call(carrier, stage.uri)
            call.invite()
            assert call.answer(30).code == 200
            calls.append(call)
        assert full.ask("active")["calls"] == CAPACITY
        for call in calls:
            assert call.ask("BYE").code == 200
        for line in stage.lines:
            line.until(lambda line=line: line.ask("active")["calls"] == 0, "all calls over")
    until(lambda: sum(stage.loads()) == 0, "no call is counted any more")


def test_a_line_believes_its_edge_and_refuses_everybody_else(stage: Stage) -> None:
    line = stage.lines[0]
    with Peer((NODE, line.port), CARRIER) as stranger:
        call = Call(stranger, f"sip:+12025550100@{NODE}:{line.port}")
        call.invite("X-Trunkline-Source: 203.0.113.5:5060;udp")
        assert call.answer(30).code == 403
    stage.edge.change(lines=stage.entries[:1])
    with stage.carrier() as carrier:
        call = Call(carrier, stage.uri)
        call.invite("X-Trunkline-Source: 203.0.113.5:5060;udp\nX-Order: 7")
        assert call.answer(30).code == 200
        told = line.all("invite")[-1]
        assert (told["source_address"], told["source_port"]) == (CARRIER, carrier.port)
        assert told["edge"] == f"{EDGE}:{stage.edge.port}"
        assert told["headers"]["x-order"] == "7"
        assert not [name for name in told["headers"] if name.startswith("x-trunkline")]
        assert call.ask("BYE").code == 200


def test_a_line_calls_out_with_audio_both_ways(stage: Stage, tmp_path: Path) -> None:
    """To another line that stands outside: pjsip at both ends of the edge."""
    ours = stage.lines[0]
    outside = {"bind_address": CARRIER, "public_address": CARRIER}
    steps = [{"do": "ring"}, {"do": "answer"}, {"do": "mouth", "mouth": "880"}]
    with Host(steps, **outside) as carrier:
        leg = ours.dial(
            carrier.port, mouth="440", gateways=[{"host": CARRIER, "port": carrier.port, "transport": "udp"}]
        )
        ours.wait("answered", leg)
        theirs = int(carrier.wait("answered")["leg"])
        invite = carrier.all("sip", theirs)[0]["text"]
        assert f"{NODE}:{ours.port}" not in invite
        assert f"From: <sip:+12025550151@{EDGE}>" in invite
        ours.until(lambda: loudest_hz(ours.heard(leg, tmp_path)) > 0, "the carrier to be heard")
        carrier.until(lambda: loudest_hz(carrier.heard(theirs, tmp_path)) > 0, "our line to be heard")
        carrier.do("hang_up", theirs, "over")
        assert ours.wait("ended", leg)["by_peer"]
    assert "cannot find load" not in stage.edge.log, "the end of a call that was never counted is no mistake"


def test_the_place_of_a_call_that_came_by_tcp_is_given_back(stage: Stage) -> None:
    """Two Record-Routes, one for each transport; whoever hangs up."""
    stage.lines[0].ask("on_invite", steps=[{"do": "ring"}, {"do": "answer"}])
    stage.edge.change(lines=stage.entries[:1])
    with Peer((EDGE, stage.edge.port), CARRIER, "tcp") as carrier:
        for by_us in (True, False):
            call = Call(carrier, f"{stage.uri};transport=tcp")
            call.invite()
            assert call.answer(30).code == 200
            until(lambda: sum(stage.loads()) == 1, "the call is counted")
            if by_us:
                stage.lines[0].do("hang_up", stage.lines[0].leg_of(call.call_id), "over")
                carrier.respond(carrier.request("BYE"), 200, "OK")
            else:
                assert call.ask("BYE").code == 200
            until(lambda: sum(stage.loads()) == 0, "its place is free")


def test_a_phone_of_somebody_else_registers_calls_and_is_called(stage: Stage, tmp_path: Path) -> None:
    """baresip, with a wrong password first."""
    line = stage.lines[0]
    line.ask("on_invite", steps=[{"do": "answer"}, {"do": "mouth", "mouth": "440"}])
    ha1 = hashlib.md5(b"desk:sip.test:its-password").hexdigest()  # noqa: S324
    stage.edge.change(
        lines=stage.entries[:1],
        trunks=(TrunkEntry("acme", "digest", "inbound"),),
        users=(UserEntry("desk", "acme", ha1),),
    )

    def phone(name: str, password: str, **more: str) -> Baresip:
        account = ("<sip:desk@acme.sip.test>", "auth_user=desk", f"auth_pass={password}", "regint=60")
        outbound = f'outbound="sip:{EDGE}:{stage.edge.port}"'
        return Baresip(tmp_path / name, address=PHONE, account=(*account, outbound), **more)

    def devices() -> list[Registered]:
        return registered(stage.edge.rpc, ["acme"], "sip.test")

    with phone("wrong", "not-its-password") as wrong:
        until(lambda: "401 Unauthorized" in wrong.log(), "the refusal")
        assert devices() == []
    with phone("right", "its-password") as right:
        [device] = until(devices, "the phone to be registered")
        assert device.user_agent.startswith("baresip")
        gateway = {"host": "acme.sip.test", "port": None, "transport": "udp"}
        leg = line.dial(0, mouth="440", gateways=[gateway])
        line.wait("answered", leg)
        line.until(lambda: abs(loudest_hz(line.heard(leg, tmp_path)) - 700) < 20, "the phone's tone")
        until(lambda: abs(loudest_hz(right.heard()) - 440) < 20, "our tone, at the phone")
        line.do("hang_up", leg, "over")
        line.wait("ended", leg)
    known = len(line.all("invite"))
    with phone("calling", "its-password", dial="sip:+12025550100@acme.sip.test") as calling:
        invite = line.wait("invite", after=known)
        assert (invite["authenticated_as"], invite["source_address"]) == ("desk", PHONE)
        line.wait("answered", invite["leg"])
        until(lambda: abs(loudest_hz(calling.heard()) - 440) < 20, "our tone, at the phone")
        line.do("hang_up", invite["leg"], "over")
        assert line.wait("ended", invite["leg"])["answered"]


def test_tcp_and_the_other_side_of_a_cancel(stage: Stage) -> None:
    line = stage.lines[0]
    line.ask("on_invite", steps=[{"do": "ring"}])
    stage.edge.change(lines=stage.entries[:1])
    with Peer((EDGE, stage.edge.port), CARRIER, "tcp") as carrier:
        call = Call(carrier, f"{stage.uri};transport=tcp")
        call.invite()
        assert carrier.response("INVITE", least=180).code == 180
        call.cancel()
        assert call.answer(30).code == 487
        leg = line.leg_of(call.call_id)
        assert line.wait("ended", leg)["by_peer"]
        assert line.all("invite", leg)[0]["transport"] == "tcp", "as the edge saw it"
