"""A called party written out by hand, for what SIPp cannot do: answers that cross, come twice or late."""

from __future__ import annotations

import re
import socket
import time

from tests.bench.sip_caller import Message, new_branch


class RawPeer:
    """One UDP socket that is called once. `wait` returns what comes; nothing is answered by itself."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port: int = self.sock.getsockname()[1]
        self.invite = Message("", 0)
        self._to = ("", 0)
        self._cseq = 100

    def called(self) -> Message:
        """The INVITE, which also teaches us the dialog."""
        self.invite = self.wait("INVITE")
        return self.invite

    def wait(self, method: str, *, code: int = 0, timeout_s: float = 20.0) -> Message:
        """The next request of that method; with `code` the next such response to one of ours."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                data, self._to = self.sock.recvfrom(65_535)
            except TimeoutError:
                break
            message = Message(data.decode(), 0)
            if message.code == code and message.header("CSeq").endswith(f" {method}"):
                return message
        raise AssertionError(f"no {code or ''} {method} from the line")

    def silent(self, method: str, for_s: float) -> bool:
        """Whether no such request comes meanwhile."""
        try:
            self.wait(method, timeout_s=for_s)
        except AssertionError:
            return True
        return False

    def respond(
        self,
        request: Message,
        status: str,
        body: str = "",
        *headers: str,
        tag: str = "raw",
        contact: str = "",
    ) -> None:
        """`status` like "180 Ringing"."""
        to = request.header("To")
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.headers("Via"))]
        lines += [f"From: {request.header('From')}", f"To: {to}" if "tag=" in to else f"To: {to};tag={tag}"]
        lines += [f"{name}: {request.header(name)}" for name in ("Call-ID", "CSeq")]
        lines += [f"Contact: <{contact or f'sip:raw@127.0.0.1:{self.port}'}>", *headers]
        lines += ["Content-Type: application/sdp"] if body else []
        self._send([*lines, f"Content-Length: {len(body)}", "", body])

    def request(self, method: str, body: str = "", *headers: str, cseq: int | None = None) -> int:
        """A request inside the dialog; its CSeq number."""
        if cseq is None:
            self._cseq += 1
            cseq = self._cseq
        contact = re.search(r"<([^>]*)>", self.invite.header("Contact"))
        assert contact
        lines = [f"{method} {contact[1]} SIP/2.0"]
        lines += [f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch={new_branch()}", "Max-Forwards: 70"]
        lines += [f"From: {self.invite.header('To')};tag=raw", f"To: {self.invite.header('From')}"]
        lines += [f"Call-ID: {self.invite.header('Call-ID')}", f"CSeq: {cseq} {method}"]
        lines += [f"Contact: <sip:raw@127.0.0.1:{self.port}>", *headers]
        lines += ["Content-Type: application/sdp"] if body else []
        self._send([*lines, f"Content-Length: {len(body)}", "", body])
        return cseq

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> RawPeer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _send(self, lines: list[str]) -> None:
        self.sock.sendto("\r\n".join(lines).encode(), self._to)
