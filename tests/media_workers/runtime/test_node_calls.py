"""Calls of a node on real wires: SIPp calls in, sandbox phones are called."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from media_workers.contract.calls import CallCommand, Gateway, InboundAnswer, Rejection
from media_workers.contract.events import EndReason, LegInfo, MediaStats, SipMessage, Trouble
from media_workers.contract.pcap import read_packets
from tests.fakes.control_plane import ControlPlane
from tests.media_workers.runtime.callers import CALLED, PATIENT, Caller, call_in, numbers_without_gap
from tests.media_workers.runtime.node import Node, running, turns
from tests.sip import sipp
from tests.sip.speech import timeline
from tests.sip.wait import until

REFUSED = UUID(int=7)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node for all of these calls: a start costs seconds."""
    with ControlPlane() as control, running(control, tmp_path_factory.mktemp("node") / "data") as node:
        yield node


@pytest.fixture
def node(shared: Node) -> Iterator[Node]:
    yield shared
    shared.clear()


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
    node.commands(CallCommand(call_id=call_id, action="whisper", text="Be brief."))
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
