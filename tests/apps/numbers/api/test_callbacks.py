from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from apps.numbers.api import callbacks
from apps.numbers.signals import message_told

TOKEN = "an-auth-token-of-twilio"
ORIGIN = "https://calls.example.com"


@pytest.fixture(autouse=True)
def twilio(settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, TOKEN
    settings.PUBLIC_URL, settings.TELNYX_API_KEY = ORIGIN, ""


@pytest.fixture
def messages() -> Iterator[list[tuple[str, str, bool]]]:
    """Key and problem of those that were told of, and whether the carrier takes money for them."""
    told: list[tuple[str, str, bool]] = []

    def hear(sender: object, *, key: str, problem: str, billed: bool, **_: object) -> None:
        told.append((key, problem, billed))

    message_told.connect(hear)
    yield told
    message_told.disconnect(hear)


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    told: list[dict[str, str]] = []
    monkeypatch.setattr(callbacks, "look_at_port", lambda **which: told.append(which))
    monkeypatch.setattr(callbacks, "platform_scope", _nothing)
    return told


class _nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def _post(
    client: Client, form: dict[str, str], *, path: str = "/webhooks-in/twilio?key=msg-1", token: str = TOKEN
) -> int:
    signature = RequestValidator(token).compute_signature(f"{ORIGIN}{path}", form)
    answer = client.post(
        path,
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
        secure=True,
    )
    return int(answer.status_code)


def _post_json(client: Client, told: Any, *, signed_as: bytes | None = None) -> int:
    body = json.dumps(told).encode()
    path = f"/webhooks-in/twilio?bodySHA256={sha256(signed_as or body).hexdigest()}"
    answer = client.post(
        path,
        body,
        content_type="application/json",
        headers={"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(f"{ORIGIN}{path}", {})},
        secure=True,
    )
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("delivered", "", [("msg-1", "", True)]),
        ("undelivered", "30003", [("msg-1", "The telephone was off or out of reach.", True)]),
        ("failed", "31999", [("msg-1", "The carrier could not deliver it (Twilio's error 31999).", False)]),
        ("sent", "", []),
        ("queued", "", []),
    ],
)
def test_what_became_of_a_message(
    client: Client,
    messages: list[tuple[str, str, bool]],
    status: str,
    code: str,
    told: list[tuple[str, str, bool]],
) -> None:
    form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": status, "Body": "Grüße & more"}

    assert _post(client, form | ({"ErrorCode": code} if code else {})) == 204
    assert messages == told


def test_a_message_without_our_key(client: Client, messages: list[tuple[str, str, bool]]) -> None:
    assert _post(client, {"MessageStatus": "failed"}, path="/webhooks-in/twilio") == 204
    assert messages == []


@pytest.mark.parametrize("token", ["another-token", ""])
def test_what_somebody_else_signed(client: Client, messages: list[tuple[str, str, bool]], token: str) -> None:
    assert _post(client, {"MessageStatus": "failed"}, token=token) == 403
    assert messages == []


def test_what_was_changed_on_the_way(client: Client, messages: list[tuple[str, str, bool]]) -> None:
    path = "/webhooks-in/twilio?key=msg-1"
    signature = RequestValidator(TOKEN).compute_signature(f"{ORIGIN}{path}", {"MessageStatus": "delivered"})
    for target, form in (
        (path, {"MessageStatus": "failed"}),
        ("/webhooks-in/twilio?key=msg-2", {"MessageStatus": "delivered"}),
    ):
        answer = client.post(
            target,
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
            secure=True,
        )
        assert answer.status_code == 403
    assert messages == []


def test_news_of_a_port(client: Client, ports: list[dict[str, str]]) -> None:
    assert _post_json(client, {"port_in_request_sid": "KW1", "status": "completed"}) == 204
    assert ports == [{"carrier": "twilio", "carrier_id": "KW1"}]


@pytest.mark.parametrize("told", [[], "text", {"port_in_request_sid": 7}, {}])
def test_what_means_nothing(client: Client, ports: list[dict[str, str]], told: Any) -> None:
    assert _post_json(client, told) == 204
    assert ports == []


def test_a_body_that_nobody_signed(client: Client, ports: list[dict[str, str]]) -> None:
    assert _post_json(client, {"port_in_request_sid": "KW1"}, signed_as=b"{}") == 403
    path = "/webhooks-in/twilio"
    signature = RequestValidator(TOKEN).compute_signature(f"{ORIGIN}{path}", {})
    answer = client.post(
        path,
        b'{"port_in_request_sid": "KW1"}',
        content_type="application/json",
        headers={"X-Twilio-Signature": signature},
        secure=True,
    )
    assert answer.status_code == 403
    assert ports == []


def test_a_carrier_that_is_not_set_up(client: Client, settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID = ""

    assert _post(client, {}) == 404
    assert client.post("/webhooks-in/telnyx", secure=True).status_code == 404


def test_what_is_no_callback(client: Client) -> None:
    assert client.get("/webhooks-in/twilio", secure=True).status_code == 405
    big = "x" * (callbacks.MOST_BYTES + 1)
    assert _post(client, {"MessageStatus": "failed", "Body": big}) == 413
