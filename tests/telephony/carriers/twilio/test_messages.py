from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.twilio import TwilioCarrier
from tests.fakes.twilio_server.server import Offer, TwilioServer

OURS, THEIRS = "+12065550123", "+12065550177"


@pytest.fixture(autouse=True)
def number(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(Offer(OURS))
    carrier.buy(e164=OURS, key="order-1")


def _send(carrier: TwilioCarrier, **changed: Any) -> str:
    wish: dict[str, Any] = {"sender": OURS, "to": THEIRS, "text": "Your table is booked.", "key": "msg-1"}
    return carrier.send_message(**wish | changed)


def _callback(twilio: TwilioServer, id: str) -> object:
    return twilio.account.rows["callbacks"][id]["url"]


def test_it_is_sent_and_its_news_come_here(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    id = _send(carrier)

    [message] = twilio.account.all("SM")
    assert (message["from"], message["to"], message["body"]) == (OURS, THEIRS, "Your table is booked.")
    assert message["sid"] == id
    assert _callback(twilio, id) == "https://calls.example.com/webhooks-in/twilio?key=msg-1"


def test_nobody_is_told_to_call_a_machine_of_ones_own(
    twilio: TwilioServer, carrier: TwilioCarrier, settings: Settings
) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"

    assert _callback(twilio, _send(carrier)) is None


def test_an_attempt_whose_end_nobody_knows_is_not_repeated(
    twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    began = datetime.now(UTC)
    twilio.trouble("POST", "/Messages.json", when="after")

    with pytest.raises(CarrierDown):
        _send(carrier)
    id = _send(carrier, since=began)

    assert [message["sid"] for message in twilio.account.all("SM")] == [id]


def test_an_attempt_that_never_arrived_is(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    began = datetime.now(UTC)
    twilio.trouble("POST", "/Messages.json", status=503)

    with pytest.raises(CarrierDown):
        _send(carrier)
    _send(carrier, since=began)

    assert len(twilio.account.all("SM")) == 1


def test_the_same_words_of_another_time_or_person_are_another_message(
    twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    _send(carrier)
    _send(carrier, to="+12065550178")
    _send(carrier, text="Another text.")

    _send(carrier, since=datetime.now(UTC) + timedelta(minutes=5))

    assert len(twilio.account.all("SM")) == 4


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"to": "+12065550179"}, "unsubscribed", "STOP"),
        ({"to": "+1"}, "bad_input", "Check the number"),
        ({"sender": "+12065550100"}, "bad_input", "cannot send"),
    ],
)
def test_why_it_is_not_sent(
    twilio: TwilioServer, carrier: TwilioCarrier, changed: dict[str, str], code: str, words: str
) -> None:
    twilio.account.unsubscribed.add("+12065550179")

    with pytest.raises(CarrierRefused, match=words) as refused:
        _send(carrier, **changed)
    assert refused.value.code == code
