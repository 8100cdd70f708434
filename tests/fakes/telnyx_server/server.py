"""Telnyx on a real socket. Requests with names that Telnyx does not know are `faults`, and refused."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fakes.telnyx_server import routes
from tests.fakes.telnyx_server.state import PLACES, Account, Asked, Offer, Refused, faults

ROUTES = routes
__all__ = ["Offer", "TelnyxServer", "telnyx_server"]
KEY = "KEY0123456789_an-api-key-of-telnyx"


@dataclass
class Trouble:
    """What goes wrong with the next `times` requests of `method` whose path holds `part`: they are answered
    by `status`, or the connection is cut, before anything happens or after it all has."""

    method: str
    part: str
    when: Literal["before", "after"] = "before"
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


class Cut(Exception):
    """The connection ends without an answer."""


class TelnyxServer:
    """`account` is the state; `asked` all requests; `faults`: what was not as Telnyx wants it."""

    def __init__(self) -> None:
        self.account = Account()
        self.asked: list[Asked] = []
        self.faults: list[str] = []
        self.troubles: list[Trouble] = []
        self._private = Ed25519PrivateKey.generate()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v2"

    @property
    def settings(self) -> dict[str, str]:
        """Of Django, so that we speak to this one."""
        public = b64encode(self._private.public_key().public_bytes_raw()).decode()
        return {"TELNYX_API_KEY": KEY, "TELNYX_API_BASE": self.url, "TELNYX_PUBLIC_KEY": public}

    def sells(self, *offers: Offer) -> None:
        self.account.for_sale += offers

    def trouble(self, method: str, part: str, **how: Any) -> None:
        self.troubles.append(Trouble(method, part, **how))

    def count(self, method: str, part: str) -> int:
        """How many such requests there were."""
        return sum(1 for one in self.asked if one.method == method and part in one.path)

    def signed(self, body: bytes, at: int) -> dict[str, str]:
        """The headers of a callback with `body`."""
        signature = self._private.sign(f"{at}|".encode() + body)
        return {"telnyx-timestamp": str(at), "telnyx-signature-ed25519": b64encode(signature).decode()}

    @contextmanager
    def running(self) -> Iterator[TelnyxServer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, asked: Asked, authorization: str) -> tuple[int, Any, dict[str, str]]:
        self.asked.append(asked)
        trouble = self._trouble_with(asked)
        if trouble is not None and trouble.when == "before":
            return self._break(trouble)
        try:
            status, body = 200, self._checked(asked, authorization)
        except Refused as error:
            status, body = error.status, error.body
        if trouble is not None:
            return self._break(trouble)
        return status, body, {}

    def _trouble_with(self, asked: Asked) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.method == asked.method and trouble.part in asked.path:
                trouble.times -= 1
                if trouble.times <= 0:
                    self.troubles.remove(trouble)
                return trouble
        return None

    def _break(self, trouble: Trouble) -> tuple[int, Any, dict[str, str]]:
        if not trouble.status:
            raise Cut
        return trouble.status, Refused(trouble.status, "10007", "Trouble").body, trouble.headers

    def _checked(self, asked: Asked, authorization: str) -> Any:
        if authorization != f"Bearer {KEY}":
            raise Refused(401, "10009", "Authentication failed")
        found = ((p, p.pattern.match(asked.path)) for p in PLACES if p.method == asked.method)
        place, match = next(((p, m) for p, m in found if m), (None, None))
        if place is None or match is None:
            raise Refused(404, "10005", "The requested resource or URL could not be found.")
        if wrong := faults(place, asked):
            self.faults += wrong
            raise Refused(422, "10015", "; ".join(wrong))
        with self.account.lock:
            return place.route(self.account, asked, **match.groupdict())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        telnyx = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = _read(self.command, self.path, self.headers, self.rfile.read(length))
                try:
                    status, body, headers = telnyx.answer(asked, self.headers.get("Authorization", ""))
                except Cut:
                    self.close_connection = True
                    with contextlib.suppress(OSError):
                        self.connection.shutdown(socket.SHUT_RDWR)
                    return
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status if content else 204)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_DELETE = _any

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


def _read(method: str, target: str, headers: Any, body: bytes) -> Asked:
    url = urlsplit(target)
    path = unquote(url.path).removeprefix("/v2")
    asked = Asked(method, path, parse_qs(url.query, keep_blank_values=True))
    kind = headers.get("Content-Type") or ""
    if kind.startswith("multipart/form-data"):
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            asked.files[str(part.get_param("name", header="content-disposition"))] = content
    elif body:
        asked.body = json.loads(body)
    return asked


@contextmanager
def telnyx_server() -> Iterator[TelnyxServer]:
    """One on a port of its own of the loopback."""
    with TelnyxServer().running() as server:
        yield server
