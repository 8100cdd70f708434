"""What a call carries: audio both ways without pause, keys, figures, hold, and a peer that vanishes."""

from __future__ import annotations

import select
import socket
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from tests.bench.rtp_prober import RTP_HEADER, SILENCE
from tests.bench.sip_caller import Message, SipCaller, sdp, stamped_socket
from tests.media_workers.sip.conftest import Pair
from tests.media_workers.sip.host import ANSWER, Host, loudest_hz
from tests.sip.rtp import RtpPeer, decode
from tests.sip.wait import until

LOUD = b"\x10" * 160


def talk(
    sock: socket.socket, to: tuple[str, int], packets: int, payload: bytes = LOUD, first: int = 0
) -> list[bytes]:
    """Sends so many packets at the telephone's pace; what came back meanwhile."""
    back = []
    for i in range(first, first + packets):
        sock.sendto(RTP_HEADER.pack(0x80, 0, i, i * 160, 77) + payload, to)
        ready = time.monotonic() + 0.02
        while (left := ready - time.monotonic()) > 0:
            if select.select([sock], [], [], left)[0]:
                back.append(sock.recv(2048))
    return back


def up(caller: SipCaller, offer: str) -> Message:
    answer = caller.invite(offer)
    assert answer.code == 200
    return answer


def test_each_side_hears_the_other(pair: Pair, tmp_path: Path) -> None:
    steps = [{"do": "mouth", "mouth": "800"}, *ANSWER]
    ours, theirs = pair.answered(steps, mouth="440")
    pair.us.until(lambda: len(pair.us.heard(ours, tmp_path)) > 16_000, "two seconds heard")
    assert loudest_hz(pair.us.heard(ours, tmp_path)) == pytest.approx(800, abs=3)
    assert loudest_hz(pair.them.heard(theirs, tmp_path)) == pytest.approx(440, abs=3)
    pair.hung_up(ours, theirs)


def test_what_is_heard_is_as_loud_as_what_was_said(pair: Pair, tmp_path: Path) -> None:
    ours, theirs = pair.answered(mouth="440")
    pair.them.until(lambda: len(pair.them.heard(theirs, tmp_path)) > 12_000, "audio heard")
    tail = pair.them.heard(theirs, tmp_path)[-4_000:].astype(float)
    assert np.sqrt(np.mean(tail**2)) == pytest.approx(8_000 / np.sqrt(2), rel=0.05)
    pair.hung_up(ours, theirs)


def test_rtp_never_pauses_while_nobody_speaks(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "mouth", "mouth": "nothing"}, *ANSWER])
    with SipCaller(pair.them.address, "+12025550100") as caller, RtpPeer() as peer:
        answer = up(caller, sdp(peer.port))
        peer.play(b"", answer.rtp)
        until(lambda: peer.heard.packets > 150, "three seconds of RTP")
        gaps = np.diff(peer.heard.arrivals)
        assert peer.heard.lost == 0
        assert np.median(gaps) == pytest.approx(0.020, abs=0.005)
        assert not any(decode(bytes(peer.heard.ulaw)))
        caller.bye()


def test_keys_arrive_both_ways(pair: Pair) -> None:
    ours, theirs = pair.answered()
    pair.us.do("send_dtmf", ours, "0123456789*#ABCD")
    pair.them.do("send_dtmf", theirs, "42#")
    pair.us.until(lambda: len(pair.us.all("dtmf", ours)) >= 3, "three keys")
    pair.them.until(lambda: len(pair.them.all("dtmf", theirs)) >= 16, "sixteen keys")
    pair.hung_up(ours, theirs)
    assert "".join(e["digit"] for e in pair.us.all("dtmf", ours)) == "42#"
    assert "".join(e["digit"] for e in pair.them.all("dtmf", theirs)) == "0123456789*#ABCD"


def test_keys_by_sip_info_are_heard(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=ANSWER)
    with SipCaller(pair.them.address, "+12025550100") as caller:
        up(caller, sdp(40_000))
        leg = pair.them.leg_of(caller.call_id)
        pair.them.wait("answered", leg)
        relay = "Content-Type: application/dtmf-relay"
        assert caller.ask("INFO", "Signal=5\r\nDuration=160\r\n", relay).code == 200
        assert caller.ask("INFO", "Signal=#\r\nDuration=160\r\n", relay).code == 200
        pair.them.until(lambda: len(pair.them.all("dtmf", leg)) == 2, "two keys")
        assert [e["digit"] for e in pair.them.all("dtmf", leg)] == ["5", "#"]
        caller.bye()


@pytest.mark.parametrize("digits", ["", "12x", "a", "1" * 33])
def test_what_is_no_key_is_refused(pair: Pair, digits: str) -> None:
    ours, theirs = pair.answered()
    known = len(pair.us.all("error"))
    pair.us.do("send_dtmf", ours, digits)
    assert "of 0-9, *, #, A-D" in pair.us.wait("error", after=known)["text"]
    pair.hung_up(ours, theirs)


def test_figures_are_kept_during_the_call_and_after_it(pair: Pair) -> None:
    ours, theirs = pair.answered(mouth="440")
    during = pair.us.until(
        lambda: (s := pair.us.ask("stats", leg=ours))["rx_packets"] > 50 and s, "a second of figures"
    )
    assert during["codec"] == "PCMU"
    end, their_end = pair.hung_up(ours, theirs)
    after = pair.us.ask("stats", leg=ours)
    for stats in (end["stats"], their_end["stats"]):
        assert stats["rx_packets"] >= during["rx_packets"]
        assert stats["tx_packets"] > 50
        assert stats["rx_lost"] == 0
        assert 0 <= stats["rx_jitter_ms"] < 20
    assert after["rx_packets"] == end["stats"]["rx_packets"]


def test_lost_packets_are_counted(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=ANSWER)
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        answer = up(caller, sdp(media.getsockname()[1]))
        talk(media, answer.rtp, 50)
        talk(media, answer.rtp, 50, first=60)
        caller.bye()
    end = pair.them.wait("ended", pair.them.leg_of(caller.call_id))
    assert end["stats"]["rx_lost"] == 10
    assert end["stats"]["rx_packets"] == 100


def test_audio_goes_where_it_comes_from_whatever_the_sdp_says(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "mouth", "mouth": "440"}, *ANSWER])
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        answer = up(caller, sdp(40_000, address="10.255.1.2"))
        back = talk(media, answer.rtp, 100)
        assert len(back) > 50
        caller.bye()


def test_hold_is_answered_and_audio_resumes(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "mouth", "mouth": "440"}, *ANSWER])
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        port = media.getsockname()[1]
        answer = up(caller, sdp(port))
        assert len(talk(media, answer.rtp, 60)) > 30
        for version, (direction, expected) in enumerate(
            [
                ("sendonly", "recvonly"),
                ("inactive", "inactive"),
                ("recvonly", "sendonly"),
                ("sendrecv", "sendrecv"),
            ],
            start=2,
        ):
            method = "UPDATE" if direction == "inactive" else "INVITE"
            held = caller.ask(method, sdp(port, direction=direction, version=version))
            assert held.code == 200
            assert f"a={expected}" in held.body
        assert len(talk(media, held.rtp, 100, first=200)) > 50
        caller.bye()
        end = pair.them.wait("ended", pair.them.leg_of(caller.call_id))
        assert end["stats"]["rx_packets"] > 100
        leg = pair.them.leg_of(caller.call_id)
        holds = [event["held"] for event in pair.them.all("hold") if event["leg"] == leg]
        assert holds == [True, False], "a peer that only listens has not put us on hold"


def test_a_call_that_begins_on_hold_says_so(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=ANSWER)
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        up(caller, sdp(media.getsockname()[1], direction="sendonly"))
        leg = pair.them.leg_of(caller.call_id)
        assert pair.them.wait("hold", leg)["held"] is True
        caller.bye()


def test_a_call_on_hold_sends_nothing_to_who_does_not_listen(pair: Pair) -> None:
    pair.them.ask("on_invite", steps=[{"do": "mouth", "mouth": "440"}, *ANSWER])
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        port = media.getsockname()[1]
        answer = up(caller, sdp(port))
        talk(media, answer.rtp, 30)
        assert caller.ask("INVITE", sdp(port, direction="sendonly", version=2)).code == 200
        talk(media, answer.rtp, 10, first=30)
        assert len(talk(media, answer.rtp, 50, first=40)) < 5
        caller.bye()


def test_an_answer_without_audio_sends_not_one_packet(pair: Pair, tmp_path: Path) -> None:
    silent = [{"do": "mouth", "mouth": "440"}, {"do": "answer", "options": {"send_audio": False}}]
    pair.them.ask("on_invite", steps=silent)
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as media:
        answer = up(caller, sdp(media.getsockname()[1]))
        assert "a=sendrecv" in answer.body
        assert talk(media, answer.rtp, 60) == []
        leg = pair.them.leg_of(caller.call_id)
        assert np.abs(pair.them.heard(leg, tmp_path)).max() > 1_000, "but it listens"
        caller.bye()


@pytest.mark.parametrize("mouth", ["raise", "short"])
def test_a_handler_that_fails_is_silent_and_harms_nobody(mouth: str) -> None:
    with Host([{"do": "mouth", "mouth": mouth}, *ANSWER]) as line:
        with SipCaller(line.address, "+12025550100") as caller, stamped_socket() as media:
            answer = up(caller, sdp(media.getsockname()[1]))
            back = talk(media, answer.rtp, 60)
            assert len(back) > 30
            assert {packet[RTP_HEADER.size :] for packet in back} == {SILENCE}
            caller.bye()
        line.until(lambda: line.all("ended"), "the end")
        line.until(lambda: line.ask("active")["calls"] == 0, "the line free")
        assert line.stop() == 0
        assert line.stderr.count("more of the same is not logged") <= 2


def test_a_peer_that_vanishes_ends_the_call() -> None:
    with Host(media_timeout_s=2.0) as line:
        with SipCaller(line.address, "+12025550100") as caller, stamped_socket() as media:
            answer = up(caller, sdp(media.getsockname()[1]))
            talk(media, answer.rtp, 50)
            bye = caller.wait_request("BYE", timeout_s=20)
            caller.respond(bye, 200, "OK")
        end = line.wait("ended")
        assert (end["media_lost"], end["by_peer"], end["answered"]) == (True, False, True)


def test_a_peer_on_hold_is_not_missed() -> None:
    with (
        Host(media_timeout_s=1.0) as line,
        SipCaller(line.address, "+12025550100") as caller,
        stamped_socket() as media,
    ):
        port = media.getsockname()[1]
        answer = up(caller, sdp(port))
        talk(media, answer.rtp, 20)
        assert caller.ask("INVITE", sdp(port, direction="inactive", version=2)).code == 200
        with pytest.raises(AssertionError, match="no ended"):
            line.wait("ended", timeout_s=4)
        assert caller.bye().code == 200


def test_a_peer_that_only_listens_is_not_missed() -> None:
    """Silent, but its RTCP reports say that it hears us."""
    with (
        Host(media_timeout_s=1.5) as line,
        SipCaller(line.address, "+12025550100") as caller,
        stamped_socket() as media,
    ):
        answer = up(caller, sdp(media.getsockname()[1]))
        host, port = answer.rtp
        first = talk(media, answer.rtp, 10)
        ssrc = struct.unpack("!I", first[-1][8:12])[0]
        for count in range(40):
            report = struct.pack("!BBHIIIIIII", 0x81, 201, 7, 77, ssrc, 0, 100 + count, 0, 0, 0)
            media.sendto(report, (host, port + 1))
            time.sleep(0.1)
        assert not line.all("ended")
        assert caller.bye().code == 200


def test_early_media_is_not_taken_for_the_conversation(tmp_path: Path) -> None:
    """Only what comes after the answer is handed to the handler."""
    with Host([]) as us, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gateway, RtpPeer() as media:
        gateway.bind(("127.0.0.1", 0))
        gateway.settimeout(20)
        leg = us.dial(gateway.getsockname()[1])
        data, source = gateway.recvfrom(8192)
        invite = Message(data.decode(), 0)
        media.play(LOUD * 100, invite.rtp)
        respond(gateway, source, invite, "183 Session Progress", sdp(media.port))
        assert us.wait("ringing", leg)["code"] == 183
        until(lambda: media.heard.packets > 50, "a second of early media")
        assert len(us.heard(leg, tmp_path)) == 0
        respond(gateway, source, invite, "200 OK", sdp(media.port))
        us.wait("answered", leg)
        us.until(lambda: len(us.heard(leg, tmp_path)) > 800, "audio after the answer")


def respond(sock: socket.socket, to: tuple[str, int], request: Message, status: str, body: str) -> None:
    """Answers an INVITE by hand."""
    host, port = sock.getsockname()
    lines = [f"SIP/2.0 {status}", f"Via: {request.header('Via')}", f"From: {request.header('From')}"]
    lines += [f"To: {request.header('To')};tag=gw", f"Call-ID: {request.header('Call-ID')}"]
    lines += [f"CSeq: {request.header('CSeq')}", f"Contact: <sip:gw@{host}:{port}>"]
    lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body]
    sock.sendto("\r\n".join(lines).encode(), to)


@pytest.mark.parametrize(
    ("codecs", "port", "media"),
    [("18", 0, "audio"), ("0 101", -1, "audio"), ("0 101", 0, "image")],
    ids=["a codec that we have not got", "no audio any more", "a fax"],
)
def test_an_offer_that_we_cannot_take_is_refused_and_the_call_goes_on(
    pair: Pair, codecs: str, port: int, media: str
) -> None:
    pair.them.ask("on_invite", steps=[{"do": "mouth", "mouth": "440"}, *ANSWER])
    with SipCaller(pair.them.address, "+12025550100") as caller, stamped_socket() as own:
        at = own.getsockname()[1]
        answer = up(caller, sdp(at))
        assert len(talk(own, answer.rtp, 30)) > 15
        offer = sdp(0 if port < 0 else at, codecs=codecs, version=2).replace("m=audio", f"m={media}")
        assert caller.ask("INVITE", offer).code == 488
        assert len(talk(own, answer.rtp, 40, first=30)) > 20
        assert caller.bye().code == 200
