"""SIP messages of a call as a node reports them."""

from __future__ import annotations

from typing import Any

OURS, THEIRS = "192.0.2.9:5060", "192.0.2.1:5080"
SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


def text(
    first_line: str, *, cseq: str = "1 INVITE", to_tag: str = "", body: str = "", agent: str = ""
) -> str:
    """A message with everything that a SIP parser asks for."""
    lines = [
        first_line,
        f"Via: SIP/2.0/UDP {OURS};rport;branch=z9hG4bK{cseq.replace(' ', '')}",
        "Max-Forwards: 70",
        "From: <sip:+12025551000@192.0.2.9>;tag=ours",
        f"To: <sip:+12025550101@192.0.2.1>{f';tag={to_tag}' if to_tag else ''}",
        "Call-ID: one@192.0.2.9",
        f"CSeq: {cseq}",
        *([f"Server: {agent}"] if agent else []),
        "Contact: <sip:192.0.2.9:5060>",
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines) + f"\r\n\r\n{body}"


INVITE = text("INVITE sip:+12025550101@192.0.2.1:5080 SIP/2.0", body=SDP)
TRYING = text("SIP/2.0 100 Trying")
RINGING = text("SIP/2.0 180 Ringing", to_tag="theirs")
OK = text("SIP/2.0 200 OK", to_tag="theirs", body=SDP, agent="carrier 1.0")
ACK = text("ACK sip:192.0.2.1:5080 SIP/2.0", cseq="1 ACK", to_tag="theirs")
BYE = text("BYE sip:192.0.2.1:5080 SIP/2.0", cseq="2 BYE", to_tag="theirs")

CALL: list[tuple[str, str]] = [
    ("out", INVITE),
    ("in", TRYING),
    ("in", RINGING),
    ("in", OK),
    ("out", ACK),
    ("out", BYE),
    ("in", text("SIP/2.0 200 OK", cseq="2 BYE", to_tag="theirs")),
]


def sip(direction: str, message: str, **more: Any) -> dict[str, Any]:
    """The body of a `sip` event, less its type."""
    told = {"direction": direction, "local": OURS, "peer": THEIRS, "transport": "udp", "text": message}
    return told | {"first_line": message.partition("\r\n")[0]} | more
