"""SIP over TCP: messages have no edges there, and connections come and go during a call."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.bench.sip_caller import sdp
from tests.media_workers.sip.host import ANSWER, Host
from tests.sip.raw import RawPeer
from tests.sip.stream import StreamCaller

pytestmark = pytest.mark.journey

NUMBER = "+12025550100"


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host(ANSWER) as line:
        yield line


@pytest.fixture
def caller(line: Host) -> Iterator[StreamCaller]:
    with StreamCaller(line.address, NUMBER) as caller:
        yield caller


def up(line: Host, caller: StreamCaller) -> int:
    caller.call(sdp(40_000))
    leg = line.leg_of(caller.call_id)
    line.wait("answered", leg)
    return leg


def test_several_messages_in_one_segment_are_all_read(line: Host, caller: StreamCaller) -> None:
    asked = [caller.make("OPTIONS", n, call_id=f"o{n}{caller.call_id}") for n in (1, 2, 3)]
    caller.send(b"".join(asked))
    answered = {caller.wait("OPTIONS", code=200).header("Call-ID") for _ in asked}
    assert answered == {f"o{n}{caller.call_id}" for n in (1, 2, 3)}


def test_a_message_may_come_in_pieces(line: Host, caller: StreamCaller) -> None:
    invite = caller.make("INVITE", 1, sdp(40_000))
    cuts = [
        0,
        7,
        40,
        invite.index(b"Call-ID") + 4,
        invite.index(b"\r\n\r\n") + 2,
        len(invite) - 9,
        len(invite),
    ]
    caller.send(*(invite[start:end] for start, end in itertools.pairwise(cuts)))
    caller.callee = caller.wait("INVITE", code=200).header("To")
    caller.send(caller.make("ACK", 1) + caller.make("BYE", 2)[:25], caller.make("BYE", 2)[25:])
    caller.wait("BYE", code=200)
    assert line.wait("ended", line.leg_of(caller.call_id))["sip_code"] == 200


def test_the_end_of_one_and_the_start_of_the_next_may_share_a_segment(
    line: Host, caller: StreamCaller
) -> None:
    first = caller.make("INVITE", 1, sdp(40_000))
    second = caller.make("OPTIONS", 1, call_id="next" + caller.call_id)
    caller.send(first[:-30], first[-30:] + second[:50], second[50:])
    caller.callee = caller.wait("INVITE", code=200).header("To")
    caller.send(caller.make("ACK", 1))
    caller.send(caller.make("BYE", 2))
    caller.wait("BYE", code=200)
    line.wait("ended", line.leg_of(caller.call_id))


def test_keep_alives_are_answered_and_disturb_nothing(line: Host, caller: StreamCaller) -> None:
    """CRLF CRLF is answered with CRLF (RFC 5626, 4.4.1); alone it is nothing."""
    leg = up(line, caller)
    caller.send(b"\r\n\r\n")
    caller.send(b"\r\n\r\n" + caller.make("OPTIONS", 2) + b"\r\n")
    caller.wait("OPTIONS", code=200)
    caller.send(caller.make("BYE", 3))
    caller.wait("BYE", code=200)
    assert line.wait("ended", leg)["sip_code"] == 200


def test_a_connection_that_closes_in_a_call_is_no_end_of_it(line: Host, caller: StreamCaller) -> None:
    leg = up(line, caller)
    caller.connection.close()
    caller.connect()
    caller.send(caller.make("BYE", 2))
    caller.wait("BYE", code=200)
    end = line.wait("ended", leg)
    assert (end["sip_code"], end["by_peer"], end["answered"]) == (200, True, True)


def test_our_bye_opens_a_connection_to_the_contact_when_the_first_is_gone(
    line: Host, caller: StreamCaller
) -> None:
    leg = up(line, caller)
    caller.connection.close()
    assert not line.all("ended", leg)
    line.do("hang_up", leg, "that is all")
    caller.accept()
    caller.answer(caller.wait("BYE"), "200 OK")
    end = line.wait("ended", leg)
    assert (end["sip_code"], end["by_peer"], end["answered"]) == (200, False, True)


def test_a_call_whose_peer_cannot_be_reached_any_more_ends_all_the_same(
    line: Host, caller: StreamCaller
) -> None:
    leg = up(line, caller)
    caller.close()
    line.do("hang_up", leg, "that is all")
    assert line.wait("ended", leg)["answered"] is True
    line.until(lambda: line.ask("active")["calls"] == 0, "the slot free")


def test_octets_that_are_no_sip_do_not_reach_other_connections(line: Host, caller: StreamCaller) -> None:
    leg = up(line, caller)
    with StreamCaller(line.address, NUMBER) as other:
        other.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(range(256)) * 40)
    caller.send(caller.make("BYE", 2))
    caller.wait("BYE", code=200)
    assert line.wait("ended", leg)["sip_code"] == 200


def test_a_call_by_udp_may_go_on_by_tcp_when_its_contact_says_so(line: Host, caller: StreamCaller) -> None:
    with RawPeer() as peer:
        leg = line.dial(peer.port)
        contact = f"sip:b@127.0.0.1:{caller.port};transport=tcp"
        peer.respond(peer.called(), "200 OK", sdp(40_000), contact=contact)
        caller.accept()
        caller.wait("ACK")
        line.wait("answered", leg)
        line.do("hang_up", leg, "done")
        caller.answer(caller.wait("BYE"), "200 OK")
        assert line.wait("ended", leg)["answered"] is True
