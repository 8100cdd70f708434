"""Which requests are answered before pjsip sees them, and how."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from media_workers.sip.gate import (
    ALLOW,
    REMEMBERED,
    Answer,
    Drop,
    Gate,
    Request,
    Verdict,
    read_digit,
    read_request,
)


@dataclass
class Call:
    digits: str = ""
    referred_to: list[str] = field(default_factory=list)
    follows: bool = False

    def digit_received(self, digit: str) -> None:
        self.digits += digit

    def refer_received(self, target: str) -> bool:
        self.referred_to.append(target)
        return self.follows


@dataclass
class Calls:
    full: bool = False
    call: Call = field(default_factory=Call)

    def find(self, call_id: str, local_tag: str, remote_tag: str) -> Call | None:
        return self.call if (call_id, local_tag, remote_tag) == ("call", "ours", "theirs") else None


def judge(
    calls: Calls, method: str, *headers: str, body: str = "", tag: str = ";tag=ours", cseq: int = 7
) -> Verdict:
    return Gate(calls, "sip:us").judge(request(method, *headers, body=body, tag=tag, cseq=cseq))


def request(method: str, *headers: str, body: str = "", tag: str = ";tag=ours", cseq: int = 7) -> Request:
    lines = [
        f"{method} sip:us SIP/2.0",
        'f: "A;tag=no" <sip:a@b>;x=y;tag=theirs',
        f"To: <sip:us;tag=no>{tag}",
    ]
    text = "\r\n".join([*lines, "Call-ID: call", f"CSeq: {cseq} {method}", *headers, "", body])
    return read_request(text, method)


def code(verdict: Verdict) -> int:
    assert isinstance(verdict, Answer)
    return verdict.code


@pytest.mark.parametrize("method", ["CANCEL", "INVITE"])
def test_calls_are_pjsips_affair(method: str) -> None:
    assert judge(Calls(), method, tag="") == "pass"


@pytest.mark.parametrize("method", ["INVITE", "BYE", "UPDATE", "PRACK", "NOTIFY", "ACK", "CANCEL"])
def test_so_is_what_changes_or_ends_them(method: str) -> None:
    assert judge(Calls(full=True), method) == "pass"


def test_a_full_line_says_when_to_come_back() -> None:
    answer = judge(Calls(full=True), "INVITE", tag="")
    assert isinstance(answer, Answer)
    assert (answer.code, answer.headers) == (503, (("Retry-After", "5"),))


@pytest.mark.parametrize("agent", ["friendly-scanner", "SIPVicious 0.3", "sipcli/v1.8", "sundayddr"])
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER", "FOO"])
def test_scanners_hear_nothing(agent: str, method: str) -> None:
    assert judge(Calls(), method, f"User-Agent: {agent}", tag="") == Drop("a scanner")


def test_an_ack_that_names_no_dialog_goes_nowhere() -> None:
    assert judge(Calls(), "ACK", tag="") == Drop("an ACK of nothing")


def test_a_peer_in_a_call_is_no_scanner() -> None:
    assert judge(Calls(), "BYE", "User-Agent: sipcli/v1.8") == "pass"


@pytest.mark.parametrize("tag", ["", ";tag=ours"])
def test_options_tell_what_we_do(tag: str) -> None:
    answer = judge(Calls(full=True), "OPTIONS", tag=tag)
    assert isinstance(answer, Answer)
    told = dict(answer.headers)
    assert answer.code == 200
    assert told["Allow"].split(", ") == list(ALLOW)
    assert not {"SUBSCRIBE", "PUBLISH", "MESSAGE", "REGISTER", "REFER"} & set(ALLOW)
    assert "application/sdp" in told["Accept"]
    assert told["Supported"] == "100rel, timer, replaces"


def test_options_that_require_what_we_do_not_know() -> None:
    answer = judge(Calls(), "OPTIONS", "Require: timer, magic ,wonders", tag="")
    assert isinstance(answer, Answer)
    assert (answer.code, answer.headers) == (420, (("Unsupported", "magic, wonders"),))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("MESSAGE", 405),
        ("SUBSCRIBE", 405),
        ("PUBLISH", 405),
        ("REGISTER", 405),
        ("FOO", 501),
        ("invite", 501),
    ],
)
@pytest.mark.parametrize("tag", ["", ";tag=ours"])
def test_what_we_do_not_do_names_what_we_do(method: str, expected: int, tag: str) -> None:
    answer = judge(Calls(), method, tag=tag)
    assert isinstance(answer, Answer)
    assert answer.code == expected
    assert dict(answer.headers)["Allow"].startswith("INVITE, ")
    assert answer.why


@pytest.mark.parametrize("method", ["BYE", "UPDATE", "PRACK", "INFO", "NOTIFY"])
def test_what_belongs_to_a_call_needs_one(method: str) -> None:
    assert code(judge(Calls(), method, tag="")) == 481


@pytest.mark.parametrize("method", ["INFO", "OPTIONS", "REFER", "FOO"])
def test_a_call_that_is_not_there(method: str) -> None:
    assert code(judge(Calls(), method, tag=";tag=other")) == 481


@pytest.mark.parametrize(
    ("kind", "body", "digits"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", "signal = #\nduration = 100", "#"),
        ("Application/DTMF-Relay ; charset=utf-8", "Signal=10\r\n", "*"),
        ("application/dtmf-relay", "Duration=1\r\nSignal=11\r\n", "#"),
        ("application/dtmf", "7\r\n", "7"),
        ("application/dtmf", "Signal=d\r\n", "D"),
    ],
)
def test_keys_by_info(kind: str, body: str, digits: str) -> None:
    calls = Calls()
    assert code(judge(calls, "INFO", f"Content-Type: {kind}", body=body)) == 200
    assert calls.call.digits == digits


@pytest.mark.parametrize("body", ["", "Signal=\r\n", "12", "Signal=16", "x", "Signal"])
def test_a_body_without_a_key(body: str) -> None:
    calls = Calls()
    assert code(judge(calls, "INFO", "c: application/dtmf", body=body)) == 400
    assert read_digit(body) == calls.call.digits == ""


def test_other_info() -> None:
    assert code(judge(Calls(), "INFO", "Content-Length: 0")) == 200
    assert code(judge(Calls(), "INFO", "Content-Type: application/media_control+xml", body="<x/>")) == 415
    assert code(judge(Calls(), "INFO", "Info-Package: nothing", "Content-Type: a/b", body="x")) == 469


def test_a_retransmission_is_answered_again_and_done_once() -> None:
    calls = Calls()
    gate = Gate(calls, "sip:us")
    press = request("INFO", "Content-Type: application/dtmf", body="1")
    again = request("INFO", "Content-Type: application/dtmf", body="1", cseq=8)
    assert [code(gate.judge(asked)) for asked in (press, press, again, again, press)] == [200] * 5
    assert calls.call.digits == "11"


def test_only_so_many_answers_are_kept() -> None:
    gate = Gate(Calls(), "sip:us")
    for cseq in range(10, 10 + 2 * REMEMBERED):
        gate.judge(request("OPTIONS", cseq=cseq))
    assert len(gate._answered) == REMEMBERED


def test_a_refer_is_for_the_call_to_decide() -> None:
    calls = Calls()
    assert code(judge(calls, "REFER", "Refer-To: <sip:x@y>")) == 603
    calls.call.follows = True
    answer = judge(calls, "REFER", "r: <sip:z@y>")
    assert isinstance(answer, Answer)
    assert (answer.code, answer.headers) == (202, (("Contact", "<sip:us>"),))
    assert calls.call.referred_to == ["<sip:x@y>", "<sip:z@y>"]
    assert code(judge(calls, "REFER")) == 400
    assert code(judge(calls, "REFER", "Refer-To: <sip:x@y>", tag="")) == 603


@pytest.mark.parametrize(
    ("line", "usable"),
    [
        ("m=audio 4000 RTP/AVP 0", True),
        ("m=audio 4000/2 RTP/AVPF 0", True),
        ("m=audio 4000 RTP/SAVP 0\r\na=crypto:1 X inline:Y", True),
        ("m=audio 4000 RTP/SAVP 0\r\nm=audio 4000 RTP/AVP 0", True),
        ("m=video 4000 UDP/TLS/RTP/SAVPF 31", True),
        ("m=audio 0 UDP/TLS/RTP/SAVPF 0", True),
        ("", True),
        ("m=audio 4000 RTP/SAVP 0", False),
        ("m=audio 4000 UDP/TLS/RTP/SAVPF 0", False),
        ("m=audio 4000 RTP/AVP 0\r\nm=audio 4002 UDP/TLS/RTP/SAVP 0", False),
        ("m=audio 4000 TCP/MRCPv2 0", False),
    ],
)
def test_media_that_nobody_here_can_carry_is_refused_before_pjsip_looks_at_it(
    line: str, usable: bool
) -> None:
    verdict = judge(Calls(), "INVITE", "Content-Type: application/sdp", body=f"v=0\r\n{line}\r\n", tag="")
    assert verdict == "pass" if usable else code(verdict) == 488
