"""What crosses, comes twice or never comes: CANCEL, retransmissions, lost ACKs, requests that collide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.sip_caller import ProbeError, SipCaller, sdp
from tests.media_workers.sip.host import ANSWER, Host
from tests.sip.raw import RawPeer

pytestmark = pytest.mark.journey

RINGS = "+12025550130"
NUMBER = "+12025550100"
HASTY = {"t1": 25, "t2": 200, "t4": 250, "td": 1_600}
"""SIP's timers twenty times as fast: what takes 32 s takes 1.6 s."""


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host(ANSWER, environment={"PJSIP_CLOCK": "1"}) as line:
        line.ask("on_invite", number=RINGS, steps=[{"do": "ring"}])
        yield line


@pytest.fixture(scope="module")
def hasty() -> Iterator[Host]:
    with Host(ANSWER) as line:
        line.ask("timers", **HASTY)
        yield line


@pytest.fixture
def peer() -> Iterator[RawPeer]:
    with RawPeer() as peer:
        yield peer


def up(line: Host, peer: RawPeer, *headers: str) -> int:
    """The line has called the peer, who has answered."""
    leg = line.dial(peer.port)
    peer.respond(peer.called(), "200 OK", sdp(40_000), *headers)
    peer.wait("ACK")
    line.wait("answered", leg)
    return leg


def over(line: Host, peer: RawPeer, leg: int) -> None:
    line.do("hang_up", leg, "done")
    peer.respond(peer.wait("BYE"), "200 OK")
    assert line.wait("ended", leg)["answered"] is True


# --- CANCEL ---------------------------------------------------------------------------------------


def test_a_200_that_crosses_our_cancel_is_acknowledged_and_ended_by_bye(line: Host, peer: RawPeer) -> None:
    leg = line.dial(peer.port)
    peer.respond(peer.called(), "180 Ringing")
    line.wait("ringing", leg)
    line.do("hang_up", leg, "changed our mind")
    cancel = peer.wait("CANCEL")
    peer.respond(peer.invite, "200 OK", sdp(40_000))
    peer.respond(cancel, "200 OK")
    peer.wait("ACK")
    peer.respond(peer.wait("BYE"), "200 OK")
    end = line.wait("ended", leg)
    assert (end["by_peer"], end["answered"]) == (False, False)
    line.until(lambda: line.ask("active")["calls"] == 0, "the slot free")


def test_a_cancel_that_comes_after_our_200_changes_nothing(line: Host) -> None:
    with SipCaller(line.address, NUMBER) as caller:
        caller.send_invite(sdp(40_000))
        answer = caller.wait_final("INVITE")
        caller.cancel()
        assert caller.wait_final("CANCEL").code in (200, 481)
        caller.acknowledge(answer)
        leg = line.leg_of(caller.call_id)
        line.wait("answered", leg)
        assert caller.bye().code == 200
        assert line.wait("ended", leg)["answered"] is True


def test_a_cancel_while_it_rings_ends_in_487(line: Host) -> None:
    with SipCaller(line.address, RINGS) as caller:
        caller.send_invite(sdp(40_000))
        line.until(lambda: "> 180 INVITE" in line.ladder(line.leg_of(caller.call_id)), "ringing")
        caller.cancel()
        assert caller.wait_final("CANCEL").code == 200
        answer = caller.wait_final("INVITE")
        assert answer.code == 487
        caller.acknowledge(answer)
        end = line.wait("ended", line.leg_of(caller.call_id))
        assert (end["sip_code"], end["by_peer"]) == (487, True)


def test_a_cancel_of_nothing_is_481(line: Host) -> None:
    with SipCaller(line.address, NUMBER) as caller:
        caller.invite_branch = "z9hG4bKnever"
        caller.cancel()
        assert caller.wait_final("CANCEL").code == 481


# --- twice ----------------------------------------------------------------------------------------


def test_a_retransmitted_invite_is_one_call(line: Host) -> None:
    with SipCaller(line.address, RINGS) as caller:
        for _ in range(3):
            caller.cseq, caller.invite_branch = 1, "z9hG4bKsame" + caller.call_id[:8]
            caller._send("INVITE", caller.uri, 1, caller.invite_branch, sdp(40_000))
        leg = line.leg_of(caller.call_id)
        line.until(lambda: line.ladder(leg).count("< INVITE") == 3, "three of them in the ladder")
        assert len([e for e in line.all("invite") if e["sip_call_id"] == caller.call_id]) == 1
        line.do("reject", leg, 486, "Busy Here")
        answer = caller.wait_final("INVITE")
        assert answer.code == 486
        caller.acknowledge(answer)
        line.wait("ended", leg)


def test_a_retransmitted_bye_is_answered_again(line: Host) -> None:
    with SipCaller(line.address, NUMBER) as caller:
        assert caller.invite(sdp(40_000)).code == 200
        branch = "z9hG4bKbye" + caller.call_id[:8]
        for _ in range(2):
            caller._send("BYE", caller.contact, 2, branch)
            assert caller.wait_final("BYE").code == 200
        caller._send("BYE", caller.contact, 3, branch + "other")
        assert caller.wait_final("BYE").code in (200, 481)


def test_a_retransmitted_200_is_acknowledged_again(line: Host, peer: RawPeer) -> None:
    leg = up(line, peer)
    for _ in range(2):
        peer.respond(peer.invite, "200 OK", sdp(40_000))
        peer.wait("ACK")
    over(line, peer, leg)


def test_a_call_merged_from_two_paths_is_482_or_one_call(line: Host) -> None:
    """The same INVITE through two proxies (RFC 3261, 8.2.2.2)."""
    with SipCaller(line.address, RINGS) as caller:
        caller.send_invite(sdp(40_000))
        leg = line.leg_of(caller.call_id)
        caller._send("INVITE", caller.uri, 1, "z9hG4bKpath2" + caller.call_id[:8], sdp(40_000))
        assert caller.wait_final("INVITE").code == 482
        line.do("reject", leg, 480, "Gone")
        line.wait("ended", leg)


# --- never ----------------------------------------------------------------------------------------


def test_a_200_that_nobody_acknowledges_is_repeated_and_the_call_then_ended(hasty: Host) -> None:
    with SipCaller(hasty.address, NUMBER) as caller:
        caller.send_invite(sdp(40_000))
        for _ in range(3):
            assert caller.wait_final("INVITE").code == 200
        bye = caller.wait_request("BYE", timeout_s=20)
        caller.respond(bye, 200, "OK")
        end = hasty.wait("ended", hasty.leg_of(caller.call_id))
        assert (end["sip_code"], end["answered"]) == (408, False)
    hasty.until(lambda: hasty.ask("active")["calls"] == 0, "the slot free")


def test_an_invite_that_nobody_answers_ends_in_408_of_our_own(hasty: Host, peer: RawPeer) -> None:
    leg = hasty.dial(peer.port)
    end = hasty.wait("ended", leg)
    assert (end["sip_code"], end["by_peer"], end["answered"]) == (408, False, False)
    assert hasty.ladder(leg).count("> INVITE") >= 5


def test_a_bye_that_nobody_answers_ends_all_the_same(hasty: Host, peer: RawPeer) -> None:
    leg = up(hasty, peer)
    hasty.do("hang_up", leg, "gone")
    assert hasty.wait("ended", leg)["answered"] is True
    hasty.until(lambda: hasty.ask("active")["calls"] == 0, "the slot free")


# --- collisions -----------------------------------------------------------------------------------


def test_a_reinvite_that_meets_ours_gets_491_and_ours_is_tried_again(line: Host, peer: RawPeer) -> None:
    """Our refresh of the session (RFC 4028) by re-INVITE and the peer's re-INVITE cross (RFC 3261, 14)."""
    timer = ("Session-Expires: 90;refresher=uac", "Require: timer", "Allow: INVITE, ACK, BYE, CANCEL")
    leg = up(line, peer, *timer)
    line.ask("jump", seconds=46)
    ours = peer.wait("INVITE")
    theirs = peer.request("INVITE", sdp(40_000, version=2))
    assert peer.wait("INVITE", code=491).header("CSeq") == f"{theirs} INVITE"
    peer.request("ACK", cseq=theirs)
    peer.respond(ours, "491 Request Pending")
    peer.wait("ACK")
    again = peer.wait("INVITE")
    assert again.header("CSeq") != ours.header("CSeq")
    peer.respond(again, "200 OK", sdp(40_000), "Session-Expires: 90;refresher=uac", "Require: timer")
    peer.wait("ACK")
    later = peer.request("INVITE", sdp(40_000, version=2))
    assert peer.wait("INVITE", code=200).header("CSeq") == f"{later} INVITE"
    peer.request("ACK", cseq=later)
    assert not line.all("ended", leg)
    over(line, peer, leg)


def test_a_reinvite_before_the_ack_of_the_first_is_491(line: Host) -> None:
    with SipCaller(line.address, NUMBER) as caller:
        caller.send_invite(sdp(40_000))
        answer = caller.wait_final("INVITE")
        caller.callee = answer.header("To")
        caller.cseq = 2
        caller._send("INVITE", caller.uri, 2, "z9hG4bKearly" + caller.call_id[:8], sdp(40_000, version=2))
        early = caller.wait_final("INVITE")
        while early.header("CSeq").startswith("1 "):  # the first 200, again
            early = caller.wait_final("INVITE")
        assert early.code == 491
        caller.acknowledge(answer)
        assert caller.ask("INVITE", sdp(40_000, version=2)).code == 200
        assert caller.bye().code == 200


def test_a_bye_that_crosses_ours_is_answered(line: Host, peer: RawPeer) -> None:
    leg = up(line, peer)
    line.do("hang_up", leg, "both")
    ours = peer.wait("BYE")
    peer.request("BYE")
    assert peer.wait("BYE", code=200).code == 200
    peer.respond(ours, "200 OK")
    assert line.wait("ended", leg)["answered"] is True
    line.until(lambda: line.ask("active")["calls"] == 0, "the slot free")


# --- reliable provisional answers, as the caller --------------------------------------------------


def test_a_180_that_wants_to_be_acknowledged_is(line: Host, peer: RawPeer) -> None:
    leg = line.dial(peer.port)
    peer.called()
    assert "100rel" in peer.invite.header("Supported")
    cseq = peer.invite.header("CSeq").split()[0]
    peer.respond(peer.invite, "180 Ringing", "", "Require: 100rel", "RSeq: 71")
    prack = peer.wait("PRACK")
    assert prack.header("RAck") == f"71 {cseq} INVITE"
    peer.respond(prack, "200 OK")
    peer.respond(peer.invite, "200 OK", sdp(40_000))
    peer.wait("ACK")
    line.wait("answered", leg)
    over(line, peer, leg)


def test_a_183_and_a_180_of_two_branches_ring_and_the_answer_counts(line: Host, peer: RawPeer) -> None:
    leg = line.dial(peer.port)
    peer.respond(peer.called(), "183 Session Progress", sdp(40_000), tag="one")
    peer.respond(peer.invite, "180 Ringing", tag="two")
    line.wait("ringing", leg)
    peer.respond(peer.invite, "200 OK", sdp(40_002), tag="two")
    ack = peer.wait("ACK")
    assert ack.header("To").endswith("tag=two")
    line.wait("answered", leg)
    over(line, peer, leg)


@pytest.mark.parametrize("early", [sdp(40_000, codecs="18"), sdp(0), "no SDP at all"])
def test_an_early_answer_of_no_use_does_not_keep_another_branch_from_answering(
    line: Host, peer: RawPeer, early: str
) -> None:
    """It would end the process: an assertion of pjsip about the media of the call."""
    leg = line.dial(peer.port)
    peer.respond(peer.called(), "183 Session Progress", early, tag="one")
    peer.respond(peer.invite, "180 Ringing", tag="two")
    line.wait("ringing", leg)
    peer.respond(peer.invite, "200 OK", sdp(40_002), tag="two")
    assert peer.wait("ACK").header("To").endswith("tag=two")
    line.wait("answered", leg)
    over(line, peer, leg)
    assert line.ask("turned_away")["reasons"]["an early answer without usable audio"] >= 1


def test_it_goes_where_the_contact_says_not_where_the_answer_came_from(line: Host, peer: RawPeer) -> None:
    with RawPeer() as elsewhere:
        leg = line.dial(peer.port)
        peer.respond(peer.called(), "200 OK", sdp(40_000), contact=f"sip:b@127.0.0.1:{elsewhere.port}")
        elsewhere.wait("ACK")
        line.wait("answered", leg)
        line.do("hang_up", leg, "done")
        bye = elsewhere.wait("BYE")
        assert bye.text.startswith(f"BYE sip:b@127.0.0.1:{elsewhere.port} ")
        elsewhere.respond(bye, "200 OK")
        line.wait("ended", leg)


def test_an_answer_without_a_media_we_know_is_ended_by_bye(line: Host, peer: RawPeer) -> None:
    leg = line.dial(peer.port)
    peer.respond(peer.called(), "200 OK", sdp(40_000, codecs="18"))
    peer.wait("ACK")
    peer.respond(peer.wait("BYE"), "200 OK")
    assert line.wait("ended", leg)["answered"] is False


# --- last words -----------------------------------------------------------------------------------


def test_a_refusal_tells_the_networks_cause_and_when_to_come_back(line: Host, peer: RawPeer) -> None:
    leg = line.dial(peer.port)
    reason = 'Reason: Q.850;cause=34;text="No circuit"'
    peer.respond(peer.called(), "503 Service Unavailable", "", reason, "Retry-After: 17")
    peer.wait("ACK")
    end = line.wait("ended", leg)
    assert (end["sip_code"], end["by_peer"]) == (503, True)
    assert end["words"] == {"q850": 34, "text": "No circuit", "retry_after_s": 17}


def test_a_bye_tells_why(line: Host, peer: RawPeer) -> None:
    leg = up(line, peer)
    peer.request("BYE", "", 'Reason: Q.850;cause=41;text="Radio link lost"')
    end = line.wait("ended", leg)
    assert (end["by_peer"], end["words"]["q850"], end["words"]["text"]) == (True, 41, "Radio link lost")


def test_a_cancel_tells_who_picked_up(line: Host) -> None:
    with SipCaller(line.address, RINGS) as caller:
        caller.send_invite(sdp(40_000))
        leg = line.leg_of(caller.call_id)
        elsewhere = 'Reason: SIP;cause=200;text="Call completed elsewhere"'
        caller._send("CANCEL", caller.uri, 1, caller.invite_branch, "", (elsewhere,))
        caller.acknowledge(caller.wait_final("INVITE"))
        assert line.wait("ended", leg)["words"]["text"] == "Call completed elsewhere"


def test_nothing_is_left_of_all_that(line: Host, hasty: Host) -> None:
    for host in (line, hasty):
        host.until(lambda host=host: host.ask("active")["calls"] == 0, "every slot free")
        assert host.process.poll() is None
        assert "Traceback" not in host.stderr


def test_a_probe_that_never_existed_stays_unanswered(line: Host) -> None:
    """An ACK is never answered."""
    with SipCaller(line.address, NUMBER) as caller:
        caller.request("ACK")
        with pytest.raises(ProbeError):
            caller.wait(0.3)
