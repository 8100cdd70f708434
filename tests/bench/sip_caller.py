"""A minimal SIP caller over UDP: one dialog, written out by hand, for probing and for odd messages.

Independent of the program and of pjsip. Arrival times are the kernel's (SO_TIMESTAMPNS): how late
this process looks at a datagram does not count.
"""

from __future__ import annotations

import random
import re
import socket
import struct
import time
from dataclasses import dataclass

SO_TIMESTAMPNS = 35  # linux/asm-generic/socket.h
TIMESPEC = struct.Struct("@ll")


class ProbeError(RuntimeError):
    """Nothing, or the wrong thing, came back; the text says what."""


@dataclass(frozen=True)
class Message:
    """A received SIP message."""

    text: str
    at_ns: int

    @property
    def code(self) -> int:
        """Status code; 0 for a request."""
        return int(self.text[8:11]) if self.text.startswith("SIP/2.0 ") else 0

    def header(self, name: str) -> str:
        """The first header of that name; "" when there is none."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        """All headers of that name, in order."""
        head = self.text.partition("\r\n\r\n")[0]
        return [v.strip() for v in re.findall(rf"(?im)^{name}[ \t]*:([^\r\n]*)", head)]

    @property
    def body(self) -> str:
        """What follows the empty line."""
        return self.text.partition("\r\n\r\n")[2]

    @property
    def rtp(self) -> tuple[str, int]:
        """Where its SDP wants audio."""
        address = re.search(r"c=IN IP4 (\S+)", self.body)
        port = re.search(r"m=audio (\d+)", self.body)
        if not address or not port:
            raise ProbeError(f"no audio in this SDP: {self.body!r}")
        return address.group(1), int(port.group(1))


def stamped_socket(host: str = "127.0.0.1") -> socket.socket:
    """A UDP socket on a free port whose datagrams carry the kernel's arrival time."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind((host, 0))
    return sock


def receive(sock: socket.socket) -> tuple[bytes, int]:
    """A datagram and when it arrived, in ns of the wall clock."""
    data, ancillary, _, _ = sock.recvmsg(8192, 64)
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = TIMESPEC.unpack(value[: TIMESPEC.size])
            return data, seconds * 1_000_000_000 + nanoseconds
    return data, time.time_ns()


def sdp(
    port: int,
    *,
    address: str = "127.0.0.1",
    codecs: str = "0 101",
    direction: str = "sendrecv",
    version: int = 1,
) -> str:
    """An offer of mu-law and telephone-event, unless `codecs` says otherwise."""
    lines = ["v=0", f"o=- 7 {version} IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"]
    lines += [f"m=audio {port} RTP/AVP {codecs}", "a=rtpmap:101 telephone-event/8000", "a=ptime:20"]
    return "\r\n".join([*lines, f"a={direction}", ""])


def new_branch() -> str:
    return f"z9hG4bK{random.getrandbits(64):x}"


class SipCaller:
    """One dialog, from INVITE to BYE. `ProbeError` when the other side does not answer in time."""

    def __init__(self, target: tuple[str, int], number: str, caller: str = "+12025550151") -> None:
        self.sock = stamped_socket()
        self.sock.connect(target)
        self.target = target
        self.local = "{}:{}".format(*self.sock.getsockname())
        self.uri = f"sip:{number}@{target[0]}:{target[1]}"
        self.contact = self.uri
        self.call_id = f"{random.getrandbits(64):x}@probe"
        self.caller = f"<sip:{caller}@{self.local}>;tag={random.getrandbits(32):x}"
        self.callee = f"<{self.uri}>"
        self.cseq = 0
        self.invite_branch = ""
        self.invite_to_final_ms = 0.0

    def request(self, method: str, body: str = "", *headers: str) -> int:
        """Sends a request inside the dialog; its CSeq number."""
        self.cseq += 1
        self._send(method, self.contact, self.cseq, new_branch(), body, headers)
        return self.cseq

    def ask(self, method: str, body: str = "", *headers: str) -> Message:
        """A request and its final response; a re-INVITE is acknowledged."""
        number = self.request(method, body, *headers)
        answer = self.wait_final(method)
        if method == "INVITE":
            self._send("ACK", self.contact, number, new_branch())
        return answer

    def send_invite(self, offer: str, *headers: str) -> None:
        """The first INVITE, without waiting for anything."""
        self.cseq, self.invite_branch = 1, new_branch()
        self._send("INVITE", self.uri, 1, self.invite_branch, offer, headers)

    def invite(self, offer: str, *headers: str, timeout_s: float = 10.0) -> Message:
        """The first INVITE to its final response, acknowledged either way."""
        sent_ns = time.time_ns()
        self.send_invite(offer, *headers)
        answer = self.wait_final("INVITE", timeout_s)
        self.invite_to_final_ms = (answer.at_ns - sent_ns) / 1e6
        self.acknowledge(answer)
        return answer

    def acknowledge(self, answer: Message, body: str = "") -> None:
        """ACK of the final response to the first INVITE, which also teaches us the dialog."""
        self.callee = answer.header("To")
        contact = re.search(r"<([^>]*)>", answer.header("Contact"))
        self.contact = contact.group(1) if contact else self.uri
        if answer.code < 300:
            self._send("ACK", self.contact, 1, new_branch(), body)
        else:
            self._send("ACK", self.uri, 1, self.invite_branch)

    def cancel(self) -> None:
        """CANCEL of the first INVITE."""
        self._send("CANCEL", self.uri, 1, self.invite_branch)

    def bye(self) -> Message:
        """Ends the call; the answer to the BYE."""
        return self.ask("BYE")

    def respond(self, request: Message, code: int, reason: str, body: str = "") -> None:
        """Answers a request of the other side."""
        lines = [f"SIP/2.0 {code} {reason}", *(f"Via: {via}" for via in request.headers("Via"))]
        lines += [f"{name}: {request.header(name)}" for name in ("From", "To", "Call-ID", "CSeq")]
        lines += [f"Contact: <sip:probe@{self.local}>"]
        lines += ["Content-Type: application/sdp"] if body else []
        self.sock.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode())

    def wait(self, timeout_s: float = 10.0) -> Message:
        """The next message."""
        self.sock.settimeout(max(0.001, timeout_s))
        try:
            data, at_ns = receive(self.sock)
        except OSError as error:
            raise ProbeError(f"no SIP message from {self.target[0]}:{self.target[1]}: {error!r}") from None
        return Message(data.decode(errors="replace"), at_ns)

    def wait_final(self, method: str, timeout_s: float = 10.0) -> Message:
        """The final response to a request; everything else is passed over."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = self.wait(deadline - time.monotonic())
            if message.code >= 200 and message.header("CSeq").endswith(method):
                return message

    def wait_request(self, method: str, timeout_s: float = 10.0) -> Message:
        """A request of the other side; everything else is passed over."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = self.wait(deadline - time.monotonic())
            if message.text.startswith(f"{method} "):
                return message

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> SipCaller:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _send(
        self, method: str, uri: str, cseq: int, branch: str, body: str = "", headers: tuple[str, ...] = ()
    ) -> None:
        lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {self.local};rport;branch={branch}"]
        lines += ["Max-Forwards: 70", f"From: {self.caller}", f"To: {self.callee}"]
        lines += [f"Call-ID: {self.call_id}", f"CSeq: {cseq} {method}", f"Contact: <sip:probe@{self.local}>"]
        if body and not any(header.lower().startswith("content-type") for header in headers):
            lines.append("Content-Type: application/sdp")
        text = "\r\n".join([*lines, *headers, f"Content-Length: {len(body)}", "", body])
        self.sock.send(text.encode())
