"""A SIP caller over TCP that decides itself where its messages are cut (RFC 3261, 18.3)."""

from __future__ import annotations

import random
import re
import socket
import time

from tests.bench.sip_caller import Message, new_branch


class StreamCaller:
    """One connection at a time; `connect` makes another. `make` makes messages, `send` sends them."""

    def __init__(self, to: tuple[str, int], number: str) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.uri = f"sip:{number}@{to[0]}:{to[1]};transport=tcp"
        self.call_id = f"{random.getrandbits(64):x}@stream"
        self.caller = f"<sip:+12025550151@127.0.0.1:{self.port}>;tag={random.getrandbits(32):x}"
        self.callee = f"<{self.uri}>"
        self._buffer = b""
        self.connection = self.connect()

    def connect(self) -> socket.socket:
        """A new connection, whatever has become of the last one."""
        self._buffer = b""
        self.connection = socket.create_connection(self._to, 10)
        return self.connection

    def accept(self, timeout_s: float = 20.0) -> None:
        """Takes the connection that the other side opens to our Contact."""
        self._listener.settimeout(timeout_s)
        self._buffer = b""
        self.connection = self._listener.accept()[0]

    def make(self, method: str, cseq: int, body: str = "", *headers: str, call_id: str = "") -> bytes:
        """A request to the line."""
        lines = [f"{method} {self.uri} SIP/2.0"]
        lines += [f"Via: SIP/2.0/TCP 127.0.0.1:{self.port};branch={new_branch()}", "Max-Forwards: 70"]
        lines += [f"From: {self.caller}", f"To: {self.callee}", f"Call-ID: {call_id or self.call_id}"]
        lines += [f"CSeq: {cseq} {method}", f"Contact: <sip:stream@127.0.0.1:{self.port};transport=tcp>"]
        lines += ["Content-Type: application/sdp"] if body else []
        return "\r\n".join([*lines, *headers, f"Content-Length: {len(body)}", "", body]).encode()

    def send(self, *parts: bytes, pause_s: float = 0.05) -> None:
        """Each part as a segment of its own."""
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            self.connection.sendall(part)
            time.sleep(pause_s)

    def wait(self, method: str, *, code: int = 0, timeout_s: float = 20.0) -> Message:
        """The next request of that method; with `code` the next such response."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = self._next(deadline)
            if message.code == code and message.header("CSeq").endswith(f" {method}"):
                return message

    def answer(self, request: Message, status: str) -> None:
        """A response without a body."""
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.headers("Via"))]
        lines += [f"{name}: {request.header(name)}" for name in ("From", "To", "Call-ID", "CSeq")]
        self.connection.sendall("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())

    def call(self, offer: str) -> Message:
        """INVITE, 200 and ACK."""
        self.send(self.make("INVITE", 1, offer))
        answer = self.wait("INVITE", code=200)
        self.callee = answer.header("To")
        self.send(self.make("ACK", 1))
        return answer

    def read(self, size: int, timeout_s: float = 20.0) -> bytes:
        """So many octets, whatever they are."""
        self.connection.settimeout(timeout_s)
        while len(self._buffer) < size:
            self._buffer += self._receive()
        octets, self._buffer = self._buffer[:size], self._buffer[size:]
        return octets

    def close(self) -> None:
        self.connection.close()
        self._listener.close()

    def __enter__(self) -> StreamCaller:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _next(self, deadline: float) -> Message:
        while True:
            head, blank, rest = self._buffer.lstrip(b"\r\n").partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
            size = int(length[1]) if length else 0
            if blank and len(rest) >= size:
                self._buffer = rest[size:]
                return Message((head + blank + rest[:size]).decode(), 0)
            left = deadline - time.monotonic()
            assert left > 0, f"nothing but {self._buffer!r}"
            self.connection.settimeout(left)
            self._buffer += self._receive()

    def _receive(self) -> bytes:
        data = self.connection.recv(65_536)
        assert data, "the line has closed the connection"
        return data
