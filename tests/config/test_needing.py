"""What waits for staff is on their first page, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
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
from apps.payments.models import Dispute, Payment, StripeEvent
from apps.payments.words import NOT_BOOKED
from config.needing import TRIED, needs
from telephony.carriers.keeping import keep_trunks, note_numbers
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
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


def _event(**is_: Any) -> StripeEvent:
    with platform_scope():
        return StripeEvent.objects.create(
            event_id=new_id().hex, type="invoice.paid", object_kind="invoice", object_id="in_1", **is_
        )


def test_stripe_events_are_seen_until_they_are_done_and_can_be_tried_again() -> None:
    now = timezone.now()
    _event(done_at=now)
    _event(next_at=now, problem="Why.", attempts=1)
    _event(next_at=now, problem="On and on.", attempts=TRIED)
    given_up = _event(done_at=now, problem="No such invoice.", attempts=75)
    assert told() == [
        ("Stripe event invoice.paid of in_1 (given up)", "Stripe", "No such invoice."),
        ("Stripe event invoice.paid of in_1", "Stripe", "On and on."),
    ]

    client = Client()
    client.force_login(make_staff(superuser=True))
    page = "/admin/payments/stripeevent/"
    assert "No such invoice." in client.get("/admin/").content.decode()
    assert "No such invoice." in client.get(f"{page}?given_up=yes").content.decode()
    client.post(page, {"action": "try_again", "_selected_action": [str(given_up.pk)]})
    with platform_scope():
        given_up.refresh_from_db()
    assert (given_up.done_at, given_up.attempts, given_up.problem) == (None, 0, "")
    assert [why for _, _, why in told()] == ["On and on."]


def test_staff_without_the_right_try_nothing_again() -> None:
    given_up = _event(done_at=timezone.now(), problem="No such invoice.")
    client = Client()
    client.force_login(make_staff("view_stripeevent"))
    action = {"action": "try_again", "_selected_action": [str(given_up.pk)]}
    answer = client.post("/admin/payments/stripeevent/", action, follow=True)
    assert "You may not do that." in answer.content.decode()
    assert len(told()) == 1


def test_payments_that_only_staff_can_settle_are_seen() -> None:
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        Payment.objects.create(kind="top_up", amount_micros=1, problem=NOT_BOOKED, intent_id="pi_1")
        payment = Payment.objects.create(kind="top_up", amount_micros=1)
        for state in ("needs_response", "won"):
            Dispute.objects.create(
                payment=payment,
                stripe_id=f"dp_{state}",
                state=state,
                reason="product_not_received",
                amount_micros=1,
                evidence_due_at=datetime(2027, 1, 2, 3, 4, tzinfo=UTC),
            )
    unbooked, disputed = told()
    assert (unbooked[1], "pi_1" in unbooked[2]) == (tenant.name, True)
    assert disputed == (
        "Dispute dp_needs_response",
        tenant.name,
        "Product not received. Answer it at Stripe until 2027-01-02 03:04 UTC, or accept it there.",
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
