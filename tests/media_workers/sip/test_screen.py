"""What is wrong with a request, and what is said to one that cannot be read."""

from __future__ import annotations

import pytest

from media_workers.sip.screen import answer_to_unreadable, fault_of, is_useless_early_answer

GOOD = (
    "INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP c;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP d\r\n"
    "f: <sip:x@y>;tag=1\r\nt:\r\n <sip:a@b>\r\ni: 1@c\r\nCSeq: 0007\r\n  INVITE\r\nl: 4\r\n\r\nbody"
)


def fault(text: str, size: int | None = None) -> str:
    return fault_of(text, text.split(" ")[0], len(text) if size is None else size)


def test_an_ordinary_request_has_none() -> None:
    assert fault(GOOD) == ""
    assert fault(GOOD.replace("\r\n", "\n")) == ""


@pytest.mark.parametrize("method", ["OPTIONS", "ACK", "invite"])
def test_a_cseq_of_another_method(method: str) -> None:
    assert fault(GOOD.replace("INVITE sip", f"{method} sip")) == "CSeq names another method"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("From: <sip:z@y>", "from"),
        ("Call-ID: 2", "call-id"),
        ("CSeq: 7 INVITE", "cseq"),
        ("l: 4", "content-length"),
    ],
)
def test_what_may_be_said_once(line: str, name: str) -> None:
    assert fault(GOOD.replace("\r\nl: 4", f"\r\nl: 4\r\n{line}")) == f"{name} is given more than once"


def test_a_body_that_is_not_all_there() -> None:
    assert "Content-Length" in fault(GOOD.replace("l: 4", "l: 5"))
    assert fault(GOOD.replace("l: 4", "l: 3")) == "", "what follows is not part of it (RFC 3261, 18.3)"
    assert fault(GOOD.replace("l: 4", "l: 9999"), size=9999 + 100) == "", "the log has cut it"
    assert fault(GOOD.replace("body", "\udcffdy").replace("l: 4", "l: 3")) == ""


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("INVITE <sip:a@b> SIP/2.0", "400 Bad Request"),
        ("OPTIONS sip:a@b SIP/7.0", "505 Version Not Supported"),
        ("OPTIONS soap.beep://host SIP/2.0", "416 Unsupported URI Scheme"),
        ("REGISTER sip:a@b SIP/2.0", "405 Method Not Allowed"),
    ],
)
def test_what_cannot_be_read_is_answered_as_far_as_it_can(line: str, status: str) -> None:
    answer = answer_to_unreadable(GOOD.replace("INVITE sip:a@b SIP/2.0", line))
    assert answer is not None
    lines = answer.decode().split("\r\n")
    assert lines[0] == f"SIP/2.0 {status}"
    assert lines[1:7] == [
        "Via: SIP/2.0/UDP c;branch=z9hG4bK1",
        "Via: SIP/2.0/UDP d",
        "From: <sip:x@y>;tag=1",
        "To: <sip:a@b>;tag=unreadable",
        "Call-ID: 1@c",
        "CSeq: 0007 INVITE",
    ]
    assert answer.endswith(b"Content-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\r\n",
        "nonsense",
        "SIP/2.0 9999999999 OK\r\nVia: x\r\n\r\n",
        GOOD.replace("INVITE sip", "ACK sip"),
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_nobody_waits_for_is_not_answered(text: str) -> None:
    assert answer_to_unreadable(text) is None


EARLY = "SIP/2.0 {status} Words\r\nVia: x\r\nCSeq: 7 {method}\r\n{kind}\r\n\r\nv=0\r\nm={media}\r\n"


@pytest.mark.parametrize(
    ("media", "useless"),
    [
        ("audio 4000 RTP/AVP 0 101", False),
        ("audio 4000/2 RTP/AVP 18 8", False),
        ("video 5 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 8", False),
        ("audio 4000 RTP/AVP 18", True),
        ("audio 0 RTP/AVP 0", True),
        ("video 4000 RTP/AVP 0", True),
        ("audio 4000 UDP/TLS/RTP/SAVPF 0", True),
        ("nonsense", True),
    ],
)
def test_an_early_answer_that_no_call_could_use(media: str, useless: bool) -> None:
    for kind in ("Content-Type: application/sdp", "c: Application/SDP;charset=x"):
        text = EARLY.format(status=183, method="INVITE", kind=kind, media=media)
        assert is_useless_early_answer(text) is useless


@pytest.mark.parametrize(
    ("status", "method", "kind"),
    [
        (100, "INVITE", "Content-Type: application/sdp"),
        (200, "INVITE", "Content-Type: application/sdp"),
        (183, "UPDATE", "Content-Type: application/sdp"),
        (183, "INVITE", "Content-Type: application/isup"),
        (180, "INVITE", "X: none"),
    ],
)
def test_nothing_else_is_left_out(status: int, method: str, kind: str) -> None:
    text = EARLY.format(status=status, method=method, kind=kind, media="audio 4000 RTP/AVP 18")
    assert not is_useless_early_answer(text)
