"""Transfers: asked of us, and asked by us, blind (RFC 3515) and attended (RFC 3891)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.sip_caller import Message, SipCaller, sdp
from tests.media_workers.sip.host import ANSWER, Host
from tests.sip.raw import RawPeer

pytestmark = pytest.mark.journey

ALLOWING = [{"do": "allow", "what": "refer"}, {"do": "allow", "what": "replace"}, *ANSWER]
CLOSED, OPEN = "+12025550120", "+12025550121"


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host() as line:
        line.ask("on_invite", number=OPEN, steps=ALLOWING)
        yield line


def called(line: Host, caller: SipCaller) -> int:
    """The leg of a call that is up."""
    assert caller.invite(sdp(40_000)).code == 200
    leg = line.leg_of(caller.call_id)
    line.wait("answered", leg)
    return leg


def notified(caller: SipCaller) -> tuple[str, str]:
    """The next NOTIFY's sipfrag and the state of its subscription; answered."""
    notify = caller.wait_request("NOTIFY", timeout_s=20)
    assert notify.header("Event").startswith("refer")
    assert notify.header("Content-Type").startswith("message/sipfrag")
    caller.respond(notify, 200, "OK")
    return notify.body.strip(), notify.header("Subscription-State").split(";")[0]


def notify(caller: SipCaller, fragment: str, state: str) -> Message:
    """Tells how the transfer goes that was asked of us."""
    kind = "Content-Type: message/sipfrag;version=2.0"
    return caller.ask("NOTIFY", fragment, "Event: refer", f"Subscription-State: {state}", kind)


def test_a_transfer_asked_of_us_is_declined_and_told(line: Host) -> None:
    with SipCaller(line.address, CLOSED) as caller:
        leg = called(line, caller)
        assert caller.ask("REFER", "", "Refer-To: <sip:+19005550100@example.com>").code == 603
        assert line.wait("refer", leg)["target"] == "<sip:+19005550100@example.com>"
        assert len(line.all("dialed")) == 0
        assert caller.bye().code == 200
        assert line.wait("ended", leg)["sip_code"] == 200


def test_a_transfer_may_be_taken_on_and_is_then_reported(line: Host) -> None:
    with SipCaller(line.address, OPEN) as caller:
        leg = called(line, caller)
        accepted = caller.ask("REFER", "", "Refer-To: <sip:+12025550177@example.com>")
        assert accepted.code == 202
        assert accepted.header("Contact")
        assert notified(caller) == ("SIP/2.0 100 Trying", "active")
        line.do("report_transfer", leg, 180, "Ringing")
        assert notified(caller) == ("SIP/2.0 180 Ringing", "active")
        line.do("report_transfer", leg, 200, "OK")
        assert notified(caller) == ("SIP/2.0 200 OK", "terminated")
        assert caller.bye().code == 200


def test_a_refer_outside_a_call_is_declined(line: Host) -> None:
    with SipCaller(line.address, OPEN) as caller:
        assert caller.ask("REFER", "", "Refer-To: <sip:+12025550177@example.com>").code == 603


def test_we_transfer_a_call_and_hear_how_it_goes(line: Host) -> None:
    with SipCaller(line.address, CLOSED) as caller:
        leg = called(line, caller)
        line.do("refer", leg, "sip:+12025550177@127.0.0.1:5999")
        refer = caller.wait_request("REFER", timeout_s=20)
        assert "sip:+12025550177@127.0.0.1:5999" in refer.header("Refer-To")
        caller.respond(refer, 202, "Accepted")
        assert notify(caller, "SIP/2.0 100 Trying\r\n", "active;expires=60").code == 200
        assert notify(caller, "SIP/2.0 200 OK\r\n", "terminated;reason=noresource").code == 200
        told = line.until(
            lambda: [e for e in line.all("transfer", leg) if e["final"]], "the end of the transfer"
        )
        assert (told[0]["code"], told[0]["reason"]) == (200, "OK")
        line.do("hang_up", leg, "transferred")
        caller.respond(caller.wait_request("BYE"), 200, "OK")
        assert line.wait("ended", leg)["by_peer"] is False


@pytest.mark.parametrize(("code", "reason"), [(603, "Decline"), (405, "Method Not Allowed")])
def test_a_peer_that_does_not_transfer_leaves_the_call_as_it_is(line: Host, code: int, reason: str) -> None:
    with SipCaller(line.address, CLOSED) as caller:
        leg = called(line, caller)
        line.do("refer", leg, "tel:+12025550177")
        caller.respond(caller.wait_request("REFER", timeout_s=20), code, reason)
        told = line.wait("transfer", leg)
        assert (told["code"], told["reason"], told["final"]) == (code, reason, True)
        assert not line.all("ended", leg)
        assert caller.bye().code == 200


def test_a_call_that_is_over_or_not_up_yet_is_not_transferred(line: Host) -> None:
    with SipCaller(line.address, CLOSED) as caller:
        leg = called(line, caller)
        assert caller.bye().code == 200
        line.do("refer", leg, "sip:+12025550177@127.0.0.1:5999")
        line.wait("ended", leg)
        line.do("refer", leg, "sip:+12025550177@127.0.0.1:5999")
        line.do("refer_replaces", leg, leg)
        line.do("report_transfer", leg, 200, "OK")
    with RawPeer() as silent:
        dialing = line.dial(silent.port)
        line.do("refer", dialing, "sip:+12025550177@127.0.0.1:5999")
        silent.respond(silent.called(), "486 Busy Here")
        assert line.wait("ended", dialing)["sip_code"] == 486
    assert line.process.poll() is None


@pytest.mark.parametrize("target", ["+12025550177", "http://example.com", "sip:a@b>\r\nX: y", ""])
def test_only_telephones_are_transferred_to(line: Host, target: str) -> None:
    with SipCaller(line.address, CLOSED) as caller:
        leg = called(line, caller)
        known = len(line.all("error"))
        line.do("refer", leg, target)
        assert line.wait("error", after=known)["text"].startswith("target: ")
        assert caller.bye().code == 200


def test_two_calls_are_connected_to_each_other(line: Host) -> None:
    with SipCaller(line.address, CLOSED) as first, SipCaller(line.address, CLOSED) as second:
        one, two = called(line, first), called(line, second)
        line.do("refer_replaces", one, two)
        refer_to = first.wait_request("REFER", timeout_s=20).header("Refer-To")
        replaces = re.search(r"Replaces=([^>]*)", refer_to)
        assert replaces, refer_to
        assert second.call_id.replace("@", "%40") in replaces[1]
        assert second.local in refer_to, "the address of the second caller"
        for caller in (first, second):
            assert caller.bye().code == 200


def test_nobody_takes_anothers_place_unless_it_is_allowed(line: Host) -> None:
    with SipCaller(line.address, CLOSED) as caller, SipCaller(line.address, CLOSED, "+12025550199") as other:
        leg = called(line, caller)
        assert other.invite(sdp(40_010), _replaces(caller)).code == 603
        assert line.wait("replace", leg)["caller"] == "+12025550199"
        assert caller.bye().code == 200


def test_a_replaces_that_names_no_call_is_481(line: Host) -> None:
    with SipCaller(line.address, OPEN) as caller:
        assert caller.invite(sdp(40_010), "Replaces: nobody;to-tag=1;from-tag=2").code == 481


def test_an_allowed_newcomer_takes_over_and_the_call_goes_on(line: Host, tmp_path: Path) -> None:
    with SipCaller(line.address, OPEN) as caller, SipCaller(line.address, OPEN, "+12025550199") as other:
        leg = called(line, caller)
        assert other.invite(sdp(40_010), _replaces(caller)).code == 200
        caller.respond(caller.wait_request("BYE", timeout_s=20), 200, "OK")
        before = len(line.heard(leg, tmp_path))
        line.until(lambda: len(line.heard(leg, tmp_path)) > before + 3_200, "the media clock goes on")
        assert not line.all("ended", leg)
        assert line.ask("active")["calls"] == 1
        assert other.bye().code == 200
        end = line.wait("ended", leg)
        assert (end["sip_code"], end["by_peer"], end["answered"]) == (200, True, True)
        ladder = "\n".join(event["text"] for event in line.all("sip", leg))
        assert caller.call_id in ladder
        assert other.call_id in ladder
    line.until(lambda: line.ask("active")["calls"] == 0, "the line free")


def _replaces(call: SipCaller) -> str:
    """To us, our own tag is the to-tag (RFC 3891, 3)."""
    ours = re.search(r"tag=([^;>]+)", call.callee)
    theirs = re.search(r"tag=([^;>]+)", call.caller)
    assert ours
    assert theirs
    return f"Replaces: {call.call_id};to-tag={ours[1]};from-tag={theirs[1]}"
