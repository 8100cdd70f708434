"""A browser that talks to the headless API, with the CSRF check on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import time
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

BASE = "/_allauth/browser/v1"
TOTP_STEP_S = 30
PASSWORD = "a long enough passphrase"


class Browser:
    """Cookies, the CSRF header, JSON; one address of its own, so that limits by address are its own too."""

    def __init__(self, address: str = "192.0.2.1", agent: str = "Test browser") -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.address = address
        self.agent = agent

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> HttpResponse:
        """`path` under the headless API, or from the root when it begins with ``/``."""
        url = path if path.startswith("/") else f"{BASE}/{path}"
        if "csrftoken" not in self.client.cookies:
            self.client.get(f"{BASE}/config", REMOTE_ADDR=self.address)
        headers = {
            "Host": "testserver",
            "User-Agent": self.agent,
            "X-CSRFToken": self.client.cookies["csrftoken"].value,
        } | headers
        return self.client.generic(  # type: ignore[return-value]
            method,
            url,
            b"" if data is None else json.dumps(data),
            content_type="application/json",
            headers=headers,
            REMOTE_ADDR=self.address,
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> HttpResponse:
        return self.ask("POST", path, data, **headers)

    def delete(self, path: str, data: Any = None) -> HttpResponse:
        return self.ask("DELETE", path, data)

    def login(self, email: str, password: str = PASSWORD) -> HttpResponse:
        return self.post("auth/login", {"email": email, "password": password})

    def prove(self, password: str = PASSWORD) -> HttpResponse:
        """What changes of the account want within the last 5 minutes, however fresh the login."""
        return self.post("auth/reauthenticate", {"password": password})

    @property
    def logged_in(self) -> bool:
        return self.get("auth/session").status_code == 200


def empty_cache(settings: Settings) -> None:
    """Nothing is counted yet, as after Redis was wiped; other tests on the same Redis notice nothing."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}


def link_in(mail: EmailMessage, path: str) -> str:
    """The key at the end of the link to the page `path`, as the page's router reads it."""
    found = re.search(rf"https?://[^/\s]+/{path}/(\S+)", str(mail.body))
    assert found is not None, mail.body
    return unquote(found[1])


def error_codes(answer: HttpResponse) -> list[tuple[str, str]]:
    """(field, code) of an answer of the headless API."""
    return [(e.get("param", ""), e["code"]) for e in answer.json()["errors"]]


def give_code(browser: Browser, path: str, secret: str) -> HttpResponse:
    """Posts the one-time password (RFC 6238) of now; again when it is wrong, for its time may have ended
    on the way."""
    for _ in range(3):
        counter = struct.pack(">Q", int(time.time()) // TOTP_STEP_S)
        digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
        number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
        answer = browser.post(path, {"code": f"{number % 1_000_000:06}"})
        if answer.status_code != 400:
            break
    return answer
