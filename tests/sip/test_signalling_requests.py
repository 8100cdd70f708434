"""Requests that are no calls, and calls that find no room, over the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from media_workers.sip.gate import ALLOW
from tests.bench.sip_caller import ProbeError, SipCaller, sdp
from tests.media_workers.sip.host import ANSWER, Host

pytestmark = pytest.mark.journey

NUMBER = "+12025550100"


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host(ANSWER) as line:
        yield line


@pytest.fixture
def caller(line: Host) -> Iterator[SipCaller]:
    with SipCaller(line.address, NUMBER) as caller:
        yield caller


def called(line: Host, caller: SipCaller) -> int:
    assert caller.invite(sdp(40_000)).code == 200
    leg = line.leg_of(caller.call_id)
    line.wait("answered", leg)
    return leg


def reasons(line: Host) -> dict[str, int]:
    counted: dict[str, int] = line.ask("turned_away")["reasons"]
    return counted


def test_options_tell_what_we_do_in_and_out_of_a_call(line: Host, caller: SipCaller) -> None:
    outside = caller.ask("OPTIONS")
    called(line, caller)
    inside = caller.ask("OPTIONS")
    for answer in (outside, inside):
        assert answer.code == 200
        assert answer.header("Allow").split(", ") == list(ALLOW)
        assert answer.header("Accept").startswith("application/sdp")
        assert answer.header("Supported") == "100rel, timer, replaces"
    assert caller.bye().code == 200


def test_our_calls_promise_no_more_than_that(line: Host, caller: SipCaller) -> None:
    answer = caller.invite(sdp(40_000))
    assert answer.header("Allow").split(", ") == list(ALLOW)
    assert answer.header("Supported") == "100rel, timer, replaces"
    assert caller.bye().code == 200


@pytest.mark.parametrize(
    ("kind", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", "Signal=*\r\nDuration=160\r\n", "*"),
        ("application/dtmf", "9", "9"),
        ("application/dtmf", "Signal=#\r\n", "#"),
    ],
)
def test_keys_come_by_info_and_once(line: Host, caller: SipCaller, kind: str, body: str, digit: str) -> None:
    leg = called(line, caller)
    assert caller.ask("INFO", body, f"Content-Type: {kind}").code == 200
    caller._send("INFO", caller.contact, caller.cseq, "z9hG4bKagain", body, (f"Content-Type: {kind}",))
    assert caller.wait_final("INFO").code == 200
    assert caller.bye().code == 200
    line.wait("ended", leg)
    assert [e["digit"] for e in line.all("dtmf", leg)] == [digit]


def test_other_info_is_refused_and_the_call_goes_on(line: Host, caller: SipCaller) -> None:
    called(line, caller)
    answer = caller.ask("INFO", "<x/>", "Content-Type: application/media_control+xml")
    assert (answer.code, answer.header("Accept")) == (415, "application/dtmf-relay, application/dtmf")
    assert caller.ask("INFO").code == 200
    assert caller.ask("INFO", "x", "Content-Type: a/b", "Info-Package: x").code == 469
    assert caller.bye().code == 200


@pytest.mark.parametrize(
    ("method", "code"),
    [("MESSAGE", 405), ("SUBSCRIBE", 405), ("PUBLISH", 405), ("REGISTER", 405), ("FOO", 501)],
)
def test_what_we_do_not_do_is_said(line: Host, caller: SipCaller, method: str, code: int) -> None:
    event = "Event: presence"
    outside = caller.ask(method, "", event)
    called(line, caller)
    inside = caller.ask(method, "", event)
    assert (outside.code, inside.code) == (code, code)
    assert outside.header("Allow") == inside.header("Allow") == ", ".join(ALLOW)
    assert caller.bye().code == 200


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE", "PRACK", "NOTIFY", "OPTIONS", "REFER"])
def test_a_call_that_is_over_or_never_was_is_481(line: Host, caller: SipCaller, method: str) -> None:
    caller.callee += ";tag=nobody"
    assert caller.ask(method, "", "RAck: 1 1 INVITE", "Event: x").code == 481


@pytest.mark.parametrize("method", ["OPTIONS", "INVITE", "REGISTER"])
def test_scanners_hear_nothing_and_are_counted(line: Host, caller: SipCaller, method: str) -> None:
    before = reasons(line).get("a scanner", 0)
    caller.uri = caller.uri.replace(NUMBER, "100")
    caller._send(method, caller.uri, 1, "z9hG4bKscan" + method, "", ("User-Agent: friendly-scanner",))
    line.until(lambda: reasons(line).get("a scanner", 0) > before, "counted")
    with pytest.raises(ProbeError):
        caller.wait(0.3)


def test_a_full_line_says_when_to_come_back_and_tells_us() -> None:
    """Not pjsip's own 486, which a carrier would take for the called party's."""
    with Host(ANSWER) as line:
        callers = [SipCaller(line.address, NUMBER) for _ in range(line.capacity + 2)]
        answers = [caller.invite(sdp(40_000)) for caller in callers]
        assert [answer.code for answer in answers] == [200] * line.capacity + [503, 503]
        assert answers[-1].header("Retry-After") == "5"
        assert reasons(line)["an INVITE beyond what the line carries"] == 2
        logged = "turned away: an INVITE beyond what the line carries, from UDP 127.0.0.1"
        line.until(lambda: logged in line.stderr, "told in the log")
        assert callers[0].ask("OPTIONS").code == 200, "a full line is not a dead one"
        for caller in callers[: line.capacity]:
            assert caller.bye().code == 200
        line.until(lambda: line.ask("active")["calls"] == 0, "room again")
        with SipCaller(line.address, NUMBER) as again:
            assert again.invite(sdp(40_000)).code == 200
        for caller in callers:
            caller.close()


def test_a_line_that_may_carry_fewer_calls_is_full_sooner() -> None:
    with (
        Host(ANSWER, max_calls=1) as line,
        SipCaller(line.address, NUMBER) as one,
        SipCaller(line.address, NUMBER) as two,
    ):
        assert one.invite(sdp(40_000)).code == 200
        assert two.invite(sdp(40_000)).code == 503
        assert one.bye().code == 200


def test_an_offer_of_dtls_is_488_however_often(line: Host) -> None:
    """The second one would end the process."""
    offer = sdp(40_000).replace("RTP/AVP", "UDP/TLS/RTP/SAVPF") + "a=setup:actpass\r\n"
    for _ in range(3):
        with SipCaller(line.address, NUMBER) as caller:
            answer = caller.invite(offer + "a=fingerprint:sha-256 AA:BB\r\n")
            assert answer.code == 488
            assert "UDP/TLS/RTP/SAVPF" in answer.header("Warning")
    assert line.process.poll() is None


def test_over_ipv6_too_what_cannot_be_read_is_answered() -> None:
    with (
        Host(ANSWER, bind_address="::1", public_address="::1") as line,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as stranger,
    ):
        stranger.bind(("::1", 0))
        stranger.settimeout(20)
        via = f"Via: SIP/2.0/UDP [::1]:{stranger.getsockname()[1]};branch=z9hG4bK6"
        rest = [via, "From: <sip:a@b>;tag=1", "To: <sip:a@b>", "Call-ID: six", "CSeq: 1 OPTIONS"]
        for uri, status in (("sip:a@b", b"200 OK"), ("<sip:a@b>", b"400 Bad Request")):
            text = "\r\n".join([f"OPTIONS {uri} SIP/2.0", *rest, "Content-Length: 0", "", ""])
            stranger.sendto(text.encode(), ("::1", line.port))
            assert stranger.recv(4_096).startswith(b"SIP/2.0 " + status)


def test_folded_lines_are_one_line(line: Host, caller: SipCaller) -> None:
    """RFC 3261, 7.3.1; SIPp cannot send them."""
    lines = [f"INVITE {caller.uri} SIP/2.0", "Max-Forwards:\r\n 70"]
    lines += [f"Via:\r\n SIP/2.0/UDP\r\n\t{caller.local} ;\r\n  branch=z9hG4bKfold"]
    lines += [f'From: "Folded Name"\r\n {caller.caller}', f"To:\r\n {caller.callee}"]
    lines += [f"Call-ID:\r\n {caller.call_id}", "CSeq: 1\r\n INVITE", "Content-Type:\r\n  application/sdp"]
    lines += [f"Contact:\r\n <sip:probe@{caller.local}>", "X-Folded: one\r\n  two\r\n\tthree"]
    offer = sdp(40_000)
    text = "\r\n".join([*lines, f"Content-Length:\r\n {len(offer)}", "", offer])
    caller.sock.send(text.encode())
    answer = caller.wait_final("INVITE")
    assert answer.code == 200
    caller.cseq = 1
    caller.acknowledge(answer)
    leg = line.leg_of(caller.call_id)
    invite = next(e for e in line.all("invite") if e["leg"] == leg)
    assert invite["headers"]["x-folded"] == "one two three"
    assert invite["caller"] == "+12025550151"
    line.wait("answered", leg)
    assert caller.bye().code == 200


def test_an_ack_without_a_tag_beside_an_invite_does_no_harm(line: Host, caller: SipCaller) -> None:
    """pjsip takes it for the same INVITE on another way, answers 482, and an ACK has no answer: it aborts."""
    line.ask("on_invite", number="+12025550131", steps=[{"do": "ring"}])
    caller.uri = caller.uri.replace(NUMBER, "+12025550131")
    caller.send_invite(sdp(40_000))
    leg = line.leg_of(caller.call_id)
    caller._send("ACK", caller.uri, 1, "z9hG4bKelsewhere" + caller.call_id[:8])
    line.until(lambda: "< ACK" in line.ladder(leg), "the ACK")
    line.do("reject", leg, 486, "Busy Here")
    caller.acknowledge(caller.wait_final("INVITE"))
    line.wait("ended", leg)
    assert line.process.poll() is None


def test_an_odd_ack_is_not_answered_and_does_no_harm(line: Host, caller: SipCaller) -> None:
    for start in ("ACK\t", "ACK  ", "\r\nACK "):
        text = f"{start}{caller.uri} SIP/2.0\r\nVia: SIP/2.0/UDP {caller.local};branch=z9hG4bKodd\r\n"
        text += f"From: {caller.caller}\r\nTo: {caller.callee};tag=1\r\nCall-ID: {caller.call_id}\r\n"
        caller.sock.send((text + "CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n").encode())
        caller.sock.send((text + "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n").encode())
    assert caller.ask("OPTIONS").code == 200
