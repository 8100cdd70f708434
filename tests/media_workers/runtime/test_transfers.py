"""Callers who are handed on to somebody else: a real node between a caller's line and a human's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from media_workers.contract.acts import LiveControl, Transfer
from media_workers.contract.agent import ScriptModel, ScriptNode, SilencePolicy
from media_workers.contract.calls import (
    CallCommand,
    DialTarget,
    Gateway,
    Rejection,
    operator_channel,
    speak_channel,
)
from media_workers.contract.events import Ended, EndReason, Trouble
from media_workers.contract.flow import ScriptBranch
from media_workers.contract.requests import NOT_BY_REFER, LegAnswer, LegRequest
from media_workers.contract.transfers import TransferTarget
from tests.bench.sip_caller import SipCaller, sdp
from tests.fakes.control_plane import ControlPlane
from tests.media_workers.runtime.node import AGENT, Node, running, turns
from tests.media_workers.sip.host import Host, loudest_hz
from tests.sip.wait import until

HUMAN = "+12025550177"
LEAVES = ScriptBranch(dtmf="9", reply="I leave you two alone.", action="end_call")
ABOUT_BILLS = ScriptBranch(dtmf="5", set={"topic": "bills"}, reply="About bills.")
PATIENT = AGENT.model_copy(
    update={
        "silence": SilencePolicy(prompt_after_ms=60_000),
        "model": ScriptModel(nodes={"start": ScriptNode(expect=[LEAVES, ABOUT_BILLS])}),
    }
)
PICKS_UP: list[dict[str, Any]] = [{"do": "mouth", "mouth": "700"}, {"do": "ring"}, {"do": "answer"}]
PICKS_UP_QUIETLY: list[dict[str, Any]] = [{"do": "ring"}, {"do": "answer"}]
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
def human() -> Iterator[Host]:
    with Host() as host:
        yield host


class Desk:
    """A caller who talks to the agent, and a human who may be called."""

    def __init__(self, node: Node, caller: Host, human: Host) -> None:
        self.node, self.caller, self.human = node, caller, human
        self.admitted = node.admits(PATIENT)
        node.control.legs = self.allow
        node.control.legs_asked.clear()
        node.control.legs_over.clear()

    def allow(self, request: LegRequest) -> LegAnswer:
        if request.referred:
            return LegAnswer(refer_to=f"sip:{request.number}@127.0.0.1:{self.human.port}")
        gateways = [Gateway(host="127.0.0.1", port=self.human.port)]
        return LegAnswer(dial=DialTarget(number=HUMAN, caller_id="+12025550151", gateways=gateways))

    @property
    def call_id(self) -> UUID:
        return self.admitted[-1]

    def talks(self) -> int:
        """The leg of a caller whom the agent has greeted."""
        leg = self.caller.dial(self.node.sip_port, mouth="440")
        self.caller.wait("answered", leg)
        self.node.until_turns(self.call_id, 1)
        return leg

    def transfers(self, **facts: Any) -> None:
        """Has the call transferred."""
        facts = {"name": "desk", "number": HUMAN, "message": "One moment.", "on_failure": "Sorry."} | facts
        target = TransferTarget.model_validate(facts)
        self.node.commands(CallCommand(call_id=self.call_id, action="transfer", target=target, by="tests"))

    def called(self, steps: list[dict[str, Any]], **facts: Any) -> int:
        """The human's leg, once it has been called."""
        self.human.ask("on_invite", steps=steps)
        known = len(self.human.all("invite"))
        self.transfers(**facts)
        return int(self.human.wait("invite", after=known)["leg"])

    def told(self, kind: type) -> list[Any]:
        return [body for body in self.node.control.bodies(self.call_id) if isinstance(body, kind)]

    def states(self) -> list[str]:
        return [step.state for step in self.told(Transfer)]

    def until_state(self, state: str) -> Transfer:
        until(lambda: state in self.states(), f"the transfer is {state}: {self.states()}")
        return next(step for step in self.told(Transfer) if step.state == state)

    def ended(self) -> Ended:
        return self.node.until_ended(self.call_id)

    def texts(self) -> list[str]:
        return [turn.text for turn in turns(self.node.control.bodies(self.call_id))]


@pytest.fixture
def desk(node: Node, caller: Host, human: Host) -> Iterator[Desk]:
    yield Desk(node, caller, human)
    for host in (caller, human):
        until(lambda host=host: host.ask("active")["calls"] == 0, "no call is left")  # type: ignore[misc]


def test_a_bridged_transfer_leaves_caller_and_human_to_each_other(desk: Desk, tmp_path: Path) -> None:
    near = desk.talks()
    far = desk.called(PICKS_UP)
    desk.until_state("joined")
    hears, heard = desk.caller, desk.human
    hears.until(lambda: abs(loudest_hz(hears.heard(near, tmp_path)[-4000:]) - 700) < 20, "the human's tone")
    heard.until(lambda: abs(loudest_hz(heard.heard(far, tmp_path)[-4000:]) - 440) < 20, "the caller's tone")
    desk.caller.do("send_dtmf", near, "7")
    assert desk.human.wait("dtmf", far)["digit"] == "7"
    desk.human.do("hang_up", far)
    assert desk.caller.wait("ended", near)["by_peer"]
    ended = desk.ended()
    assert (ended.reason, ended.detail) == (EndReason.TRANSFERRED, "The person called hung up.")
    assert desk.states() == ["asked", "dialing", "ringing", "answered", "joined"]
    assert desk.texts() == [AGENT.first_message, "One moment."]


def test_the_caller_who_hangs_up_after_the_transfer_ends_the_humans_leg(desk: Desk) -> None:
    near = desk.talks()
    far = desk.called(PICKS_UP)
    desk.until_state("joined")
    desk.caller.do("hang_up", near)
    assert desk.human.wait("ended", far)["by_peer"]
    ended = desk.ended()
    assert (ended.reason, ended.detail) == (EndReason.TRANSFERRED, "The caller hung up.")


def test_the_caller_who_hangs_up_while_it_rings_stops_the_ringing(desk: Desk) -> None:
    near = desk.talks()
    far = desk.called(RINGS)
    desk.until_state("ringing")
    desk.caller.do("hang_up", near)
    assert desk.human.wait("ended", far)["sip_code"] == 487
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


@pytest.mark.parametrize(
    ("steps", "ring_ms", "code"), [(BUSY, 25_000, 486), (RINGS, 5_000, 487)], ids=["busy", "no answer"]
)
def test_who_is_not_reached_leaves_the_caller_with_the_agent(
    desk: Desk, steps: list[dict[str, Any]], ring_ms: int, code: int
) -> None:
    near = desk.talks()
    desk.called(steps, ring_timeout_ms=ring_ms)
    assert desk.until_state("failed").sip_code == code
    until(lambda: desk.texts()[-1:] == ["Sorry."], "the caller is told")
    until(lambda: desk.node.control.legs_over, "the leg is given back")
    desk.node.commands(CallCommand(call_id=desk.call_id, action="say", text="Here I am."))
    until(lambda: desk.texts()[-1:] == ["Here I am."], "the agent goes on")
    desk.caller.do("hang_up", near)
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def test_a_target_that_is_not_allowed_is_not_called(desk: Desk) -> None:
    near = desk.talks()
    desk.node.control.legs = lambda request: LegAnswer.model_validate(
        {"rejection": {"sip_code": 403, "sip_reason": "Forbidden", "detail": "XX is not allowed."}}
    )
    desk.transfers()
    assert desk.until_state("failed").detail == "XX is not allowed."
    until(lambda: any(t.what == "command_refused" for t in desk.told(Trouble)), "who asked is told")
    desk.caller.do("hang_up", near)
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def test_a_human_who_is_told_and_says_yes_gets_the_call(desk: Desk, tmp_path: Path) -> None:
    near = desk.talks()
    far = desk.called(PICKS_UP_QUIETLY, mode="warm", wait="music", briefing="A caller wants a table.")
    assert desk.until_state("briefing").detail == "A caller wants a table."
    desk.human.until(lambda: desk.human.heard(far, tmp_path).any(), "the briefing is heard")
    assert not any(s in desk.states() for s in ("accepted", "joined"))
    desk.human.do("send_dtmf", far, "1")
    desk.until_state("joined")
    assert desk.until_state("accepted").detail == "They said: 1"
    desk.caller.do("hang_up", near)
    desk.human.wait("ended", far)
    assert desk.ended().reason is EndReason.TRANSFERRED
    assert desk.texts() == [AGENT.first_message, "One moment."]


def test_a_human_who_declines_leaves_the_caller_with_the_agent(desk: Desk, tmp_path: Path) -> None:
    near = desk.talks()
    far = desk.called(PICKS_UP_QUIETLY, mode="warm", wait="silence", briefing="A caller wants a table.")
    desk.until_state("briefing")
    desk.human.until(lambda: desk.human.heard(far, tmp_path).any(), "the briefing is heard")
    desk.human.do("send_dtmf", far, "2")
    desk.human.wait("ended", far)
    desk.until_state("declined")
    until(lambda: desk.texts()[-1:] == ["Sorry."], "the caller is told")
    desk.caller.do("hang_up", near)
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def test_a_briefing_says_what_was_collected_however_it_is_written(desk: Desk) -> None:
    near = desk.talks()
    desk.caller.do("send_dtmf", near, "5")
    desk.node.until_turns(desk.call_id, 3)
    desk.called(PICKS_UP_QUIETLY, mode="warm", briefing="About {topic}, {{topic}}, {unknown}.")
    assert desk.until_state("briefing").detail == "About bills, bills, ."
    desk.caller.do("hang_up", near)
    desk.ended()


def test_a_human_who_hangs_up_in_the_briefing_declines(desk: Desk) -> None:
    near = desk.talks()
    far = desk.called(PICKS_UP_QUIETLY, mode="warm", briefing="A caller wants a table.")
    desk.until_state("briefing")
    desk.human.do("hang_up", far)
    desk.until_state("declined")
    desk.caller.do("hang_up", near)
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def test_in_a_conference_all_three_hear_each_other(desk: Desk, tmp_path: Path) -> None:
    near = desk.talks()
    far = desk.called(PICKS_UP, mode="conference")
    desk.until_state("joined")
    hears, heard = desk.caller, desk.human
    hears.until(lambda: abs(loudest_hz(hears.heard(near, tmp_path)[-4000:]) - 700) < 20, "the human's tone")
    heard.until(lambda: abs(loudest_hz(heard.heard(far, tmp_path)[-4000:]) - 440) < 20, "the caller's tone")
    desk.human.do("hang_up", far)
    desk.until_state("left")
    desk.node.commands(CallCommand(call_id=desk.call_id, action="say", text="Just us again."))
    until(lambda: desk.texts()[-1:] == ["Just us again."], "the agent goes on")
    desk.caller.do("hang_up", near)
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def test_an_agent_that_leaves_a_conference_leaves_the_others_to_each_other(
    desk: Desk, tmp_path: Path
) -> None:
    near = desk.talks()
    far = desk.called(PICKS_UP, mode="conference")
    desk.until_state("joined")
    desk.caller.do("send_dtmf", near, "9")
    until(lambda: desk.texts()[-1:] == ["I leave you two alone."], "the agent takes its leave")
    heard = len(desk.caller.heard(near, tmp_path))
    hears = desk.caller
    hears.until(lambda: len(hears.heard(near, tmp_path)) > heard + 8_000, "the call goes on")
    assert abs(loudest_hz(hears.heard(near, tmp_path)[-4000:]) - 700) < 20
    assert desk.node.control.ended(desk.call_id) is None
    desk.human.do("hang_up", far)
    assert desk.ended().reason is EndReason.TRANSFERRED


# --- by the carrier (REFER) ---------------------------------------------------------------------


@pytest.fixture
def refers(desk: Desk) -> Iterator[SipCaller]:
    """A caller, greeted, whose telephone is asked to call somebody else."""
    with SipCaller(desk.node.sip, "+12025550100") as caller:
        assert caller.invite(sdp(40_000)).code == 200
        desk.node.until_turns(desk.call_id, 1)
        desk.transfers(mode="blind")
        yield caller


def notify(caller: SipCaller, fragment: str, state: str = "active") -> None:
    """Tells how the transfer goes that was asked of us."""
    kind = "Content-Type: message/sipfrag;version=2.0"
    told = caller.ask("NOTIFY", fragment, "Event: refer", f"Subscription-State: {state}", kind)
    assert told.code == 200


def test_a_carrier_that_connects_the_caller_ends_the_call(desk: Desk, refers: SipCaller) -> None:
    refer = refers.wait_request("REFER", timeout_s=30)
    assert refer.header("Refer-To").strip("<>") == f"sip:{HUMAN}@127.0.0.1:{desk.human.port}"
    refers.respond(refer, 202, "Accepted")
    notify(refers, "SIP/2.0 100 Trying")
    notify(refers, "SIP/2.0 180 Ringing")
    desk.until_state("ringing")
    notify(refers, "SIP/2.0 200 OK", "terminated;reason=noresource")
    refers.respond(refers.wait_request("BYE", timeout_s=30), 200, "OK")
    assert desk.ended().reason is EndReason.TRANSFERRED
    assert desk.states() == ["asked", "dialing", "ringing", "referred"]
    assert [asked.referred for asked in desk.node.control.legs_asked] == [True]


def test_a_carrier_that_reaches_nobody_leaves_the_caller_with_the_agent(
    desk: Desk, refers: SipCaller
) -> None:
    refers.respond(refers.wait_request("REFER", timeout_s=30), 202, "Accepted")
    notify(refers, "SIP/2.0 100 Trying")
    notify(refers, "SIP/2.0 486 Busy Here", "terminated;reason=noresource")
    assert desk.until_state("failed").sip_code == 486
    until(lambda: desk.texts()[-1:] == ["Sorry."], "the caller is told")
    assert refers.bye().code == 200
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


@pytest.mark.parametrize("code", [405, 501, 603])
def test_a_carrier_that_does_not_transfer_calls_is_done_without(
    desk: Desk, refers: SipCaller, code: int
) -> None:
    desk.human.ask("on_invite", steps=PICKS_UP)
    known = len(desk.human.all("invite"))
    refers.respond(refers.wait_request("REFER", timeout_s=30), code, "No")
    far = int(desk.human.wait("invite", after=known)["leg"])
    desk.until_state("joined")
    assert f"({code} No)" in [s.detail for s in desk.told(Transfer) if s.state == "dialing"][1]
    assert refers.bye().code == 200
    desk.human.wait("ended", far)
    assert desk.ended().reason is EndReason.TRANSFERRED


def test_a_carrier_that_is_not_to_be_asked_is_done_without(desk: Desk) -> None:
    """Nobody would know how long its own carrier had the caller: a second leg is dialed at once."""
    no = Rejection(sip_code=NOT_BY_REFER, sip_reason="Method Not Allowed", detail="Not by REFER.")

    def allow(request: LegRequest) -> LegAnswer:
        return LegAnswer(rejection=no) if request.referred else desk.allow(request)

    desk.node.control.legs = allow
    near = desk.talks()
    far = desk.called(PICKS_UP, mode="blind")
    desk.until_state("joined")
    assert desk.states() == ["asked", "dialing", "ringing", "answered", "joined"]
    desk.caller.do("hang_up", near)
    desk.human.wait("ended", far)
    assert desk.ended().reason is EndReason.TRANSFERRED


# --- control from outside -----------------------------------------------------------------------


def test_a_person_takes_the_call_over_and_gives_it_back(desk: Desk, tmp_path: Path) -> None:
    near = desk.talks()
    order = {"call_id": desk.call_id, "by": "owner@example.com"}
    desk.node.commands(CallCommand(**order, action="take_over", lease_s=30))
    until(lambda: [c.action for c in desk.told(LiveControl)] == ["take_over"], "taken over")
    stop, voice = threading.Event(), tone(900, 0.1)

    def speak() -> None:
        while not stop.wait(0.1):
            desk.node.valkey.publish(speak_channel(desk.call_id), voice)

    person = threading.Thread(target=speak)
    person.start()
    try:
        hears = desk.caller
        hears.until(lambda: abs(loudest_hz(hears.heard(near, tmp_path)[-4000:]) - 900) < 20, "the person")
        with desk.node.valkey.pubsub(ignore_subscribe_messages=True) as ear:
            ear.subscribe(operator_channel(desk.call_id))
            pitches: list[float] = []

            def hears_the_caller() -> bool:
                if message := ear.get_message(timeout=1):
                    pitches.append(loudest_hz(np.frombuffer(message["data"], "<i2")))
                return any(abs(pitch - 440) <= 20 for pitch in pitches)

            until(hears_the_caller, "the caller is heard")
        assert not any(abs(pitch - 900) <= 20 for pitch in pitches), "without the person's own voice"
    finally:
        stop.set()
        person.join()
    desk.node.commands(CallCommand(**order, action="give_back"))
    until(lambda: [c.action for c in desk.told(LiveControl)][1:] == ["give_back"], "given back")
    assert {c.by for c in desk.told(LiveControl)} == {"owner@example.com"}
    desk.caller.do("hang_up", near)
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def test_a_person_whose_connection_is_lost_gives_the_call_back(desk: Desk) -> None:
    near = desk.talks()
    desk.node.commands(CallCommand(call_id=desk.call_id, action="take_over", by="a", lease_s=0.5))
    until(lambda: [c.action for c in desk.told(LiveControl)] == ["take_over", "give_back"], "given back")
    desk.caller.do("hang_up", near)
    assert desk.ended().reason is EndReason.CALLER_HUNG_UP


def tone(hz: int, seconds: float) -> bytes:
    at = np.arange(int(8000 * seconds)) / 8000
    return bytes((8000 * np.sin(2 * np.pi * hz * at)).astype("<i2").tobytes())
