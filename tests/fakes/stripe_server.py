"""Stripe's API over a real socket, as far as we use it: stateful, with its pages and signed webhooks.

It is asked through Stripe's own library. `pay_at` and `pay_invoice_at` are what a person does on its pages
(they are also there as HTML, under the addresses that the API gives); `refund`, `dispute` and the like of
`account` are what its dashboard and the banks do.
"""

from __future__ import annotations

import contextlib
import html
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from stripe import WebhookSignature

from tests.fakes.stripe_server_api import StripeApi
from tests.fakes.stripe_server_billing import BillingAccount
from tests.fakes.stripe_server_pages import Pages
from tests.fakes.stripe_server_shapes import Object
from tests.fakes.stripe_server_state import API_VERSION, Refusal

KEY = "sk_test_of_these_tests"
SECRET = "whsec_of_these_tests"


class StripeServer:
    """Use `running()`.

    `trouble`: what happens to requests: ``down`` (503), ``lost`` (done, but the answer never comes),
    ``limited`` (429), ``refused`` (401); only to paths that begin or end with `trouble_at`, and to
    `trouble_for` of them. `asked`: method, path and idempotency key of each request. `webhooks_to`: where
    events are sent as they happen, again until they are taken; `refused_tellings` counts those that were not.
    """

    def __init__(self) -> None:
        self.account = BillingAccount()
        self.api = StripeApi(self.account)
        self.pages = Pages(self.account)
        self.trouble, self.trouble_at, self.trouble_for = "", "/v1/", 1_000_000
        self.asked: list[tuple[str, str, str]] = []
        self.webhooks_to, self.refused_tellings = "", 0
        self._answers: dict[str, tuple[str, int, Any]] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._told = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = self.account.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[StripeServer]:
        threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True),
            threading.Thread(target=self._tell_all, daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._closing.set()
            self._server.shutdown()
            self._server.server_close()
            for thread in threads:
                thread.join()

    def reset(self) -> None:
        """As it was in the beginning, at the same address."""
        with self._lock:
            self.account.objects.clear()
            self.account.events.clear()
            self.account.numbers.clear()
            self.account.behind.clear()
            self.account.asks_address.clear()
            self.account.tax_percent = 0
            self.account.settles_in, self.account.per_hundred = "usd", 100
            self.account.refunds_wait = False
            self.trouble, self.trouble_at, self.trouble_for = "", "/v1/", 1_000_000
            self.asked.clear()
            self._answers.clear()
            self._told = 0
            self.webhooks_to, self.refused_tellings = "", 0

    def lose_answer_of(self, ending: str) -> None:
        """The next POST to a path with this ending is done, and not answered."""
        self.trouble, self.trouble_at, self.trouble_for = "lost", ending, 1

    @property
    def settings(self) -> dict[str, Any]:
        """Of a control plane that uses it (`override_settings`)."""
        return {
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRETS": [SECRET],
            "STRIPE_API_BASE": self.url,
            "STRIPE_MAX_RETRIES": 0,
        }

    # --- What people do ------------------------------------------------------------------------------
    def pay_at(self, url: str, card: str = "4242424242424242", *, authenticated: bool = True) -> str:
        """On the page of a Checkout session; where the browser goes then. Refusal when it stays there."""
        with self._lock:
            return self.pages.complete(_last(url), card, authenticated=authenticated)

    def pay_invoice_at(self, url: str, card: str = "4242424242424242", *, authenticated: bool = True) -> None:
        with self._lock:
            self.pages.pay_invoice(_last(url), card, authenticated=authenticated)

    # --- What is told --------------------------------------------------------------------------------
    def signed(self, event: Object, *, secret: str = SECRET, at: int | None = None) -> tuple[bytes, str]:
        """The body of a telling of `event`, and its Stripe-Signature."""
        body = json.dumps(event)
        return body.encode(), WebhookSignature.generate_signature_header(body, secret, at)

    def _tell_all(self) -> None:
        while not self._closing.wait(0.02):
            while self.webhooks_to and self._told < len(self.account.events):
                if not self._tell(self.account.events[self._told]):
                    break
                self._told += 1

    def _tell(self, event: Object) -> bool:
        body, signature = self.signed(event)
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        try:
            if httpx.post(self.webhooks_to, content=body, headers=headers, timeout=10).is_success:
                return True
        except httpx.HTTPError:
            pass
        self.refused_tellings += 1
        self._closing.wait(0.2)
        return False

    # --- HTTP ----------------------------------------------------------------------------------------
    def answer(self, method: str, path: str, query: str, body: str, headers: Any) -> tuple[int, Any] | None:
        """Status and JSON; None: nothing is ever answered."""
        key = headers.get("Idempotency-Key", "")
        with self._lock:
            self.asked.append((method, path, key))
            trouble = self._trouble(path)
            if trouble in ("down", "limited", "refused"):
                return _in_trouble(trouble)
            if headers.get("Authorization") != f"Bearer {KEY}":
                return 401, _error("Invalid API Key provided: sk_test_***", "invalid_request_error")
            if headers.get("Stripe-Version") != API_VERSION:
                return 400, _error("Invalid Stripe API version", "invalid_request_error")
            answer = self._once(method, path, body if method == "POST" else query, key)
            return None if trouble == "lost" else answer

    def _trouble(self, path: str) -> str:
        there = path.startswith(self.trouble_at) or path.endswith(self.trouble_at)
        if not self.trouble or not there or self.trouble_for <= 0:
            return ""
        self.trouble_for -= 1
        return self.trouble

    def _once(self, method: str, path: str, form: str, key: str) -> tuple[int, Any]:
        """What a POST did under its key stands; with other parameters the key is refused."""
        if method != "POST":
            return self._do(method, path, form)
        kept = self._answers.get(key)
        if kept is None:
            status, made = self._do(method, path, form)
            self._answers[key] = (f"{path}?{form}", status, json.loads(json.dumps(made)))
            return status, made
        if kept[0] != f"{path}?{form}":
            words = "Keys for idempotent requests can only be used with the same parameters."
            return 400, _error(words, "idempotency_error")
        return kept[1], kept[2]

    def _do(self, method: str, path: str, form: str) -> tuple[int, Any]:
        try:
            return 200, self.api.do(method, path, nested(parse_qsl(form, keep_blank_values=True)))
        except Refusal as refusal:
            return refusal.status, {"error": refusal.error}


def nested(pairs: list[tuple[str, str]]) -> Object:
    """``a[b][0]=c`` as {"a": {"b": ["c"]}}, as Stripe reads its forms."""
    found: Object = {}
    for name, value in pairs:
        parts = name.replace("]", "").split("[")
        place: Any = found
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1] or str(len(place))] = value
    return {name: _listed(value) for name, value in found.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_listed(value[name]) for name in sorted(value, key=int)]
    return {name: _listed(inner) for name, inner in value.items()}


def _last(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def _error(message: str, kind: str) -> Any:
    return {"error": {"type": kind, "message": message}}


def _in_trouble(trouble: str) -> tuple[int, Any]:
    status = {"down": 503, "limited": 429, "refused": 401}[trouble]
    return status, _error("Stripe is in trouble.", "api_error")


def _handler(stripe: StripeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: two would wait for each other
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if not url.path.startswith("/v1/"):
                self._page(stripe.pages.shown(url.path))
                return
            self._json(stripe.answer("GET", url.path, url.query, "", self.headers))

        def do_POST(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            if url.path.startswith("/v1/"):
                self._json(stripe.answer("POST", url.path, url.query, body, self.headers))
                return
            form = dict(parse_qsl(body))
            try:
                if url.path.startswith("/i/"):
                    stripe.pay_invoice_at(url.path, form["card"])
                    self._page("<h1>Paid</h1>")
                else:
                    self._go(stripe.pay_at(url.path, form["card"]))
            except Refusal as refusal:
                self._page(f"<p role=alert>{html.escape(str(refusal))}</p>" + stripe.pages.shown(url.path))

        def do_DELETE(self) -> None:
            url = urlsplit(self.path)
            self._json(stripe.answer("DELETE", url.path, url.query, "", self.headers))

        def _json(self, answer: tuple[int, Any] | None) -> None:
            if answer is None:
                self.close_connection = True
                return
            self._send(answer[0], json.dumps(answer[1]), "application/json")

        def _page(self, text: str) -> None:
            self._send(200, f"<!doctype html><title>Stripe</title><main>{text}</main>", "text/html")

        def _go(self, url: str) -> None:
            self.send_response(303)
            self.send_header("Location", url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, status: int, text: str, kind: str) -> None:
            data = text.encode()
            with contextlib.suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Request-Id", f"req_{int(time.time())}")
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


@contextmanager
def stripe_server() -> Iterator[StripeServer]:
    with StripeServer().running() as server:
        yield server
