"""GitHub's login over a real socket: the web flow of its OAuth apps, and the two places of its API that say
who somebody is. As on a GitHub Enterprise Server, everything has one origin.

It asks nobody for a password: whoever is sent to it is `person`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit


class GithubServer:
    """One OAuth app. Change `person` and `emails` between logins."""

    def __init__(self) -> None:
        self.client_id = "trunkline"
        self.client_secret = secrets.token_urlsafe(16)
        self.person: dict[str, Any] = {"id": 1, "login": "member", "name": "A Member", "email": None}
        self.emails: list[dict[str, Any]] | None = None
        """As ``/user/emails`` lists them; None: the app may not read them (404)."""
        self.refuses = ""
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[GithubServer]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def authorize(self, query: dict[str, str]) -> str:
        back = {"state": query["state"]}
        if self.refuses:
            back["error"] = self.refuses
        else:
            back["code"] = secrets.token_hex(10)
            self._codes[back["code"]] = query
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str]) -> dict[str, str]:
        """GitHub answers 200 to everything, faults as well."""
        asked = self._codes.pop(form.get("code", ""), None)
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return {"error": "incorrect_client_credentials"}
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return {"error": "bad_verification_code"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if asked.get("code_challenge") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            return {"error": "bad_verification_code", "error_description": "PKCE"}
        token = f"gho_{secrets.token_hex(18)}"
        self._tokens.add(token)
        return {"access_token": token, "scope": asked["scope"], "token_type": "bearer"}

    def api(self, path: str, authorization: str) -> tuple[int, Any]:
        if authorization.partition(" ")[2] not in self._tokens:
            return 401, {"message": "Bad credentials"}
        if path == "/user":
            return 200, self.person
        if path == "/user/emails" and self.emails is not None:
            return 200, self.emails
        return 404, {"message": "Not Found"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        github = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path == "/login/oauth/authorize":
                    self.send_response(302)
                    self.send_header("Location", github.authorize(dict(parse_qsl(url.query))))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    authorization = self.headers.get("Authorization", "")
                    self._send(*github.api(url.path.removeprefix("/api/v3"), authorization))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._send(200, github.token(dict(parse_qsl(body))))

            def _send(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Silence."""

        return Handler
