from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.carriers.base import CarrierDown
from telephony.carriers.money import micros
from telephony.carriers.twilio import TwilioCarrier
from tests.fakes.twilio_server.server import Call, Offer, TwilioServer

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.15", 1_150_000),
        ("0.0085", 8_500),
        ("0.00000051", 1),
        ("0", 0),
        (None, 0),
        ("", 0),
        ("12", 12_000_000),
    ],
)
def test_amounts(text: str | None, amount: int) -> None:
    assert micros(text) == amount


@pytest.mark.parametrize("text", ["much", "NaN", "Infinity", "1,15"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(CarrierDown, match="no"):
        micros(text)


@given(st.integers(min_value=0, max_value=10**15))
def test_amounts_go_there_and_back(amount: int) -> None:
    assert micros(str(Decimal(amount) / 1_000_000)) == amount


def test_prices_of_calls(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.call_prices["GB"] = {
        "terminating_prefix_prices": [
            {
                "destination_prefixes": ["44", "4420"],
                "origination_prefixes": ["ALL"],
                "friendly_name": "United Kingdom - Landline",
                "base_price": "0.0065",
                "current_price": "0.0060",
            },
            {
                "destination_prefixes": ["447"],
                "origination_prefixes": ["44", "33"],
                "friendly_name": "United Kingdom - Mobile",
                "base_price": "0.03",
                "current_price": "0.03",
            },
        ],
        "originating_call_prices": [
            {"number_type": "toll free", "base_price": "0.04", "current_price": "0.0391"}
        ],
    }

    prices = carrier.call_prices("GB")

    assert [(p.direction, p.prefix, p.micros_per_minute, p.origins, p.type) for p in prices] == [
        ("outbound", "+44", 6_000, (), None),
        ("outbound", "+4420", 6_000, (), None),
        ("outbound", "+447", 30_000, ("+44", "+33"), None),
        ("inbound", "+44", 39_100, (), "toll_free"),
    ]


def test_a_country_without_prices(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    assert carrier.call_prices("AQ") == []


def test_what_was_used(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    line = {"category": "calls", "description": "Calls", "usage": "12", "usage_unit": "minutes", "count": "3"}
    twilio.account.used[date(2026, 11, 20)] = [
        line | {"price": 2.192},
        line | {"category": "sms", "usage": "0", "price": 0},
    ]
    twilio.account.used[date(2026, 11, 21)] = [line | {"price": 1}]

    [used] = carrier.usage(date(2026, 11, 20))

    assert (used.category, used.quantity, used.unit) == ("calls", "12", "minutes")
    assert (used.cost_micros, used.currency) == (2_192_000, "USD")


def test_records_of_calls(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.calls = [
        Call("+12065550123", "+442079460018", NOON, 61, price="-0.01200"),
        Call("+442079460018", "+12065550123", NOON + timedelta(seconds=1), 0, outbound=False, status="busy"),
        Call("+12065550123", "+12065550199", NOON - timedelta(hours=1), 10),
        Call("+12065550123", "+12065550199", NOON + timedelta(hours=1), 10),
    ]

    newest, oldest = carrier.call_records(NOON, NOON + timedelta(hours=1))

    assert (oldest.direction, oldest.from_number, oldest.to_number) == (
        "outbound",
        "+12065550123",
        "+442079460018",
    )
    assert (oldest.started_at, oldest.duration_s, oldest.cost_micros) == (NOON, 61, 12_000)
    assert (newest.direction, newest.status) == ("inbound", "busy")
    assert (newest.duration_s, newest.cost_micros) == (0, None)


def test_many_records_come_page_by_page(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.calls = [
        Call("+12065550123", "+12065550199", NOON + timedelta(seconds=n), n, price="-0.01")
        for n in range(2_500)
    ]

    records = list(carrier.call_records(NOON, NOON + timedelta(days=1)))

    assert [one.duration_s for one in records] == list(reversed(range(2_500)))
    assert twilio.count("GET", "/Calls.json") == 3


def test_records_that_break_off_are_told(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.calls = [Call("+12065550123", "+12065550199", NOON, n) for n in range(1_500)]
    records = carrier.call_records(NOON, NOON + timedelta(days=1))
    for _ in range(1_000):
        next(records)
    twilio.trouble("GET", "/Calls.json", status=503, times=9)

    with pytest.raises(CarrierDown, match="list the calls"):
        list(records)


def test_an_account_in_another_currency(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(Offer("+493012345678", country="DE"))
    twilio.account.call_prices["DE"] = {"price_unit": "EUR"}

    with pytest.raises(CarrierDown, match="EUR"):
        carrier.call_prices("DE")
