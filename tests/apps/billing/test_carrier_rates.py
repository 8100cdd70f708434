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


@pytest.fixture
def twilio(settings: Any) -> Any:
    with twilio_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


def test_a_carriers_prices_are_sold_with_a_margin(twilio: Any) -> None:
    out = io.StringIO()
    call_command("carrier_rates", "twilio", "us", "--margin", "50", stdout=out)
    with platform_scope():
        rows = list(Rate.objects.filter(carrier="twilio"))
    assert out.getvalue().startswith(f"{len(rows)} rates")
    assert {row.direction for row in rows} == {"outbound", "inbound"}
    for row in rows:
        assert row.cost_micros_per_minute is not None
        assert row.micros_per_minute == -(-row.cost_micros_per_minute * 150 // 100)
        assert (row.first_s, row.step_s) == (60, 60)
    assert twilio.faults == []


def test_who_does_not_know_the_country_or_cannot_answer_changes_nothing(twilio: Any) -> None:
    for carrier, country in (("twilio", "ZZ"), ("nobody", "US")):
        with pytest.raises(CommandError):
            call_command("carrier_rates", carrier, country)
    with platform_scope():
        assert not Rate.objects.exists()
