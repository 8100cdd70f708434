from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.telnyx import TelnyxCarrier
from tests.fakes.telnyx_server.server import Offer, TelnyxServer

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS, THEIRS = "+12065550123", "+12065550177"


def _call(started_at: datetime, **changed: Any) -> dict[str, Any]:
    record = {
        "record_type": "sip-trunking",
        "id": f"call-{started_at.isoformat()}",
        "call_id": "a-call-id",
        "direction": "outbound",
        "cli": OURS,
        "cld": "442079460018",
        "started_at": started_at.isoformat().replace("+00:00", "Z"),
        "call_sec": 61,
        "billed_sec": 66,
        "cost": "0.0061",
        "currency": "USD",
    }
    return record | changed


def test_records_of_calls(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.account.records = [
        _call(NOON),
        _call(NOON + timedelta(minutes=1), direction="inbound", call_sec=0, cost=None),
        _call(NOON - timedelta(hours=1)),
        _call(NOON + timedelta(hours=1)),
    ]

    first, second = carrier.call_records(NOON, NOON + timedelta(hours=1))

    assert (first.direction, first.from_number, first.to_number) == ("outbound", OURS, "+442079460018")
    assert (first.started_at, first.duration_s, first.cost_micros) == (NOON, 61, 6_100)
    assert first.sip_call_id == "a-call-id"
    assert (second.direction, second.duration_s, second.cost_micros) == ("inbound", 0, None)


def test_many_records_come_page_by_page(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.account.records = [_call(NOON + timedelta(seconds=n), call_sec=n) for n in range(600)]

    found = carrier.call_records(NOON, NOON + timedelta(days=1))

    assert [one.duration_s for one in found] == list(range(600))
    assert telnyx.count("GET", "/detail_records") == 3


def test_what_was_used(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    message = {
        "record_type": "messaging",
        "uuid": "msg-1",
        "direction": "outbound",
        "created_at": NOON.isoformat(),
        "parts": 2,
        "cost": "0.008",
        "currency": "USD",
    }
    telnyx.account.records = [_call(NOON), _call(NOON), _call(NOON - timedelta(days=1)), message]

    calls, messages = sorted(carrier.usage(NOON.date()), key=lambda line: line.category, reverse=True)

    assert (calls.category, calls.quantity, calls.cost_micros) == ("sip-trunking-outbound", "132", 12_200)
    assert (messages.category, messages.quantity, messages.cost_micros) == ("messaging-outbound", "2", 8_000)


def test_an_account_in_another_currency(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> None:
    telnyx.account.records = [_call(NOON, currency="EUR")]

    with pytest.raises(CarrierDown, match="EUR"):
        list(carrier.call_records(NOON, NOON + timedelta(days=1)))


def test_its_rate_deck_is_a_file(carrier: TelnyxCarrier) -> None:
    with pytest.raises(CarrierRefused, match="import it"):
        carrier.call_prices("US")


# --- Messages
@pytest.fixture
def number(telnyx: TelnyxServer, carrier: TelnyxCarrier) -> str:
    telnyx.sells(Offer(OURS))
    carrier.attach(carrier.buy(e164=OURS, key="order-1"), carrier.ensure_trunk())
    return OURS


def _send(carrier: TelnyxCarrier, **changed: Any) -> str:
    wish: dict[str, Any] = {"sender": OURS, "to": THEIRS, "text": "Your table is booked.", "key": "msg-1"}
    return carrier.send_message(**wish | changed)


def test_a_message_is_sent_and_its_news_come_here(
    number: str, telnyx: TelnyxServer, carrier: TelnyxCarrier
) -> None:
    id = _send(carrier)

    [message] = telnyx.account.all("messages")
    assert (message["id"], message["from"], message["to"]) == (id, OURS, THEIRS)
    assert message["webhook_url"] == "https://calls.example.com/webhooks-in/telnyx?key=msg-1"


def test_an_attempt_whose_end_nobody_knows_is_not_repeated(
    number: str, telnyx: TelnyxServer, carrier: TelnyxCarrier
) -> None:
    began = datetime.now(UTC)
    telnyx.trouble("POST", "/messages", when="after")

    with pytest.raises(CarrierDown):
        _send(carrier)
    id = _send(carrier, since=began)

    assert [message["id"] for message in telnyx.account.all("messages")] == [id]


@pytest.mark.parametrize(
    ("changed", "code"), [({"to": "+12065550179"}, "unsubscribed"), ({"sender": "+12065550100"}, "bad_input")]
)
def test_why_a_message_is_not_sent(
    number: str, telnyx: TelnyxServer, carrier: TelnyxCarrier, changed: dict[str, str], code: str
) -> None:
    telnyx.account.stopped.add("+12065550179")

    with pytest.raises(CarrierRefused) as refused:
        _send(carrier, **changed)
    assert refused.value.code == code
    assert refused.value.to_do
