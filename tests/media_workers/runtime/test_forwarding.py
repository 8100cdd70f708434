"""Callers for whom no agent can answer, connected to another telephone: a real node between two lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from media_workers.contract.agent import SilencePolicy
from media_workers.contract.calls import CallPlan, DialTarget, Gateway, InboundAnswer, InboundCall, LegPolicy
from media_workers.contract.events import Answered, Dtmf, Ended, EndReason, Forwarded, Trouble
from tests.fakes.control_plane import ControlPlane
from tests.media_workers.runtime.node import AGENT, Node, running, turns
from tests.media_workers.sip.host import Host, loudest_hz
from tests.sip.wait import until

FALLBACK = "+12025550177"
PATIENT = AGENT.model_copy(update={"silence": SilencePolicy(prompt_after_ms=60_000)})
PICKS_UP: list[dict[str, Any]] = [{"do": "mouth", "mouth": "700"}, {"do": "ring"}, {"do": "answer"}]
RINGS: list[dict[str, Any]] = [{"do": "ring"}]
BUSY: list[dict[str, Any]] = [{"do": "reject", "args": [486, "Busy Here"]}]


@pytest.fixture(scope="module")
def control() -> Iterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


@pytest.fixture(scope="module")
def node(control: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(control, tmp_path_factory.mktemp("node"), lines=1, browser_calls=1) as node:
        yield node


@pytest.fixture(scope="module")
def caller() -> Iterator[Host]:
    with Host() as host:
        yield host


@pytest.fixture(scope="module")
def fallback() -> Iterator[Host]:
    with Host() as host:
        yield host


class Desk:
    """What the control plane answers: every caller is forwarded to the fallback."""

    def __init__(self, node: Node, caller: Host, fallback: Host) -> None:
        self.node, self.caller, self.fallback = node, caller, fallback
        self.calls: list[UUID] = []
        self.asked: list[InboundCall] = []
        self.facts: dict[str, Any] = {}
        self.forward: DialTarget | None = self.target(fallback.port)
        node.control.admit = self.admit

    @staticmethod
    def target(*ports: int, **facts: Any) -> DialTarget:
        gateways = [Gateway(host="127.0.0.1", port=port) for port in ports]
        return DialTarget(number=FALLBACK, caller_id="+12025550151", gateways=gateways, **facts)

    def admit(self, call: InboundCall) -> InboundAnswer:
        self.asked.append(call)
        facts = {"agent": None, "forward": self.forward, "apology": "Sorry.", **self.facts}
        plan = CallPlan(
            call_id=uuid4(),
            tenant_id=uuid4(),
            direction="inbound",
            from_number=call.caller,
            to_number=call.dialed_number,
            **facts,
        )
        self.calls.append(plan.call_id)
        return InboundAnswer(plan=plan)

    def dials(self, picks_up: list[dict[str, Any]]) -> tuple[int, int]:
        """The caller's leg, and the fallback's once it has been called."""
        self.fallback.ask("on_invite", steps=picks_up)
        known = len(self.fallback.all("invite"))
        leg = self.caller.dial(self.node.sip_port, mouth="440")
        return leg, int(self.fallback.wait("invite", after=known)["leg"])

    def told(self, kind: type) -> list[Any]:
        return [body for body in self.node.control.bodies(self.calls[-1]) if isinstance(body, kind)]

    def ended(self) -> Ended:
        return self.node.until_ended(self.calls[-1])


@pytest.fixture
def desk(node: Node, caller: Host, fallback: Host) -> Iterator[Desk]:
    yield Desk(node, caller, fallback)
    for host in (caller, fallback):
        until(lambda host=host: host.ask("active")["calls"] == 0, "no call is left")  # type: ignore[misc]


def test_a_caller_without_an_agent_is_connected_to_the_fallback(desk: Desk, tmp_path: Path) -> None:
    near, far = desk.dials(PICKS_UP)
    desk.caller.wait("answered", near)
    hears, heard = desk.caller, desk.fallback
    hears.until(lambda: abs(loudest_hz(hears.heard(near, tmp_path)) - 700) < 20, "the fallback's tone")
    heard.until(lambda: abs(loudest_hz(heard.heard(far, tmp_path)) - 440) < 20, "the caller's tone")
    desk.caller.do("send_dtmf", near, "7")
    assert desk.fallback.wait("dtmf", far)["digit"] == "7"
    desk.fallback.do("send_dtmf", far, "5")
    assert desk.caller.wait("dtmf", near)["digit"] == "5"
    desk.fallback.do("hang_up", far)
    assert desk.caller.wait("ended", near)["by_peer"]
    assert desk.ended().reason is EndReason.CALLEE_HUNG_UP
    [forwarded] = desk.told(Forwarded)
    assert (forwarded.to_number, forwarded.leg) == (FALLBACK, 1)
    assert len(desk.told(Answered)) == 1
    assert [key.digit for key in desk.told(Dtmf)] == ["7"]
    assert turns(desk.node.control.bodies(desk.calls[-1])) == []
    assert desk.calls[-1] not in desk.node.control.recordings


def test_the_control_plane_is_asked_with_the_callers_own_headers_and_none_of_ours(desk: Desk) -> None:
    desk.fallback.ask("on_invite", steps=BUSY)
    headers = [("X-Account", "7"), ("X-Trunkline-Auth", "pbx"), ("Diversion", "<sip:1@192.0.2.1>")]
    near = desk.caller.dial(desk.node.sip_port, headers=headers, leg={"srtp": "optional"})
    desk.caller.wait("answered", near)
    [asked] = desk.asked
    assert asked.headers == {"x-account": "7", "diversion": "<sip:1@192.0.2.1>"}
    assert (asked.srtp_offered, asked.authenticated_as, asked.edge) == (True, "", "")
    assert desk.ended().reason is EndReason.NOT_READY


def test_the_fallback_is_hung_up_with_the_caller(desk: Desk) -> None:
    near, far = desk.dials(PICKS_UP)
    desk.caller.wait("answered", near)
    desk.caller.do("hang_up", near)
    assert desk.fallback.wait("ended", far)["sip_code"] == 200
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def test_a_caller_who_gives_up_while_the_fallback_rings(desk: Desk) -> None:
    near, far = desk.dials(RINGS)
    desk.caller.wait("ringing", near)
    desk.caller.do("hang_up", near)
    assert desk.fallback.wait("ended", far)["sip_code"] == 487
    end = desk.ended()
    assert (end.reason, end.sip_code) == (EndReason.CANCELLED, 487)
    assert desk.told(Forwarded) == []


def test_a_fallback_that_is_busy_leaves_the_apology(desk: Desk) -> None:
    near, _ = desk.dials(BUSY)
    assert desk.caller.wait("answered", near)
    assert desk.ended().reason is EndReason.NOT_READY
    [trouble] = [t for t in desk.told(Trouble) if t.what == "forward_failed"]
    assert "486" in trouble.detail
    assert [turn.text for turn in turns(desk.node.control.bodies(desk.calls[-1]))] == ["Sorry."]


def test_the_offer_must_please_the_plan_before_the_fallback_is_answered(desk: Desk) -> None:
    desk.facts = {"leg": LegPolicy(srtp="required")}
    near, far = desk.dials(PICKS_UP)
    end = desk.caller.wait("ended", near)
    assert (end["sip_code"], end["sip_reason"]) == (488, "SRTP is required here and was not offered")
    desk.fallback.wait("ended", far)
    told = desk.ended()
    assert (told.reason, told.sip_code) == (EndReason.NO_CODEC, 488)
    assert "SRTP is required" in told.detail


def test_a_line_with_one_place_left_says_when_to_come_back(desk: Desk) -> None:
    desk.facts = {"agent": PATIENT, "forward": None}
    talking = [desk.caller.dial(desk.node.sip_port) for _ in range(3)]
    for leg in talking:
        desk.caller.wait("answered", leg)
    desk.facts = {}
    leg = desk.caller.dial(desk.node.sip_port)
    end = desk.caller.wait("ended", leg)
    assert end["sip_code"] == 503
    assert any("Retry-After: " in message["text"] for message in desk.caller.all("sip", leg))
    told = desk.ended()
    assert told.reason is EndReason.NO_CAPACITY
    assert "second place" in told.detail
    for other in talking:
        desk.caller.do("hang_up", other)
        desk.caller.wait("ended", other)
