"""A call's audio goes to its peer: latched once, locked, and moved only by the peer's own SDP.

All calls of this module run at the same time on one line; each test looks at one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bench.sip_caller import SipCaller, sdp
from tests.media_workers.sip.host import ANSWER, Host, loudest_hz
from tests.sip.rtp_wire import PCMU, Wire, numbered, tone
from tests.sip.sipp_call import SippCall, call, connected_to
from tests.sip.wait import until

OURS_HZ, THEIRS_HZ, STRANGER_HZ = 440, 600, 1_000
TAKEN_OVER = "+12025550121"
SPEAKS = [{"do": "mouth", "mouth": str(OURS_HZ)}, *ANSWER]


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host(SPEAKS) as line:
        yield line


class Caller:
    """A SIPp call with its audio sockets."""

    def __init__(self, line: Host, scenario: str, work: Path, wire: Wire, **keys: Any) -> None:
        self.wire = wire
        self.call: SippCall = call(line, scenario, work, audio_port=wire.port, **keys)

    def speak(self, wire: Wire | None = None, packets: int = 1_500) -> None:
        (wire or self.wire).play(numbered(tone(THEIRS_HZ, packets)), self.call.rtp)

    def hears(self, packets: int, wire: Wire | None = None) -> None:
        """Waits for so many more packets."""
        wire = wire or self.wire
        known = len(wire.received)
        until(lambda: len(wire.received) >= known + packets, f"{packets} more packets")


def heard_hz(line: Host, leg: int, folder: Path) -> float:
    """The strongest frequency of the last second that the line has heard."""
    return loudest_hz(line.heard(leg, folder)[-16_000:])


def test_a_stranger_cannot_steal_the_stream(line: Host, tmp_path: Path) -> None:
    with Wire() as wire, Wire("127.0.0.2") as stranger:
        caller = Caller(line, "uac_media_elsewhere_until_bye", tmp_path / "sipp", wire)
        caller.speak()
        caller.hears(20)
        before = wire.received[-1].seq
        burst = numbered(tone(STRANGER_HZ, 8_000))
        stranger.play(burst, caller.call.rtp, at_once=40)
        until(lambda: (wire.received[-1].seq - before) & 0xFFFF > 200, "200 packets of the line's audio")
        kept = {(p.seq - before) & 0xFFFF for p in list(wire.received)} & set(range(1, 201))
        assert len(kept) == 200
        assert stranger.received == []
        assert heard_hz(line, caller.call.leg, tmp_path) == pytest.approx(THEIRS_HZ, abs=3)
        assert connected_to(line, caller.call.rtp[1]) == ("127.0.0.1", wire.port)
        caller.call.hang_up()


def test_reports_are_taken_from_the_same_peer_only(line: Host, tmp_path: Path) -> None:
    with Wire() as wire, Wire() as reports, Wire("127.0.0.2") as stranger:
        caller = Caller(line, "uac_media_elsewhere_until_bye", tmp_path / "sipp", wire)
        caller.speak()
        caller.hears(10)
        ssrc = wire.received[0].ssrc
        for _ in range(3):
            stranger.report(caller.call.rtcp, ssrc)

        def locked() -> bool:
            reports.report(caller.call.rtcp, ssrc)
            return connected_to(line, caller.call.rtcp[1]) is not None

        until(locked, "RTCP locked", every_s=0.2)
        assert connected_to(line, caller.call.rtcp[1]) == ("127.0.0.1", reports.port)
        caller.call.hang_up()


@pytest.mark.parametrize("scenario", ["uac_media_moves", "uac_media_moves_by_update"])
def test_a_stream_that_the_peer_moves_is_followed_and_locked_again(
    line: Host, tmp_path: Path, scenario: str
) -> None:
    with Wire() as wire, Wire("127.0.0.3") as moved, Wire("127.0.0.2") as stranger:
        keys = {"audio_port_2": moved.port, "audio_ip_2": "127.0.0.3"}
        caller = Caller(line, scenario, tmp_path / "sipp", wire, **keys)
        speaking = wire.play(numbered(tone(THEIRS_HZ, 60)), caller.call.rtp)
        caller.hears(20)
        assert connected_to(line, caller.call.rtp[1]) == ("127.0.0.1", wire.port)
        speaking.join()
        caller.call.until_ladder_has(*(("> 200 UPDATE", 1) if "update" in scenario else ("> 200 INVITE", 2)))
        caller.speak(moved)
        until(lambda: len(moved.received) > 20, "audio at the new place")
        until(lambda: connected_to(line, caller.call.rtp[1]) == ("127.0.0.3", moved.port), "locked again")
        stranger.play(numbered(tone(STRANGER_HZ, 2_000)), caller.call.rtp, at_once=40)
        caller.hears(60, moved)
        assert stranger.received == []
        assert heard_hz(line, caller.call.leg, tmp_path) == pytest.approx(THEIRS_HZ, abs=3)
        caller.call.hang_up()


def test_audio_goes_to_where_it_comes_from_when_the_sdp_names_a_private_address(
    line: Host, tmp_path: Path
) -> None:
    with Wire() as wire:
        caller = Caller(line, "uac_private_sdp", tmp_path / "sipp", wire)
        caller.speak()
        caller.hears(60)
        sound = wire.audio(PCMU)
        assert loudest_hz(sound) == pytest.approx(OURS_HZ, abs=3)
        caller.call.hang_up()


def test_the_first_packet_is_enough_to_be_heard(line: Host, tmp_path: Path) -> None:
    """Behind a NAT everything that is sent before the latch is lost: no greeting may be."""
    with Wire() as wire:
        caller = Caller(line, "uac_private_sdp", tmp_path / "sipp", wire)
        wire.play(numbered(tone(THEIRS_HZ, 1)), caller.call.rtp)
        caller.hears(30)
        sequence = np.diff([p.seq for p in list(wire.received)])
        assert set(sequence) == {1}
        caller.call.hang_up()


def test_a_lone_stray_packet_does_not_keep_the_peer_out(line: Host, tmp_path: Path) -> None:
    with Wire() as wire, Wire("127.0.0.2") as stranger:
        caller = Caller(line, "uac_media_elsewhere_until_bye", tmp_path / "sipp", wire)
        stranger.play(numbered(tone(STRANGER_HZ, 1)), caller.call.rtp)
        until(lambda: stranger.received, "the latch to the stranger")
        caller.speak()
        caller.hears(60)
        until(lambda: connected_to(line, caller.call.rtp[1]) == ("127.0.0.1", wire.port), "the right lock")
        caller.call.hang_up()


def test_a_peer_that_cannot_be_reached_for_a_while_does_not_end_its_audio(line: Host, tmp_path: Path) -> None:
    """A connected socket is told of ICMP errors: they must not stop pjsip from reading it."""
    with Wire() as wire:
        caller = Caller(line, "uac_media_elsewhere_until_bye", tmp_path / "sipp", wire)
        caller.speak(packets=20)
        caller.hears(20)
    line.until(lambda: line.ask("stats", leg=caller.call.leg)["tx_packets"] > 60, "packets to nobody")
    with Wire(port=wire.port) as back:
        caller.speak(back)
        caller.hears(60, back)
        assert heard_hz(line, caller.call.leg, tmp_path) == pytest.approx(THEIRS_HZ, abs=3)
        caller.call.hang_up()


def test_a_call_that_another_takes_over_is_locked_to_him(line: Host, tmp_path: Path) -> None:
    """RFC 3891: the leg goes on in another dialog, whose sockets are its own."""
    line.ask("on_invite", number=TAKEN_OVER, steps=[{"do": "allow", "what": "replace"}, *SPEAKS])
    with (
        Wire() as first,
        Wire() as second,
        SipCaller(line.address, TAKEN_OVER) as caller,
        SipCaller(line.address, TAKEN_OVER) as other,
    ):
        answer = caller.invite(sdp(first.port))
        leg = line.leg_of(caller.call_id)
        first.play(numbered(tone(THEIRS_HZ, 500)), answer.rtp)
        locked = ("127.0.0.1", first.port)
        until(lambda: connected_to(line, answer.rtp[1]) == locked, "locked to the first")
        ours, theirs = (tag.partition("tag=")[2] for tag in (caller.callee, caller.caller))
        replaces = f"Replaces: {caller.call_id};to-tag={ours};from-tag={theirs}"
        taken = other.invite(sdp(second.port), replaces)
        assert taken.code == 200
        second.play(numbered(tone(800, 500)), taken.rtp)
        until(lambda: connected_to(line, taken.rtp[1]) == ("127.0.0.1", second.port), "locked to the second")
        until(lambda: heard_hz(line, leg, tmp_path) == pytest.approx(800, abs=3), "the second")
        assert other.bye().code == 200
        line.wait("ended", leg)
