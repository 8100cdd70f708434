"""Rates by what a carrier itself says, through its own library, from a server on a real socket."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.billing.models import Rate
from tenants.scope import platform_scope
from tests.fakes.twilio_server.server import twilio_server

pytestmark = pytest.mark.django_db
PRICES = {
    "terminating_prefix_prices": [
        {
            "destination_prefixes": prefixes,
            "origination_prefixes": origins,
            "friendly_name": "United Kingdom",
            "base_price": price,
            "current_price": price,
        }
        for prefixes, origins, price in (
            (["44", "4420"], ["ALL"], "0.0060"),
            (["447"], ["44", "33"], "0.02"),
            (["447"], ["ALL"], "0.03"),
        )
    ],
    "originating_call_prices": [
        {"number_type": "toll free", "base_price": "0.04", "current_price": "0.0391"}
    ],
}


@pytest.fixture
def twilio(settings: Any) -> Any:
    with twilio_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


def test_a_carriers_prices_are_sold_with_a_margin(twilio: Any) -> None:
    twilio.account.call_prices["GB"] = PRICES
    out = io.StringIO()
    call_command("carrier_rates", "twilio", "gb", "--margin", "50", stdout=out)
    assert out.getvalue().startswith("4 rates")
    with platform_scope():
        rows = Rate.objects.filter(carrier="twilio", first_s=60, step_s=60)
        found = {(r.direction, r.prefix): (r.cost_micros_per_minute, r.micros_per_minute) for r in rows}
    assert found == {
        ("outbound", "44"): (6_000, 9_000),
        ("outbound", "4420"): (6_000, 9_000),
        ("outbound", "447"): (30_000, 45_000),  # the dearer one: it depends on who calls
        ("inbound", "44"): (39_100, 58_650),
    }
    assert twilio.faults == []


def test_who_does_not_know_the_country_or_cannot_answer_changes_nothing(twilio: Any) -> None:
    for carrier, country in (("twilio", "ZZ"), ("nobody", "US")):
        with pytest.raises(CommandError):
            call_command("carrier_rates", carrier, country)
    with platform_scope():
        assert not Rate.objects.exists()
