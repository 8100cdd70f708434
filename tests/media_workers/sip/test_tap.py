"""RTP and RTCP of a real call, seen as they pass pjsip's sockets."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest

from tests.bench.sip_caller import SipCaller, sdp, stamped_socket
from tests.media_workers.sip.conftest import Pair
from tests.media_workers.sip.host import ANSWER, Event
from tests.media_workers.sip.test_leg import LOUD, talk

CAPTURED: list[dict[str, Any]] = [{"do": "mouth", "mouth": "captured"}, *ANSWER]


def packets(pair: Pair, leg: int) -> list[Event]:
    return pair.them.all("packet", leg)


def up(pair: Pair, caller: SipCaller, port: int, steps: list[dict[str, Any]]) -> tuple[Any, int]:
    pair.them.ask("on_invite", steps=steps)
    answer = caller.invite(sdp(port))
    assert answer.code == 200
    return answer, int(pair.them.leg_of(caller.call_id))


def test_packets_of_both_directions_with_their_addresses(pair: Pair) -> None:
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        answer, leg = up(pair, caller, media.getsockname()[1], CAPTURED)
        here, there = list(answer.rtp), list(media.getsockname())
        back = talk(media, answer.rtp, 60)
        caller.bye()
        pair.them.wait("ended", leg)
    rtp = [e for e in packets(pair, leg) if here in (e["source"], e["target"])]
    received = [bytes.fromhex(e["data"]) for e in rtp if e["source"] == there]
    sent = [bytes.fromhex(e["data"]) for e in rtp if e["target"] == there]
    assert len(received) == 60
    assert [struct.unpack_from("!H", data, 2)[0] for data in received] == list(range(60))
    assert received[0][12:] == LOUD
    assert set(back) <= set(sent)
    assert len(back) > 30


def test_rtcp_is_among_them(pair: Pair) -> None:
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        answer, leg = up(pair, caller, media.getsockname()[1], CAPTURED)
        report = struct.pack("!BBHI", 0x80, 201, 1, 77)
        media.sendto(report, (answer.rtp[0], answer.rtp[1] + 1))
        pair.them.until(lambda: any(e["data"] == report.hex() for e in packets(pair, leg)), "RTCP seen")
        caller.bye()
        pair.them.wait("ended", leg)


def test_a_call_that_is_not_captured_leaves_no_packet(pair: Pair) -> None:
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        answer, leg = up(pair, caller, media.getsockname()[1], ANSWER)
        assert len(talk(media, answer.rtp, 20)) > 5
        caller.bye()
        pair.them.wait("ended", leg)
    assert packets(pair, leg) == []


def test_a_new_stream_of_the_call_is_captured_too(pair: Pair) -> None:
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        port = media.getsockname()[1]
        answer, leg = up(pair, caller, port, CAPTURED)
        talk(media, answer.rtp, 10)
        assert caller.ask("INVITE", sdp(port, direction="inactive", version=2)).code == 200
        again = caller.ask("INVITE", sdp(port, version=3))
        talk(media, again.rtp, 10, first=100)
        caller.bye()
        pair.them.wait("ended", leg)
    numbers = {
        struct.unpack_from("!H", bytes.fromhex(e["data"]), 2)[0]
        for e in packets(pair, leg)
        if e["source"][1] == port
    }
    assert {0, 9, 100, 109} <= numbers


@pytest.mark.parametrize("heard", [False, True])
def test_a_peer_that_reports_whether_it_hears_us(pair: Pair, heard: bool) -> None:
    block = struct.pack("!IIIIII", 9, 0, 4711, 0, 0, 0) if heard else b""
    report = struct.pack("!BBHI", 0x80 | heard, 201, 1 + 6 * heard, 77) + block
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        answer, leg = up(pair, caller, media.getsockname()[1], ANSWER)
        talk(media, answer.rtp, 10)
        reports = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with reports:
            for _ in range(3):
                reports.sendto(report, (answer.rtp[0], answer.rtp[1] + 1))
                talk(media, answer.rtp, 60)
        caller.bye()
        end = pair.them.wait("ended", leg)
    assert end["stats"]["one_way"] == ("" if heard else "they_hear_nothing")


def test_a_call_without_a_single_packet(pair: Pair) -> None:
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        _, leg = up(pair, caller, media.getsockname()[1], ANSWER)
        reading = pair.them.wait("reading", leg)
        assert (reading["one_way"], reading["rx_packets"]) == ("we_hear_nothing", 0)
        caller.bye()
        assert pair.them.wait("ended", leg)["stats"]["one_way"] == "we_hear_nothing"
