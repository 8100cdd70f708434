"""Twilio on a real socket. Each host of Twilio is the first part of the path, as TWILIO_API_BASE has it.

Every request is checked against Twilio's published documents, where they are there, and every answer too;
`faults` are what was found, and a request with faults is refused.
"""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.twilio_server import api_2010, numbers, trunking, trusthub
from tests.fakes.twilio_server.documents import FILES, faults_of_answer, faults_of_request
from tests.fakes.twilio_server.state import Account, Call, Offer
from tests.fakes.twilio_server.wire import PLACES, Asked, Place, Refused

PARTS = (api_2010, trunking, numbers, trusthub)
__all__ = ["Call", "Offer", "TwilioServer", "twilio_server"]
TOKEN = "an-auth-token-of-twilio-0123456789"
SID = "AC" + "0123456789abcdef" * 2


@dataclass
class Trouble:
    """What goes wrong with the next `times` requests of `method` whose path holds `part`: they are answered
    by `status` and `code`, or the connection is cut, before anything happens or after it all has."""

    method: str
    part: str
    when: Literal["before", "after"] = "before"
    status: int = 0
    code: int = 0
    message: str = "Trouble"
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


class Cut(Exception):
    """The connection ends without an answer."""


class TwilioServer:
    """`account` is the state; `asked` all requests; `faults`: what was not as Twilio's documents say."""

    def __init__(self) -> None:
        self.account = Account(SID)
        self.sid, self.token = SID, TOKEN
        self.asked: list[Asked] = []
        self.faults: list[str] = []
        self.troubles: list[Trouble] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        """Of Django, so that we speak to this one."""
        return {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_BASE": self.url}

    def sells(self, *offers: Offer, month: str = "1.15") -> None:
        """Puts numbers on sale, at `month` dollars each month."""
        names = {"Local": "local", "Mobile": "mobile", "TollFree": "toll free", "National": "national"}
        for offer in offers:
            self.account.for_sale.append(offer)
            self.account.prices.setdefault(offer.country, {})[names[offer.kind]] = month

    def trouble(self, method: str, part: str, **how: Any) -> None:
        self.troubles.append(Trouble(method, part, **how))

    def count(self, method: str, part: str) -> int:
        """How many such requests there were."""
        return sum(1 for one in self.asked if one.method == method and part in one.path)

    @contextmanager
    def running(self) -> Iterator[TwilioServer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    # --- One request
    def answer(self, asked: Asked, authorization: str) -> tuple[int, Any, dict[str, str]]:
        self.asked.append(asked)
        trouble = self._trouble_with(asked)
        if trouble is not None and trouble.when == "before":
            return self._break(trouble)
        try:
            status, body = self._checked(asked, authorization)
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
        refused = Refused(trouble.status, trouble.code, trouble.message)
        return trouble.status, refused.body, trouble.headers

    def _checked(self, asked: Asked, authorization: str) -> tuple[int, Any]:
        right = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        if authorization != f"Basic {right}":
            raise Refused(401, 20003, "Authenticate")
        place = next((p for p in PLACES if _is_at(p, asked)), None)
        faults = faults_of_request(asked.host, asked.method, asked.path, asked.query, asked.form)
        if place is not None and asked.host not in FILES:
            faults += _faults_of_table(place, asked)
        if faults:
            self.faults += faults
            raise Refused(400, 20001, "; ".join(faults))
        if place is None:
            raise Refused(404, 20404, f"The requested resource {asked.path} was not found")
        with self.account.lock:
            given = place.pattern.match(asked.path)
            status, body = place.route(self.account, asked, **(given.groupdict() if given else {}))
        self.faults += faults_of_answer(asked.host, asked.method, asked.path, status, body)
        return status, body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        twilio = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = _read(self.command, self.path, self.headers, self.rfile.read(length))
                try:
                    status, body, headers = twilio.answer(asked, self.headers.get("Authorization", ""))
                except Cut:
                    self.close_connection = True
                    with contextlib.suppress(OSError):
                        self.connection.shutdown(socket.SHUT_RDWR)
                    return
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _any

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


def _read(method: str, target: str, headers: Any, body: bytes) -> Asked:
    url = urlsplit(target)
    host, _, rest = url.path.lstrip("/").partition("/")
    asked = Asked(host, method, unquote(f"/{rest}"), parse_qs(url.query, keep_blank_values=True))
    kind = headers.get("Content-Type") or ""
    if kind.startswith("application/json"):
        asked.json = json.loads(body or b"null")
    elif kind.startswith("multipart/form-data"):
        _read_parts(asked, kind, body)
    else:
        asked.form = parse_qs(body.decode(), keep_blank_values=True)
    return asked


def _read_parts(asked: Asked, kind: str, body: bytes) -> None:
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename():
            asked.files[str(name)] = (part.get_content_type(), content)
        else:
            asked.form[str(name)] = [content.decode()]


def _is_at(place: Place, asked: Asked) -> bool:
    return (place.method, place.host) == (asked.method, asked.host) and bool(place.pattern.match(asked.path))


def _faults_of_table(place: Place, asked: Asked) -> list[str]:
    where = f"{asked.method} {asked.host}{asked.path}"
    given = {*asked.query, *asked.form}
    unknown = [f"{where}: nobody knows {name}" for name in sorted(given - place.takes)]
    return unknown + [f"{where}: {name} is missing" for name in sorted(place.needs - given)]


@contextmanager
def twilio_server() -> Iterator[TwilioServer]:
    """One on a port of its own of the loopback."""
    with TwilioServer().running() as server:
        yield server
