"""A line on the wire: calls out and in, every way they can end, and what the trace keeps of them."""

from __future__ import annotations

import errno
import socket
import sys
import threading
from typing import Any

import pytest

from media_workers.sip.line import SWITCH_INTERVAL_S, prefer_this_thread
from tests.bench.sip_caller import ProbeError, SipCaller, sdp
from tests.media_workers.sip.conftest import Pair
from tests.media_workers.sip.host import ANSWER, Host, rung
from tests.sip import malformed

WHOLE_CALL = [
    "INVITE",
    "100 INVITE",
    "180 INVITE",
    "PRACK",
    "200 PRACK",
    "200 INVITE",
    "ACK",
    "BYE",
    "200 BYE",
]


def test_a_call_is_dialed_rung_answered_and_hung_up(pair: Pair) -> None:
    ours, theirs = pair.answered()
    invite = pair.them.all("invite")[-1]
    assert invite["dialed_number"] == "+12025550100"
    assert invite["caller"] == "+12025550151"
    assert (invite["source_address"], invite["source_port"]) == ("127.0.0.1", pair.us.port)
    assert invite["transport"] == "udp"
    assert [e["code"] for e in pair.us.all("ringing", ours)] == [180]
    assert pair.us.all("answered", ours)[0]["codec"] == "PCMU"
    end, their_end = pair.hung_up(ours, theirs)
    assert (end["sip_code"], end["by_peer"], end["answered"]) == (200, False, True)
    assert (their_end["sip_code"], their_end["by_peer"], their_end["answered"]) == (200, True, True)


def test_the_called_side_may_hang_up_too(pair: Pair) -> None:
    ours, theirs = pair.answered()
    pair.them.do("hang_up", theirs, "that is all")
    end, their_end = pair.ended(ours, theirs)
    assert (end["by_peer"], their_end["by_peer"]) == (True, False)
    bye = next(e for e in pair.us.all("sip", ours) if rung(e) == "< BYE")
    assert 'Reason: Q.850;cause=16;text="that is all"' in bye["text"]


def test_both_ends_keep_the_whole_ladder(pair: Pair) -> None:
    ours, theirs = pair.answered()
    pair.hung_up(ours, theirs)
    sent, received = pair.us.ladder(ours), pair.them.ladder(theirs)
    assert sorted(m[2:] for m in sent) == sorted(m[2:] for m in received) == sorted(WHOLE_CALL)
    swapped = {">": "<", "<": ">"}
    assert sorted(swapped[m[0]] + m[1:] for m in sent) == sorted(received)
    assert [m for m in sent if "PRACK" not in m] == [
        "> INVITE",
        "< 100 INVITE",
        "< 180 INVITE",
        "< 200 INVITE",
        "> ACK",
        "> BYE",
        "< 200 BYE",
    ]
    assert all(e["peer"] == f"127.0.0.1:{pair.them.port}" for e in pair.us.all("sip", ours))


def test_retransmissions_are_in_the_ladder() -> None:
    with Host([]) as us, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        leg = us.dial(silent.getsockname()[1])
        us.until(lambda: us.ladder(leg).count("> INVITE") >= 3, "two retransmissions")
        assert set(us.ladder(leg)) == {"> INVITE"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (486, "Busy Here"),
        (404, "Not Found"),
        (403, "Forbidden"),
        (480, "Temporarily Unavailable"),
        (603, "Decline"),
    ],
)
def test_a_refused_call_ends_with_the_code_and_its_words(pair: Pair, code: int, reason: str) -> None:
    ours, theirs = pair.call([{"do": "reject", "args": [code, reason]}])
    end, their_end = pair.ended(ours, theirs)
    assert (end["sip_code"], end["sip_reason"]) == (code, reason)
    assert (end["by_peer"], end["answered"], end["stats"]) == (True, False, None)
    assert (their_end["sip_code"], their_end["by_peer"]) == (code, False)
    assert pair.them.ladder(theirs) == ["< INVITE", "> 100 INVITE", f"> {code} INVITE", "< ACK"]
    assert pair.us.ladder(ours) == ["> INVITE", "< 100 INVITE", f"< {code} INVITE", "> ACK"]


def test_a_refusal_may_carry_headers(pair: Pair) -> None:
    full = {"do": "reject", "args": [503, "No Capacity", {"Retry-After": "17"}]}
    ours, theirs = pair.call([full])
    pair.ended(ours, theirs)
    answer = next(e for e in pair.us.all("sip", ours) if rung(e) == "< 503 INVITE")
    assert "Retry-After: 17" in answer["text"]


def test_a_handler_may_decide_later(pair: Pair) -> None:
    ours, theirs = pair.call([])
    pair.them.do("ring", theirs)
    pair.us.wait("ringing", ours)
    assert not pair.us.all("answered", ours)
    pair.them.do("answer", theirs)
    pair.us.wait("answered", ours)
    pair.hung_up(ours, theirs)


def test_a_handler_that_hangs_up_instead_of_answering_declines(pair: Pair) -> None:
    ours, theirs = pair.call([{"do": "ring"}, {"do": "hang_up", "args": ["not now"]}])
    end, their_end = pair.ended(ours, theirs)
    assert (end["sip_code"], end["by_peer"]) == (603, True)
    assert (their_end["sip_code"], their_end["by_peer"], their_end["answered"]) == (603, False, False)


def test_nobody_may_subscribe(pair: Pair) -> None:
    with SipCaller(pair.them.address, "+12025550100") as caller:
        answer = caller.ask(
            "SUBSCRIBE", "", "Event: presence", "Expires: 3600", "Accept: application/pidf+xml"
        )
        assert answer.code == 405


def test_a_caller_who_gives_up_while_it_rings(pair: Pair) -> None:
    ours, theirs = pair.call([{"do": "ring"}])
    pair.us.wait("ringing", ours)
    pair.us.do("hang_up", ours, "no answer")
    end, their_end = pair.ended(ours, theirs)
    assert (end["sip_code"], end["by_peer"], end["answered"]) == (487, False, False)
    assert (their_end["sip_code"], their_end["by_peer"], their_end["answered"]) == (487, True, False)
    assert "< CANCEL" in pair.them.ladder(theirs)
    assert pair.them.ladder(theirs)[-1] == "< ACK"


def test_a_hang_up_before_the_other_side_has_said_anything_does_not_wait_for_it() -> None:
    with Host([]) as us, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        leg = us.dial(silent.getsockname()[1])
        us.until(lambda: us.ladder(leg), "INVITE sent")
        us.do("hang_up", leg)
        end = us.wait("ended", leg, timeout_s=15)
        assert (end["sip_code"], end["by_peer"], end["answered"]) == (487, False, False)


def test_nobody_at_home_is_a_408_or_503_of_our_own() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()[1]
    with Host([]) as us:
        leg = us.dial(nobody, transport="tcp")
        end = us.wait("ended", leg, timeout_s=60)
        assert end["sip_code"] in (408, 502, 503)
        assert end["by_peer"] is False


def test_over_tcp(pair: Pair) -> None:
    ours, theirs = pair.answered(transport="tcp")
    assert pair.them.all("invite")[-1]["transport"] == "tcp"
    pair.hung_up(ours, theirs)
    assert {e["transport"] for e in pair.them.all("sip", theirs)} == {"tcp"}


def test_extra_headers_are_sent(pair: Pair) -> None:
    ours, theirs = pair.answered(headers=[("X-Order", "7"), ("P-Charge", "none")])
    assert pair.them.all("invite")[-1]["headers"]["x-order"] == "7"
    pair.hung_up(ours, theirs)


@pytest.mark.parametrize(
    ("field", "target"),
    [
        ("number", {"number": "1 2"}),
        ("number", {"number": "1>;evil=1"}),
        ("caller_id", {"caller_id": "a@b"}),
        ("gateways.0.host", {"gateways": [{"host": "example.test:5060>\r\nX: y"}]}),
        ("gateways", {"gateways": []}),
        ("headers", {"headers": [("X-A", "b\r\nVia: evil")]}),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(pair: Pair, field: str, target: dict[str, Any]) -> None:
    known = len(pair.us.all("error"))
    given = {"number": "+12025550100", "caller_id": "+12025550151", "gateways": [{"host": "127.0.0.1"}]}
    headers = target.pop("headers", [])
    pair.us.send({"do": "dial", "target": {**given, **target}, "headers": headers})
    error = pair.us.wait("error", after=known)
    assert error["kind"] == "ValueError"
    assert error["text"].startswith(f"{field}: ")


def test_no_common_codec_is_a_488_and_nobody_is_bothered(pair: Pair) -> None:
    known = len(pair.them.all("invite"))
    with SipCaller(pair.them.address, "+12025550100") as caller:
        assert caller.invite(sdp(40_000, codecs="18 9 3")).code == 488
    assert len(pair.them.all("invite")) == known


def test_an_alaw_caller_gets_alaw(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=ANSWER)
    with SipCaller(pair.them.address, "+12025550100") as caller:
        answer = caller.invite(sdp(40_000, codecs="8 101"))
        assert answer.code == 200
        assert "RTP/AVP 8 101" in answer.body
        caller.bye()


def test_only_g711_and_telephone_events_are_offered(pair: Pair) -> None:
    ours, theirs = pair.answered()
    offer = next(e for e in pair.us.all("sip", ours) if rung(e) == "> INVITE")["text"]
    media = next(line for line in offer.split("\r\n") if line.startswith("m=audio"))
    assert len(media.split()) == 6
    assert media.split()[3:5] == ["0", "8"]
    assert "telephone-event/8000" in offer
    assert "a=ptime:20" in offer
    pair.hung_up(ours, theirs)


def test_malformed_sip_is_dropped_or_refused_and_the_line_lives() -> None:
    with Host([]) as line:
        malformed.send(malformed.messages(line.address), line.address)
        assert malformed.answers_options(line.address)
        assert line.process.poll() is None
    assert "Traceback" not in line.stderr
    assert "Max-Forwards" not in line.stderr, "messages do not belong into the log"


def test_garbage_over_tcp_is_survived(pair: Pair) -> None:
    for junk in (
        b"\x00" * 3_000,
        b"INVITE sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
        b"\r\n" * 2_000,
    ):
        with socket.create_connection(pair.them.address, 5) as connection:
            connection.sendall(junk)
    pair.hung_up(*pair.answered(transport="tcp"))


def test_an_invite_without_sdp_is_answered_with_our_offer(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "answer"}])
    with SipCaller(pair.them.address, "+12025550100") as caller:
        caller.send_invite("")
        answer = caller.wait_final("INVITE")
        assert answer.code == 200
        assert answer.rtp[0] == "127.0.0.1"
        caller.acknowledge(answer, sdp(40_000))
        pair.them.wait("answered", pair.them.leg_of(caller.call_id))
        assert caller.bye().code == 200


def test_a_full_line_says_when_to_come_back_and_takes_calls_again() -> None:
    with Host() as line:
        assert line.capacity == 4
        callers = [SipCaller(line.address, "+12025550100") for _ in range(6)]
        codes = [caller.invite(sdp(40_000 + 2 * i)).code for i, caller in enumerate(callers)]
        assert codes == [200, 200, 200, 200, 503, 503]
        assert line.ask("active")["calls"] == 4
        callers[0].bye()
        line.until(lambda: line.ask("active")["calls"] == 3, "a free slot")
        with SipCaller(line.address, "+12025550100") as again:
            assert again.invite(sdp(40_100)).code == 200
        for caller in callers:
            caller.close()


def test_the_fifth_call_out_of_a_full_line_fails_and_says_so() -> None:
    with Host([]) as us, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        legs = [us.dial(silent.getsockname()[1]) for _ in range(5)]
        end = us.wait("ended", legs[4])
        assert (end["sip_code"], end["by_peer"]) == (503, False)
        assert "many" in end["sip_reason"].lower()
        assert us.ask("active")["calls"] == 4


def test_sixty_calls_one_after_the_other_through_four_pairs_of_ports() -> None:
    with Host(rtp_ports=[29_000, 29_007]) as us, Host(rtp_ports=[29_010, 29_017]) as them:
        pair = Pair(us, them)
        for _ in range(60):
            end, _ = pair.hung_up(*pair.answered())
            assert end["sip_code"] == 200
        assert us.ask("active")["calls"] == 0


def test_a_burst_of_calls_and_connections_does_not_end_the_process() -> None:
    with Host() as line:
        for _ in range(60):
            with SipCaller(line.address, "+12025550100") as caller:
                assert caller.invite(sdp(40_000), timeout_s=20).code == 200
                caller.bye()
        opened = 0
        for _ in range(100):
            try:
                socket.create_connection(line.address, 5).close()
                opened += 1
            except OSError:
                continue
        assert opened > 64
        with SipCaller(line.address, "+12025550100") as caller:
            assert caller.invite(sdp(40_000), timeout_s=20).code == 200
            caller.bye()
        assert line.stop() == 0


def test_a_busy_port_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        line = Host(port=port)
        refused = line.wait("refused")
        line.stop()
    assert refused["errno"] == errno.EADDRINUSE
    assert f"udp on 127.0.0.1:{port}" in refused["text"]


def test_a_busy_tcp_port_is_named_too() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = Host(port=port)
        refused = line.wait("refused")
        line.stop()
    assert f"tcp on 127.0.0.1:{port}" in refused["text"]


def test_a_handler_that_cannot_take_the_call_answers_500_and_the_line_lives(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "mouth", "mouth": "refuse"}])
    ours = pair.us.dial(pair.them.port)
    assert pair.us.wait("ended", ours)["sip_code"] == 500
    pair.hung_up(*pair.answered())


def test_a_stop_says_goodbye_to_every_call() -> None:
    with Host() as us, Host() as them:
        pair = Pair(us, them)
        legs = [pair.answered() for _ in range(3)]
        assert them.stop() == 0
        for ours, theirs in legs:
            assert us.wait("ended", ours)["by_peer"] is True
            assert them.all("ended", theirs)[0]["answered"] is True
        assert them.events[-1]["event"] == "stopped"


def test_a_stop_with_a_call_that_never_answers_takes_no_longer_than_promised() -> None:
    with Host([]) as us, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        leg = us.dial(silent.getsockname()[1])
        us.until(lambda: us.ladder(leg), "INVITE sent")
        assert us.stop(timeout_s=10) == 0
        assert us.all("ended", leg)[0]["answered"] is False


def test_the_public_address_is_written_and_never_guessed() -> None:
    with Host(public_address="203.0.113.7") as us, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(20)
        us.dial(peer.getsockname()[1])
        invite = peer.recv(4096).decode()
        head, _, body = invite.partition("\r\n\r\n")
        contact = next(line for line in head.split("\r\n") if line.startswith("Contact"))
        via = next(line for line in head.split("\r\n") if line.startswith("Via"))
        assert f"203.0.113.7:{us.port}" in contact
        assert f"203.0.113.7:{us.port}" in via
        assert "c=IN IP4 203.0.113.7" in body
        assert "127.0.0.1" not in body


def test_nobody_makes_us_call_a_third_party(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=ANSWER)
    with SipCaller(pair.them.address, "+12025550100") as caller, socket.socket() as victim:
        victim.bind(("127.0.0.1", 0))
        assert caller.invite(sdp(40_000)).code == 200
        target = f"Refer-To: <sip:+12025550188@127.0.0.1:{victim.getsockname()[1]}>"
        before = pair.them.ask("active")["calls"]
        assert caller.ask("REFER", "", target).code >= 400
        assert pair.them.ask("active")["calls"] == before
        caller.bye()


def test_a_redirect_ends_the_attempt(pair: Pair) -> None:
    elsewhere = {"Contact": "<sip:+12025550188@127.0.0.1:9>"}
    ours, theirs = pair.call([{"do": "reject", "args": [302, "Moved", elsewhere]}])
    end, _ = pair.ended(ours, theirs)
    assert end["sip_code"] == 302


def test_session_timers_are_honoured(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=ANSWER)
    with SipCaller(pair.them.address, "+12025550100") as caller:
        timers = ("Supported: timer", "Session-Expires: 120;refresher=uac")
        answer = caller.invite(sdp(40_000), *timers)
        assert answer.code == 200
        assert answer.header("Session-Expires").startswith("120")
        assert caller.ask("UPDATE", "", *timers).code == 200
        assert caller.ask("INVITE", sdp(40_000, version=2), *timers).code == 200
        caller.bye()


def test_a_session_expiry_that_is_too_short_is_answered_422(pair: Pair) -> None:
    with SipCaller(pair.them.address, "+12025550100") as caller:
        answer = caller.invite(sdp(40_000), "Supported: timer", "Session-Expires: 10;refresher=uac")
        assert answer.code == 422
        assert int(answer.header("Min-SE")) >= 90


def test_the_clock_never_waits_long_for_python() -> None:
    before = sys.getswitchinterval()
    try:
        thread = threading.Thread(target=prefer_this_thread)
        thread.start()
        thread.join()
        assert sys.getswitchinterval() <= SWITCH_INTERVAL_S
    finally:
        sys.setswitchinterval(before)


def test_options_are_answered(pair: Pair) -> None:
    assert malformed.answers_options(pair.us.address)


def test_an_unanswered_200_is_repeated_until_its_ack(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "answer"}])
    with SipCaller(pair.them.address, "+12025550100") as caller:
        caller.send_invite(sdp(40_000))
        first = caller.wait_final("INVITE")
        again = caller.wait_final("INVITE")
        assert again.text == first.text
        assert not pair.them.all("answered", pair.them.leg_of(caller.call_id))
        caller.acknowledge(again)
        pair.them.wait("answered", pair.them.leg_of(caller.call_id))
        caller.bye()
        with pytest.raises(ProbeError):
            caller.wait(0.7)
