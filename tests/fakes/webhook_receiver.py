"""A tenant's server that webhooks are sent to: HTTP/1.1 on a real socket, in a thread of its own.

It behaves as `manner` says, and keeps what came. `verify` is the one of the Standard Webhooks library.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from standardwebhooks.webhooks import Webhook

Manner = Literal[
    "ok", "fail", "hang", "redirect", "endless", "megabyte", "vanish", "gone", "slow_drip", "slow_head"
]


@dataclass(frozen=True)
class Received:
    """A request as it came; the names of its headers in small letters. `at`: `time.time`; `port`: its
    connection's other end."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    port: int = 0

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebhookReceiver:
    """Use as a context manager. `manner` may be changed at any time, or be a function of the request;
    `location` is where a redirect leads; `hold_s`: how long an answer takes; `reply`: what an answer that is
    "ok" says, as JSON unless it is bytes."""

    manner: Manner | Callable[[Received], Manner] = "ok"
    location: str = "http://169.254.169.254/latest/meta-data/"
    hold_s: float = 0.0
    reply: Any | Callable[[Received], Any] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> WebhookReceiver:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.path, headers, body, time.time(), self.client_address[1])
                outer.received.append(request)
                outer._answer(self, request)

            def log_message(self, format: str, *args: Any) -> None:
                """Not on the tests' terminal."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128  # a busy machine is no server that refuses connections
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    @property
    def events(self) -> list[Any]:
        """Each event once, in the order in which it came first: what a receiver keeps that drops repeats."""
        return list({request.id: request.event for request in reversed(self.received)}.values())[::-1]

    def verify(self, secret: str) -> None:
        """Every request carries a signature by `secret`; raises what the library raises."""
        for request in list(self.received):
            Webhook(secret).verify(request.body, request.headers)

    def _answer(self, handler: BaseHTTPRequestHandler, request: Received) -> None:
        manner = self.manner(request) if callable(self.manner) else self.manner
        if self.hold_s:
            self._closing.wait(self.hold_s)
        if manner == "hang":
            self._closing.wait(60)
            handler.close_connection = True
            return
        if manner == "vanish":
            handler.close_connection = True
            return
        if manner == "slow_head":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            self._never_ends(handler, b"x")
            return
        statuses = {"fail": 500, "redirect": 302, "gone": 410}
        handler.send_response(statuses.get(manner, 200))
        if manner == "redirect":
            handler.send_header("Location", self.location)
        if manner in ("endless", "slow_drip"):
            handler.send_header("Connection", "close")
            handler.end_headers()
            self._never_ends(handler, b"x" if manner == "slow_drip" else b"x" * 65_536)
            return
        reply = self.reply(request) if callable(self.reply) else self.reply
        body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        body = b"x" * 1_000_000 if manner == "megabyte" else body
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _never_ends(self, handler: BaseHTTPRequestHandler, piece: bytes) -> None:
        handler.close_connection = True
        try:
            while not self._closing.wait(0.2 if len(piece) == 1 else 0):
                handler.wfile.write(piece)
        except OSError:
            return
