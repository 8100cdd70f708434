"""Whom a caller was handed on to through a carrier of ours is paid for as long as they talked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.billing.models import Rate
from apps.billing.prices import Tariff, Telephony
from apps.calls.models import Call, CallEvent
from apps.calls.services.further_legs import lines_of_further_legs
from apps.numbers.models import PhoneNumber
from tenants.scope import platform_scope, tenant_scope

pytestmark = pytest.mark.django_db
TARIFF = Tariff("P", 1, 0, 0, telephony=Telephony("twilio on +1", 6_000))


@pytest.fixture
def call(answered: Call, number: PhoneNumber) -> Call:
    """A call to a number of a carrier's, which has rates to two countries."""
    with platform_scope():
        PhoneNumber.objects.filter(pk=number.pk).update(carrier="twilio")
        for prefix, micros, step in (("1", 12_000, 1), ("49", 24_000, 60)):
            Rate.objects.create(
                carrier="twilio",
                direction="outbound",
                prefix=prefix,
                micros_per_minute=micros,
                first_s=step,
                step_s=step,
                effective_from=timezone.now() - timedelta(days=1),
            )
        Call.objects.filter(pk=answered.pk).update(test=False)
        return Call.objects.select_related("number").get(pk=answered.pk)


def happened(call: Call, *bodies: dict[str, Any]) -> None:
    with tenant_scope(call.tenant_id):
        for seq, body in enumerate(bodies, start=10):
            CallEvent.objects.create(call=call, seq=seq, type=body["type"], at=timezone.now(), body=body)


def invite(leg: int, user: str, direction: str = "out") -> dict[str, Any]:
    line = f"INVITE sip:{user}@carrier.example.com SIP/2.0"
    return {"type": "sip", "leg": leg, "direction": direction, "first_line": line}


def media(leg: int, at_ms: int | None, final: bool = True) -> dict[str, Any]:
    return {"type": "media", "leg": leg, "at_ms": at_ms, "final": final}


def paid(call: Call, tariff: Tariff = TARIFF) -> list[tuple[str, int, int]]:
    with tenant_scope(call.tenant_id):
        return [(x.what, x.quantity, x.amount_micros) for x in lines_of_further_legs(call, tariff)]


def test_each_leg_that_was_answered_is_a_line_by_whom_it_called(call: Call) -> None:
    happened(
        call,
        invite(0, "+12025551000", "in"),
        media(0, 90_000),
        invite(1, "+12025550120"),
        media(1, None),
        invite(2, "+12025550121"),
        media(2, 30_000, final=False),
        media(2, 40_000),
        invite(3, "+4930901820"),
        media(3, 5_000),
    )
    assert paid(call) == [("twilio to +1", 40, 8_000), ("twilio to +49", 60, 24_000)]


def test_the_calls_own_leg_is_not_paid_twice_whichever_gateway_took_it(call: Call) -> None:
    with tenant_scope(call.tenant_id):
        Call.objects.filter(pk=call.pk).update(direction="outbound")
    call.direction = "outbound"
    happened(
        call,
        invite(0, "+12025550101"),
        invite(1, "+12025550101"),
        media(1, 90_000),
        invite(2, "+12025550120"),
        media(2, 1),
    )
    assert paid(call) == [("twilio to +1", 1, 200)]


def test_through_a_trunk_of_ones_own_nothing_is_paid(call: Call) -> None:
    happened(call, invite(1, "+12025550120"), media(1, 30_000))
    assert call.number is not None
    call.number.carrier = "byoc"
    assert paid(call) == []


def test_who_called_for_nothing_is_handed_on_for_money(call: Call) -> None:
    """The carrier has no price for calls received: they are let in all the same."""
    happened(call, invite(1, "+12025550120"), media(1, 30_000))
    assert paid(call, Tariff("P", 1, 0, 0)) == [("twilio to +1", 30, 6_000)]


def test_a_leg_without_a_rate_is_not_paid(call: Call) -> None:
    happened(call, invite(1, "+882161234567"), media(1, 30_000))
    assert paid(call) == []
