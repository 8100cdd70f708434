"""SIP that nobody should send, as raw datagrams; a line drops it or answers 400, and lives on."""

from __future__ import annotations

import socket
import uuid

_INVITE = """INVITE sip:+12025550100@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {local};branch=z9hG4bK{unique}
From: <sip:+12025550151@127.0.0.1>;tag=1
To: <sip:+12025550100@{host}>
Call-ID: {unique}
CSeq: 1 INVITE
Contact: <sip:+12025550151@{local}>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: {length}

{body}"""

_SDP = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n"


def _fill(text: str, to: tuple[str, int], local: str, body: str = "", length: str | None = None) -> bytes:
    values = {"host": to[0], "port": to[1], "local": local, "unique": uuid.uuid4().hex, "body": body}
    filled = text.format(**values, length=len(body) + body.count("\n") if length is None else length)
    return filled.replace("\n", "\r\n").encode()


def _without(header: str) -> str:
    return "\n".join(line for line in _INVITE.split("\n") if not line.startswith(f"{header}:"))


def messages(to: tuple[str, int], local: str = "127.0.0.1:9") -> dict[str, bytes]:
    """Named malformed datagrams for the line at `to`; `local` is where answers would go."""

    def fill(text: str, **how: str) -> bytes:
        return _fill(text, to, local, **how)

    return {
        "random bytes": bytes(range(256)) * 4,
        "only NULs": bytes(512),
        "empty lines": b"\r\n\r\n\r\n\r\n",
        "no SIP at all": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "request line cut off": b"INVITE sip:+12025550100@",
        "unknown version": fill(_INVITE.replace("SIP/2.0\nVia", "SIP/9.9\nVia")),
        "no Via": fill(_without("Via")),
        "no Call-ID": fill(_without("Call-ID")),
        "no From": fill(_without("From")),
        "no CSeq": fill(_without("CSeq")),
        "CSeq of another method": fill(_INVITE.replace("1 INVITE", "1 BYE")),
        "CSeq too large": fill(_INVITE.replace("1 INVITE", "99999999999999999999 INVITE")),
        "Content-Length far beyond the body": fill(_INVITE, body=_SDP, length="60000"),
        "Content-Length negative": fill(_INVITE, body=_SDP, length="-5"),
        "body that is not SDP": fill(_INVITE, body="this is not SDP\n"),
        "SDP cut off": fill(_INVITE, body=_SDP[:40]),
        "SDP with a port beyond 65535": fill(_INVITE, body=_SDP.replace("audio 9 ", "audio 99999 ")),
        "header of 20 kB": fill(_INVITE.replace("Max-Forwards", f"Subject: {'x' * 20_000}\nMax-Forwards")),
        "URI full of quotes": fill(_INVITE.replace("sip:+12025550100", "sip:'\"<><><")),
        "BYE of no dialog": fill(_INVITE.replace("INVITE", "BYE")),
        "ACK of no dialog": fill(_INVITE.replace("INVITE", "ACK")),
    }


def invite(to: tuple[str, int], local: str, number: str) -> bytes:
    """A sound one, for comparison."""
    return _fill(_INVITE.replace("+12025550100", number), to, local, _SDP)


def send(datagrams: dict[str, bytes], to: tuple[str, int]) -> None:
    """Sends them all, one after the other, from one socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams.values():
            sender.sendto(datagram, to)


def answers_options(to: tuple[str, int], timeout_s: float = 10.0) -> bool:
    """Whether the line still answers an OPTIONS; asked once a second, as SIP over UDP would."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as prober:
        prober.bind(("127.0.0.1", 0))
        prober.settimeout(1.0)
        local = f"127.0.0.1:{prober.getsockname()[1]}"
        request = _fill(_INVITE.replace("INVITE", "OPTIONS"), to, local)
        for _ in range(int(timeout_s)):
            prober.sendto(request, to)
            try:
                if prober.recv(4096).startswith(b"SIP/2.0 "):
                    return True
            except TimeoutError:
                continue
    return False
