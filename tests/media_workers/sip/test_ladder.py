"""What a real line tells of its messages and of how its legs were set up."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from tests.bench.sip_caller import SipCaller, sdp, stamped_socket
from tests.media_workers.sip.conftest import Pair
from tests.media_workers.sip.host import Event, rung


def test_how_a_leg_was_set_up_as_both_sides_see_it(pair: Pair) -> None:
    ours, theirs = pair.answered()
    out, came_in = pair.us.wait("leg", ours), pair.them.wait("leg", theirs)
    pair.hung_up(ours, theirs)
    assert (out["direction"], came_in["direction"]) == ("out", "in")
    assert out["gateway"] == f"127.0.0.1:{pair.them.port}/udp"
    assert came_in["gateway"] == f"127.0.0.1:{pair.us.port}/udp"
    for leg in (out, came_in):
        assert (leg["codec"], leg["ptime_ms"], leg["transport"], leg["srtp"]) == ("PCMU", 20, "udp", False)
        assert leg["remote_media"].startswith("127.0.0.1:")
    assert came_in["remote_agent"] == "Trunkline"
    assert 0 <= out["pdd_ms"] <= out["setup_ms"]
    assert (came_in["pdd_ms"], came_in["setup_ms"] >= 0) == (None, True)


def test_a_leg_that_was_refused_is_told_of_too(pair: Pair) -> None:
    ours, _ = pair.call([{"do": "reject", "args": [486, "Busy Here"]}])
    leg = pair.us.wait("leg", ours)
    pair.us.wait("ended", ours)
    assert (leg["gateway"], leg["codec"]) == (f"127.0.0.1:{pair.them.port}/udp", "")
    assert (leg["pdd_ms"], leg["setup_ms"]) == (None, None)


@pytest.mark.parametrize("srtp", ["optional", "required"])
def test_encrypted_audio_is_told(pair: Pair, srtp: str) -> None:
    steps = [{"do": "ring"}, {"do": "answer", "options": {"policy": {"srtp": "optional"}}}]
    ours, theirs = pair.answered(steps, leg={"srtp": srtp})
    assert pair.us.wait("leg", ours)["srtp"] is True
    assert pair.them.wait("leg", theirs)["srtp"] is True
    pair.hung_up(ours, theirs)


def messages(pair: Pair, leg: int, wanted: str) -> list[Event]:
    return [event for event in pair.them.all("sip", leg) if rung(event) == wanted]


def test_a_message_that_comes_again_is_marked(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "ring"}])
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        caller.send_invite(sdp(media.getsockname()[1]))
        leg = int(pair.them.leg_of(caller.call_id))
        first = pair.them.until(lambda: messages(pair, leg, "< INVITE"), "the INVITE")[0]
        caller.sock.send(first["text"].encode())
        pair.them.until(lambda: len(messages(pair, leg, "< INVITE")) == 2, "the INVITE again")
        assert [m["retransmission"] for m in messages(pair, leg, "< INVITE")] == [False, True]
        ringing = pair.them.until(
            lambda: (m := messages(pair, leg, "> 180 INVITE"))[1:] and m, "the answer again"
        )
        assert [m["retransmission"] for m in ringing] == [False, True]
        pair.them.do("reject", leg, 486, "Busy Here")


def test_both_ends_and_the_time_of_a_message_over_a_connection(pair: Pair) -> None:
    before = datetime.now(UTC).isoformat()
    ours, theirs = pair.answered(transport="tcp")
    pair.hung_up(ours, theirs)
    sent, received = pair.us.all("sip", ours), pair.them.all("sip", theirs)
    assert {(m["local"], m["peer"]) for m in sent} == {(m["peer"], m["local"]) for m in received}
    assert {m["peer"] for m in sent} == {f"127.0.0.1:{pair.them.port}"}
    times = [m["at"] for m in sent]
    assert times == sorted(times)
    assert before <= times[0] <= datetime.now(UTC).isoformat()


def test_a_message_longer_than_what_is_kept_says_so(pair: Pair) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(30)

        def invite(length: int) -> tuple[str, Event]:
            leg = pair.us.dial(silent.getsockname()[1], headers=[("X-Long", "a" * length)])
            told = pair.us.wait("sip", leg)
            pair.us.do("hang_up", leg)
            while told["text"][:3_000] not in (wire := silent.recv(65_535).decode()):
                pass  # the last call's INVITE, sent again
            return wire, told

        wire, told = invite(1_000)
        assert (told["text"], told["cut"]) == (wire, False)
        # pjsip sends up to 4000 bytes, and its log has as many for the message and a line before it.
        wire, told = invite(1_000 + 3_970 - len(wire))
        assert told["cut"] is True
        assert wire.startswith(told["text"])
        assert 3_800 < len(told["text"]) < len(wire)
