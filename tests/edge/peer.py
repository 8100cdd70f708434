"""A SIP user agent written out by hand, over UDP, TCP or TLS: carrier, phone or line of the edge's tests.

It follows route sets (RFC 3261, 12.2.1.1), which is what an edge is about. Independent of our code and
of pjsip.
"""

from __future__ import annotations

import hashlib
import random
import re
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.sip_caller import Message, ProbeError, new_branch, sdp

PATIENCE_S = 10.0
Address = tuple[str, int]


def tag() -> str:
    return f"{random.getrandbits(32):08x}"


class Peer:
    """One socket. `edge` is where it sends what nothing else says."""

    def __init__(
        self,
        edge: Address,
        host: str = "127.0.0.2",
        transport: str = "udp",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.edge, self.transport = edge, transport
        self.inbox: deque[Message] = deque()
        self.seen: list[Message] = []
        self.claims = ""
        """What it writes into Contact instead of where it is: it believes its own address behind NAT."""
        self._rest = b""
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self.sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
        self.sock.bind((host, 0))
        if transport != "udp":
            self.sock.settimeout(PATIENCE_S)
            self.sock.connect(edge)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname="edge.test")
        self.host, self.port = self.sock.getsockname()[:2]

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.sock.close()

    @property
    def place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def contact(self) -> str:
        more = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:peer@{self.claims or self.place}{more}"

    def send(self, text: str | bytes, to: Address | None = None) -> None:
        data = text.encode() if isinstance(text, str) else text
        if self.transport == "udp":
            self.sock.sendto(data, to or self.edge)
        else:
            self.sock.sendall(data)

    def hear(self, timeout_s: float) -> Message | None:
        """The next message that nobody has taken, None when there is none in time."""
        deadline = time.monotonic() + timeout_s
        while not self.inbox:
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                return None
        return self.inbox.popleft()

    def wait(self, what: Callable[[Message], bool], timeout_s: float = PATIENCE_S) -> Message:
        """The next message that is so; others are dropped, OPTIONS of a keepalive answered."""
        deadline = time.monotonic() + timeout_s
        while (message := self.hear(deadline - time.monotonic())) is not None:
            if what(message):
                return message
            if message.text.startswith("OPTIONS "):
                self.respond(message, 200, "OK")
        raise ProbeError(f"nothing of the kind came to {self.place}; seen: {[first(m) for m in self.seen]}")

    def request(self, method: str, timeout_s: float = PATIENCE_S) -> Message:
        """The next request of that method."""
        return self.wait(lambda m: m.text.startswith(f"{method} "), timeout_s)

    def response(self, method: str, timeout_s: float = PATIENCE_S, least: int = 200) -> Message:
        """The next final response (or from `least` on) to such a request."""
        return self.wait(lambda m: m.code >= least and m.header("CSeq").endswith(method), timeout_s)

    def silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        return self.hear(seconds) is None

    def respond(
        self, request: Message, code: int, reason: str, body: str = "", to_tag: str = "", headers: str = ""
    ) -> None:
        """Answers a request, along its Via and with its Record-Route."""
        lines = [f"SIP/2.0 {code} {reason}", *(f"Via: {via}" for via in request.headers("Via"))]
        lines += [f"Record-Route: {route}" for route in request.headers("Record-Route")]
        to = request.header("To")
        lines += [f"From: {request.header('From')}", f"To: {to}{f';tag={to_tag}' if to_tag else ''}"]
        lines += [f"{name}: {request.header(name)}" for name in ("Call-ID", "CSeq")]
        lines += [f"Contact: <{self.contact}>", *(["Content-Type: application/sdp"] if body else [])]
        lines += headers.splitlines()
        self.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]))

    def _read(self, timeout_s: float) -> bool:
        self.sock.settimeout(timeout_s)
        try:
            data = self.sock.recv(65_536)
        except TimeoutError:
            return False
        if not data:
            return False
        if self.transport == "udp":
            self._got(data.decode(errors="replace"))
            return True
        self._rest += data
        while (whole := _cut(self._rest)) is not None:
            self._got(self._rest[:whole].decode(errors="replace"))
            self._rest = self._rest[whole:].lstrip(b"\r\n")
        return True

    def _got(self, text: str) -> None:
        if text.strip():
            message = Message(text, time.time_ns())
            self.seen.append(message)
            self.inbox.append(message)


def first(message: Message) -> str:
    """The first line."""
    return message.text.partition("\r\n")[0]


def _cut(data: bytes) -> int | None:
    head, separator, _ = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    length = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
    whole = len(head) + 4 + (int(length[1]) if length else 0)
    return whole if len(data) >= whole else None


def _uri(address: str) -> str:
    match = re.search(r"<([^>]*)>", address)
    return match[1] if match else address.partition(";")[0].strip()


@dataclass
class Dialog:
    """One call's state at one end; `ours` and `theirs` are From and To as this end writes them."""

    peer: Peer
    ours: str
    theirs: str
    call_id: str
    target: str
    routes: list[str] = field(default_factory=list)
    cseq: int = 0

    def text(self, method: str, body: str = "", headers: str = "", cseq: int = 0, branch: str = "") -> str:
        """A request of this dialog, in full."""
        if not cseq:
            self.cseq += 1
        via = f"SIP/2.0/{self.peer.transport.upper()} {self.peer.place};rport;branch={branch or new_branch()}"
        lines = [f"{method} {self.target} SIP/2.0", f"Via: {via}", "Max-Forwards: 70"]
        lines += [f"Route: {route}" for route in self.routes]
        lines += [f"From: {self.ours}", f"To: {self.theirs}", f"Call-ID: {self.call_id}"]
        lines += [f"CSeq: {cseq or self.cseq} {method}", f"Contact: <{self.peer.contact}>"]
        lines += [*(["Content-Type: application/sdp"] if body else []), *headers.splitlines()]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    def send(self, method: str, body: str = "", headers: str = "", cseq: int = 0) -> None:
        self.peer.send(self.text(method, body, headers, cseq))

    def ask(self, method: str, body: str = "", headers: str = "") -> Message:
        """A request and its final answer; an INVITE's is acknowledged."""
        self.send(method, body, headers)
        answer = self.peer.response(method)
        if method == "INVITE":
            self.send("ACK", cseq=self.cseq)
        return answer


class Call(Dialog):
    """An outgoing call, from its INVITE on."""

    def __init__(
        self, peer: Peer, uri: str, *, caller: str = "+12025550151", via: list[str] | None = None
    ) -> None:
        super().__init__(
            peer,
            ours=f"<sip:{caller}@{peer.place}>;tag={tag()}",
            theirs=f"<{uri}>",
            call_id=f"{random.getrandbits(64):x}@{peer.host}",
            target=uri,
            routes=list(via or []),
        )
        self._uri, self._routes = uri, list(via or [])
        self._branch = ""

    def invite(self, headers: str = "", body: str | None = None) -> None:
        """Sends the INVITE; a second one (with credentials) is a new transaction of the same call."""
        self._branch = new_branch()
        offer = sdp(40_000, address=self.peer.host) if body is None else body
        self.peer.send(self.text("INVITE", offer, headers, branch=self._branch))

    def answer(self, timeout_s: float = PATIENCE_S) -> Message:
        """The final answer to the INVITE, acknowledged."""
        answer = self.peer.wait(
            lambda m: (
                m.code >= 200 and m.header("CSeq").endswith("INVITE") and m.header("Call-ID") == self.call_id
            ),
            timeout_s,
        )
        if answer.code < 300:
            self.theirs = answer.header("To")
            self.target = _uri(answer.header("Contact"))
            self.routes = answer.headers("Record-Route")[::-1]
            self.send("ACK", cseq=self.cseq)
        else:
            theirs, self.theirs = self.theirs, answer.header("To")
            self.peer.send(self.text("ACK", cseq=self.cseq, branch=self._branch))
            self.theirs = theirs
        return answer

    def cancel(self) -> None:
        self.peer.send(self.text("CANCEL", cseq=self.cseq, branch=self._branch))


def called(peer: Peer, invite: Message, to_tag: str) -> Dialog:
    """The dialog of a call that `peer` has answered with this tag."""
    return Dialog(
        peer,
        ours=f"{invite.header('To')};tag={to_tag}",
        theirs=invite.header("From"),
        call_id=invite.header("Call-ID"),
        target=_uri(invite.header("Contact")),
        routes=invite.headers("Record-Route"),
    )


def authorization(
    challenge: Message, method: str, uri: str, username: str, password: str, *, ha1: str = ""
) -> str:
    """The Authorization header that answers a 401 (RFC 7616, qop=auth)."""
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.header("WWW-Authenticate").partition(" ")[2]))
    algorithm = fields.get("algorithm", "MD5")
    h = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5
    digest = lambda text: h(text.encode()).hexdigest()  # noqa: E731
    secret = ha1 or digest(f"{username}:{fields['realm']}:{password}")
    cnonce = tag()
    response = digest(f"{secret}:{fields['nonce']}:00000001:{cnonce}:auth:{digest(f'{method}:{uri}')}")
    return (
        f'Authorization: Digest username="{username}", realm="{fields["realm"]}", nonce="{fields["nonce"]}",'
        f' uri="{uri}", response="{response}", algorithm={algorithm}, cnonce="{cnonce}",'
        f" qop=auth, nc=00000001"
    )
