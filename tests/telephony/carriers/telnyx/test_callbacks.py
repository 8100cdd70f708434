from __future__ import annotations

import json
import time
from typing import Any

import pytest
from pytest_django import Settings

from telephony.carriers.base import NotSigned
from telephony.carriers.telnyx import TelnyxCarrier
from telephony.carriers.telnyx.callbacks import OLDEST_S
from telephony.carriers.values import MessageNews, News, PortNews
from tests.fakes.telnyx_server.server import TelnyxServer, telnyx_server

URL = "https://calls.example.com/webhooks-in/telnyx?key=msg-1"


def _hear(
    telnyx: TelnyxServer, carrier: TelnyxCarrier, told: Any, *, url: str = URL, ago_s: int = 0
) -> list[News]:
    body = json.dumps(told).encode()
    headers = telnyx.signed(body, int(time.time()) - ago_s)
    return carrier.hear(url=url, headers=headers, body=body)


def _message(status: str, *errors: dict[str, str]) -> dict[str, Any]:
    payload = {"id": "an-id", "to": [{"phone_number": "+12065550177", "status": status}], "errors": errors}
    return {"data": {"event_type": "message.finalized", "payload": payload}}


@pytest.mark.parametrize(
    ("told", "news"),
    [
        (_message("delivered"), [MessageNews("msg-1")]),
        (
            _message("delivery_failed", {"code": "40001", "title": "Not routable", "detail": "A landline."}),
            [MessageNews("msg-1", "A landline. (Telnyx's error 40001)")],
        ),
        (
            _message("sending_failed"),
            [
                MessageNews(
                    "msg-1", "The other side's carrier did not deliver it and does not say why.", billed=False
                )
            ],
        ),
        (_message("delivery_unconfirmed"), []),
        (
            {"data": {"event_type": "porting_order.status_changed", "payload": {"id": "port-1"}}},
            [PortNews("port-1")],
        ),
        ({"data": {"event_type": "call.hangup", "payload": {}}}, []),
        ({"data": {"event_type": "message.finalized", "payload": None}}, []),
        ({}, []),
        ([], []),
    ],
)
def test_what_is_told(telnyx: TelnyxServer, carrier: TelnyxCarrier, told: Any, news: list[News]) -> None:
    assert _hear(telnyx, carrier, told) == news


def test_a_message_without_our_key(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    assert _hear(telnyx, carrier, _message("delivered"), url=URL.partition("?")[0]) == []


def test_what_is_old_or_of_tomorrow(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    for ago_s in (OLDEST_S + 60, -OLDEST_S - 60):
        with pytest.raises(NotSigned):
            _hear(telnyx, carrier, _message("delivered"), ago_s=ago_s)


@pytest.mark.parametrize("when", ["", "²", "-1", "1e9", "9" * 5000])
def test_a_time_that_is_none(telnyx: TelnyxServer, carrier: TelnyxCarrier, when: str) -> None:
    headers = telnyx.signed(b"{}", int(time.time())) | {"telnyx-timestamp": when}
    with pytest.raises(NotSigned):
        carrier.hear(url=URL, headers=headers, body=b"{}")


def test_what_somebody_else_signed(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    body = json.dumps(_message("delivered")).encode()
    with telnyx_server() as other:
        of_another = other.signed(body, int(time.time()))

    for headers in (of_another, {}, telnyx.signed(b"{}", int(time.time()))):
        with pytest.raises(NotSigned):
            carrier.hear(url=URL, headers=headers, body=body)


def test_without_the_public_key_nothing_is_believed(
    telnyx: TelnyxServer, carrier: TelnyxCarrier, settings: Settings
) -> None:
    settings.TELNYX_PUBLIC_KEY = ""

    with pytest.raises(NotSigned):
        _hear(telnyx, carrier, _message("delivered"))
