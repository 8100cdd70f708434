"""The whole node on real wires: SIPp calls in, sandbox phones are called, processes are killed."""

from __future__ import annotations

import io
import signal
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import psutil
import pytest

from media_workers.contract.agent import SilencePolicy
from media_workers.contract.calls import CallCommand, Gateway, InboundAnswer, Rejection
from media_workers.contract.events import EndReason, LegInfo, MediaStats, SipMessage, Trouble
from media_workers.contract.pcap import read_packets
from tests.fakes.control_plane import ControlPlane
from tests.media_workers.runtime.node import AGENT, Node, running, turns
from tests.sip import sipp
from tests.sip.speech import timeline
from tests.sip.wait import until

CALLED = "+12025550100"
REFUSED = UUID(int=7)
PATIENT = AGENT.model_copy(update={"silence": SilencePolicy(prompt_after_ms=60_000)})


@pytest.fixture
def control() -> Iterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


@pytest.fixture
def node(control: ControlPlane, tmp_path: Path) -> Iterator[Node]:
    with running(control, tmp_path / "data") as node:
        yield node


class Caller:
    """SIPp in the background: speaks, then stays until the other side hangs up."""

    def __init__(self, node: Node, work: Path, speech: bytes, *, line: int = 0) -> None:
        port = node.sip_port if line == 0 else node.sip_port + 10 + line
        case = sipp.Case("uac_speaks_until_bye", ("127.0.0.1", port), CALLED, speech=speech)
        self._sipp = sipp.start(case, work)

    def answered(self) -> None:
        until(self._sipp.answered, "the caller is answered")

    def result(self) -> sipp.SippResult:
        return self._sipp.wait()


def call_in(node: Node, scenario: str, work: Path) -> sipp.SippResult:
    return sipp.run(sipp.Case(scenario, node.sip, CALLED, stay_ms=300, speech=timeline(500)), work)


def numbers_without_gap(node: Node) -> None:
    for events in node.control.events.values():
        assert [e.seq for e in events] == list(range(1, len(events) + 1))


# --- calls --------------------------------------------------------------------------------------


def test_an_inbound_call_is_answered_heard_answered_again_and_recorded(node: Node, tmp_path: Path) -> None:
    admitted = node.admits()
    caller = Caller(node, tmp_path / "sipp", timeline(4500, "Yes please.", 4500, "Goodbye.", 4000))
    assert caller.result().ok
    (call_id,) = admitted
    ended = node.until_ended(call_id)
    assert (ended.reason, ended.sip_code, ended.slots) == (EndReason.AGENT_HUNG_UP, 200, {"table": "yes"})
    assert [(t.speaker, t.text) for t in turns(node.control.bodies(call_id))] == [
        ("agent", "Good day. Would you like a table?"),
        ("caller", "yes please"),
        ("agent", "It is yours."),
        ("caller", "goodbye"),
        ("agent", "Goodbye."),
    ]
    node.until_delivered()
    bodies = node.control.bodies(call_id)
    types = [b.type for b in bodies if b.type not in {"sip", "partial"}]
    assert types[:2] == ["ringing", "answered"]
    assert types[-3:] == ["media", "ended", "recording"]
    numbers_without_gap(node)
    stats = next(b for b in bodies if isinstance(b, MediaStats))
    assert stats.codec == "PCMU"
    assert stats.rx_packets > 100
    assert both_sides_are_loud(node.control.recordings[call_id])


def both_sides_are_loud(wav: bytes) -> bool:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return bool((np.abs(samples).max(axis=0) > 3_000).all())


def test_the_ladder_of_a_call_is_kept(node: Node, tmp_path: Path) -> None:
    admitted = node.admits(None)
    assert Caller(node, tmp_path / "sipp", timeline(500)).result().ok
    ended = node.until_ended(admitted[0])
    assert ended.reason is EndReason.NOT_READY
    ladder = [
        (b.direction, b.first_line.split(" sip:")[0])
        for b in node.control.bodies(admitted[0])
        if isinstance(b, SipMessage)
    ]
    assert ladder == [
        ("in", "INVITE"),
        ("out", "SIP/2.0 100 Trying"),
        ("out", "SIP/2.0 180 Ringing"),
        ("out", "SIP/2.0 200 OK"),
        ("in", "ACK"),
        ("out", "BYE"),
        ("in", "SIP/2.0 200 OK"),
    ]


def test_a_call_that_is_captured(node: Node, tmp_path: Path) -> None:
    admitted = node.admits(None, capture_rtp=True)
    assert Caller(node, tmp_path / "sipp", timeline(500)).result().ok
    node.until_ended(admitted[0])
    node.until_delivered()
    bodies = node.control.bodies(admitted[0])
    leg = next(b for b in bodies if isinstance(b, LegInfo))
    stats = next(b for b in bodies if isinstance(b, MediaStats) and b.final)
    assert (leg.direction, leg.codec, leg.ptime_ms, leg.transport) == ("in", "PCMU", 20, "udp")
    assert leg.setup_ms is not None
    kept = [packet.data[28:] for packet in read_packets(io.BytesIO(node.control.captures[admitted[0]]))]
    audio = [data for data in kept if data[1] & 0x7F == 0]  # RTP of PCMU
    ssrcs = {data[8:12] for data in audio}
    assert len(ssrcs) == 2, "both directions"
    # The last packets may pass between the last figures and the end.
    assert len(audio) >= stats.rx_packets + stats.tx_packets - 5
    assert not list(node.spool.glob("*/*.pcap*"))


def test_a_caller_may_hang_up(node: Node, tmp_path: Path) -> None:
    admitted = node.admits()
    case = sipp.Case("uac_speaks", node.sip, CALLED, stay_ms=1500, speech=timeline(1000))
    assert sipp.run(case, tmp_path / "sipp").ok
    ended = node.until_ended(admitted[0])
    assert ended.reason is EndReason.CALLER_HUNG_UP
    assert 1_000 < ended.duration_ms < 30_000
    (greeting,) = turns(node.control.bodies(admitted[0]))
    assert greeting.interrupted


def test_what_the_control_plane_rejects_is_rejected_in_its_words(node: Node, tmp_path: Path) -> None:
    node.control.admit = lambda _: InboundAnswer(
        rejection=Rejection(
            sip_code=480, sip_reason="Not Now", detail="full", retry_after_s=77, call_id=REFUSED
        )
    )
    result = call_in(node, "uac_unknown_number", tmp_path / "sipp")
    assert "SIP/2.0 480 Not Now" in result.messages
    assert "Retry-After: 77" in result.messages
    (asked,) = node.control.asked
    assert (asked.dialed_number, asked.caller, asked.source_address) == (
        CALLED,
        "+12025550151",
        "127.0.0.1",
    )
    until(lambda: LegInfo in map(type, node.control.bodies(REFUSED)), "the refused call is told of")
    node.until_delivered()
    told = [b.first_line[:15] for b in node.control.bodies(REFUSED) if isinstance(b, SipMessage)]
    assert (told[0][:6], told[-2], told[-1][:3]) == ("INVITE", "SIP/2.0 480 Not", "ACK")


def test_without_a_control_plane_callers_are_told_to_try_again(node: Node, tmp_path: Path) -> None:
    with node.control.away():
        result = call_in(node, "uac_unknown_number", tmp_path / "sipp")
    assert result.responses()[-1] == 503
    assert "Retry-After: " in result.messages


def test_a_caller_who_gives_up_while_we_ask_is_told_of(node: Node, tmp_path: Path) -> None:
    admitted = node.admits()
    node.control.gate.clear()
    assert call_in(node, "uac_cancel", tmp_path / "sipp").ok
    assert not admitted
    node.control.gate.set()
    until(lambda: admitted, "the control plane has admitted the call")
    ended = node.until_ended(admitted[0])
    assert (ended.reason, ended.duration_ms) == (EndReason.CANCELLED, 0)
    node.until_delivered()
    assert not node.control.recordings


def test_an_outbound_call_is_placed_on_a_job(node: Node, phones: Gateway) -> None:
    call_id = node.places("+12025550101", phones)
    ended = node.until_ended(call_id, 90)
    assert ended.reason is EndReason.AGENT_HUNG_UP
    said = [t.text for t in turns(node.control.bodies(call_id)) if t.speaker == "caller"]
    assert said[0] == "yes please"
    node.until_delivered()
    numbers_without_gap(node)
    types = [b.type for b in node.control.bodies(call_id) if b.type in {"ringing", "answered", "ended"}]
    assert types == ["ringing", "answered", "ended"]
    assert node.valkey.xlen("trunkline:calls:dial") == 0


@pytest.mark.parametrize(
    ("number", "reason"),
    [("+12025550107", EndReason.BUSY), ("+12025550109", EndReason.REJECTED)],
)
def test_an_outbound_call_that_is_not_answered(
    node: Node, phones: Gateway, number: str, reason: EndReason
) -> None:
    ended = node.until_ended(node.places(number, phones))
    assert (ended.reason, ended.duration_ms) == (reason, 0)
    node.until_delivered()
    assert not node.control.recordings


def test_keys_are_heard(node: Node, phones: Gateway) -> None:
    call_id = node.places("+12025550103", phones)
    said = node.until_turns(call_id, 3)
    assert [(t.text, t.dtmf) for t in said[1:3]] == [("1", True), ("You pressed one.", False)]


def test_a_full_line_turns_callers_away_until_there_is_room(node: Node, tmp_path: Path) -> None:
    admitted = node.admits(PATIENT)
    callers = [Caller(node, tmp_path / f"{n}", timeline(500)) for n in range(4)]
    for caller in callers:
        caller.answered()
    fifth = call_in(node, "uac_unknown_number", tmp_path / "fifth")
    assert fifth.responses()[-1] in {486, 503}
    node.commands(CallCommand(call_id=admitted[0], action="hang_up"))
    node.until_ended(admitted[0])
    again = Caller(node, tmp_path / "again", timeline(500))
    again.answered()
    for call_id in admitted[1:]:
        node.commands(CallCommand(call_id=call_id, action="hang_up"))
    assert all(caller.result().ok for caller in [*callers, again])
    until(lambda: node.control.heartbeats[-1].active == 0, "no call is carried")


def test_a_single_line_takes_calls_and_places_them(
    control: ControlPlane, tmp_path: Path, phones: Gateway
) -> None:
    with running(control, tmp_path / "data", lines=1) as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        assert node.until_ended(node.places("+12025550107", phones)).reason is EndReason.BUSY
        node.commands(CallCommand(call_id=admitted[0], action="hang_up"))
        assert caller.result().ok


# --- control of live calls ----------------------------------------------------------------------


def test_a_live_call_says_what_it_is_told_and_is_hung_up(node: Node, tmp_path: Path) -> None:
    admitted = node.admits(PATIENT)
    caller = Caller(node, tmp_path / "sipp", timeline(500))
    caller.answered()
    until(lambda: admitted, "admitted")
    call_id = admitted[0]
    node.until_turns(call_id, 1)
    node.commands(CallCommand(call_id=call_id, action="say", text="One moment."))
    assert node.until_turns(call_id, 2)[1].text == "One moment."
    node.commands(CallCommand(call_id=call_id, action="transfer", target="+12025550101"))
    until(
        lambda: any(isinstance(b, Trouble) for b in node.control.bodies(call_id)),
        "what cannot be done is told",
    )
    node.valkey.flushdb()
    node.commands(CallCommand(call_id=call_id, action="hang_up", reason="enough"))
    assert caller.result().ok
    ended = node.until_ended(call_id)
    assert (ended.reason, ended.detail) == (EndReason.API_HUNG_UP, "enough")


def test_a_call_that_the_control_plane_gave_up_is_hung_up(node: Node, tmp_path: Path) -> None:
    admitted = node.admits(PATIENT)
    caller = Caller(node, tmp_path / "sipp", timeline(500))
    caller.answered()
    node.control.lost.add(admitted[0])
    assert caller.result().ok
    assert node.until_ended(admitted[0]).reason is EndReason.NODE_LOST


# --- what goes wrong ----------------------------------------------------------------------------


def test_events_of_a_call_without_control_plane_arrive_later_in_order_once(
    node: Node, tmp_path: Path
) -> None:
    admitted = node.admits()
    caller = Caller(node, tmp_path / "sipp", timeline(4500, "Yes please.", 4500, "Goodbye.", 4000))
    caller.answered()
    node.until_answered(admitted[0])
    with node.control.away():
        assert caller.result().ok
    assert node.until_ended(admitted[0]).reason is EndReason.AGENT_HUNG_UP
    node.until_delivered()
    numbers_without_gap(node)
    assert len(turns(node.control.bodies(admitted[0]))) == 5
    assert admitted[0] in node.control.recordings


def test_a_line_that_dies_loses_its_calls_in_words_and_is_replaced(node: Node, tmp_path: Path) -> None:
    admitted = node.admits(PATIENT)
    caller = Caller(node, tmp_path / "sipp", timeline(500))
    caller.answered()
    node.until_turns(admitted[0], 1)
    dead = node.line_process(0)
    dead.kill()
    assert node.until_ended(admitted[0]).reason is EndReason.NODE_LOST
    caller._sipp.stop()
    until(lambda: node.control.heartbeats[-1].capacity == 8, "the line is back")
    assert node.line_process(0).pid != dead.pid
    [line] = node.control.heartbeats[-1].sip_lines
    assert (line.address.rpartition(":")[2], line.capacity, line.life) == (str(node.sip_port), 4, "2")
    again = Caller(node, tmp_path / "again", timeline(4500, "Goodbye.", 4000))
    assert again.result().ok
    assert node.until_ended(admitted[1]).reason is EndReason.AGENT_HUNG_UP
    node.until_delivered()
    numbers_without_gap(node)


def test_a_killed_supervisor_leaves_nothing_behind_and_callers_are_hung_up(
    control: ControlPlane, tmp_path: Path
) -> None:
    with running(control, tmp_path / "data") as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        node.until_turns(admitted[0], 1)
        family = node.processes()
        assert len(family) >= 5
        node.signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(family, timeout=30)
        assert not alive
        assert caller.result().ok, "the caller got a BYE"
        node.start()
        assert node.until_ended(admitted[0]).reason is EndReason.NODE_LOST
        node.until_delivered()
        numbers_without_gap(node)
        assert admitted[0] in control.recordings
        assert Caller(node, tmp_path / "again", timeline(4500, "Goodbye.", 4000)).result().ok


def test_calls_that_died_with_the_whole_node_are_told_by_the_next(
    control: ControlPlane, tmp_path: Path
) -> None:
    with running(control, tmp_path / "data") as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        node.until_turns(admitted[0], 1)
        family = node.processes()
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=30)
        caller._sipp.stop()
        assert control.ended(admitted[0]) is None
        node.start()
        ended = node.until_ended(admitted[0])
        assert ended.reason is EndReason.NODE_LOST
        node.until_delivered()
        numbers_without_gap(node)
        assert admitted[0] in control.recordings


# --- stopping -----------------------------------------------------------------------------------


def test_draining_lets_calls_finish_and_takes_no_new_ones(
    node: Node, tmp_path: Path, phones: Gateway
) -> None:
    admitted = node.admits()
    caller = Caller(node, tmp_path / "sipp", timeline(7000, "Goodbye.", 6000))
    caller.answered()
    node.until_answered(admitted[0])
    node.signal(signal.SIGTERM)
    until(lambda: node.control.heartbeats[-1].draining, "it says that it drains")
    late = call_in(node, "uac_unknown_number", tmp_path / "late")
    assert late.responses()[-1] == 503
    assert "Retry-After: " in late.messages
    job = node.places("+12025550107", phones)
    assert caller.result().ok
    assert node.wait() == 0
    assert node.control.ended(admitted[0]).reason is EndReason.AGENT_HUNG_UP  # type: ignore[union-attr]
    assert admitted[0] in node.control.recordings
    assert job not in node.control.claims
    assert len(admitted) == 1


def test_a_drain_has_an_end(control: ControlPlane, tmp_path: Path) -> None:
    with running(control, tmp_path / "data", drain_limit_s=1) as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        node.signal(signal.SIGTERM)
        assert caller.result().ok
        assert node.wait() == 0
        ended = control.ended(admitted[0])
        assert ended is not None
        assert ended.reason is EndReason.NODE_STOPPED


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]])
def test_an_end_at_once_hangs_up_and_tells(node: Node, tmp_path: Path, signals: list[signal.Signals]) -> None:
    admitted = node.admits(PATIENT)
    caller = Caller(node, tmp_path / "sipp", timeline(500))
    caller.answered()
    node.until_answered(admitted[0])
    family = node.processes()
    for number in signals:
        node.signal(number)
        until(lambda: node.control.heartbeats[-1].draining, "it has heard that")
    assert caller.result().ok
    assert node.wait() == 0
    ended = node.control.ended(admitted[0])
    assert ended is not None
    assert ended.reason is EndReason.NODE_STOPPED
    assert not psutil.wait_procs(family, timeout=10)[1]
    assert not list(node.spool.glob("*/*.events"))


# --- not starting -------------------------------------------------------------------------------


def run_to_end(env: dict[str, str]) -> tuple[int, str]:
    """Exit code and what was said on stderr."""
    command = [sys.executable, "-m", "media_workers.runtime"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("line", [0, 1])
def test_a_busy_port_is_said_in_one_sentence(control: ControlPlane, tmp_path: Path, line: int) -> None:
    node = Node(control, tmp_path / "data")
    with socket.socket(type=socket.SOCK_DGRAM) as holder:
        port = node.sip_port + (11 if line else 0)
        holder.bind(("127.0.0.1", port))
        code, said = run_to_end(node.env)
    assert code == 1
    assert said.count("\n") == 1
    assert f":{port}" in said
    assert "SIP_PORT" in said
    node.end()


def test_two_nodes_of_one_name_do_not_run_side_by_side(node: Node) -> None:
    code, said = run_to_end(node.env)
    assert code == 1
    assert "NODE_NAME" in said
    assert "Traceback" not in said


def test_a_wrong_environment_is_said_in_one_sentence(control: ControlPlane, tmp_path: Path) -> None:
    node = Node(control, tmp_path / "data")
    code, said = run_to_end(node.env | {"NODE_TOKEN": ""})
    assert code == 2
    assert said.startswith("The media node cannot start: NODE_TOKEN: ")
    assert said.count("\n") == 1
    node.end()
