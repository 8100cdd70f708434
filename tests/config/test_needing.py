"""What waits for staff is on their first page, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.numbers.models import (
    NumberAddress,
    NumberBundle,
    NumberOrder,
    OrderState,
    PortRequest,
    PortState,
)
from config.needing import TRIED, needs
from telephony.carriers.keeping import keep_trunks, note_numbers
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.config.test_admin import make_staff
from tests.fakes.twilio_server.server import TwilioServer
from tests.telephony.carriers.conftest import no_waiting as no_waiting
from tests.telephony.carriers.conftest import twilio as twilio
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db
E164 = "+12025557881"


def told() -> list[tuple[str, str, str]]:
    return [(need.what, need.whose, need.why) for need in needs()]


def test_a_trunk_that_cannot_be_kept_is_seen_until_it_can(twilio: TwilioServer, settings: Settings) -> None:
    settings.CARRIER_SIP_URIS, settings.EDGE_PUBLIC_ADDRESS = [], ""
    keep_trunks()
    (first,) = needs()
    keep_trunks()
    (need,) = needs()
    assert (need.what, need.whose, need.since) == ("The trunk", "Twilio", first.since)
    assert "EDGE_PUBLIC_ADDRESS" in need.why

    client = Client()
    client.force_login(make_staff(superuser=True))
    assert "EDGE_PUBLIC_ADDRESS" in client.get("/admin/").content.decode()

    settings.CARRIER_SIP_URIS = ["sip:sip.example.com:5061;transport=tls"]
    keep_trunks()
    assert needs() == []


def test_numbers_that_only_one_side_has(twilio: TwilioServer, settings: Settings) -> None:
    note_numbers("twilio", unknown=["+12025550824"], lost=["+12025550825"], now=timezone.now())

    assert [what for what, _, _ in told()] == ["Number +12025550824", "Number +12025550825"]
    settings.TWILIO_ACCOUNT_SID = ""
    assert told() == []  # nobody asks that carrier any more


def _order(tenant: Tenant, **is_: Any) -> None:
    wish = {"e164": E164, "carrier": "sandbox", "country": "US", "purpose": "outbound", "currency": "USD"}
    NumberOrder.objects.create(**wish, monthly_micros=1, setup_micros=0, problem="Why.", **is_)


def _port(tenant: Tenant, **is_: Any) -> None:
    place = {"customer_name": "A", "street": "1 High St", "city": "W", "postal_code": "2", "country": "US"}
    PortRequest.objects.create(
        e164=E164,
        carrier="sandbox",
        country="US",
        customer_name="A",
        address=NumberAddress.objects.create(label="A", **place),
        signer="Office manager",
        signer_email="owner@example.com",
        monthly_micros=1,
        currency="USD",
        problem="Why.",
        **is_,
    )


def _papers(tenant: Tenant, **is_: Any) -> None:
    NumberBundle.objects.create(
        label="Papers", carrier="sandbox", country="US", type="local", owner="A", problem="Why.", **is_
    )


@pytest.mark.parametrize(
    ("make", "is_", "seen"),
    [
        (_order, {"problem_code": "carrier_trunk", "attempts": 1}, True),
        (_order, {"problem_code": "carrier_down", "attempts": TRIED}, False),  # it is given up by itself
        (_order, {"state": OrderState.RELEASING, "ends_as": OrderState.RELEASED, "attempts": TRIED}, True),
        (_order, {"state": OrderState.RELEASING, "ends_as": OrderState.RELEASED, "attempts": 1}, False),
        (_order, {"state": OrderState.OWNED, "held": False, "attempts": TRIED}, True),
        (_order, {"state": OrderState.FAILED, "problem_code": "carrier_account"}, False),
        (_port, {"attempts": TRIED}, True),
        (_port, {"attempts": 1}, False),
        (_port, {"state": PortState.ACTION_NEEDED}, True),
        (_port, {"state": PortState.REJECTED, "attempts": TRIED}, False),
        (_papers, {"attempts": TRIED}, True),
        (_papers, {"attempts": 1}, False),
    ],
)
def test_what_does_not_go_on_by_itself_is_seen(
    make: Callable[..., None], is_: dict[str, Any], seen: bool
) -> None:
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        make(tenant, **is_)

    found = [(whose, why) for _, whose, why in told()]

    assert found == ([(tenant.name, "Why.")] if seen else [])
