"""Calls of numbers that were bought go through who sold them, and come from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.billing.models import Rate
from apps.calls.models import Call
from apps.calls.services import admit_call, claim_call, place_call
from apps.calls.services.legs import allow_leg
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import CallPlan, ClaimRequest, InboundCall
from media_workers.contract.requests import LegRequest
from telephony.carriers.twilio import TwilioCarrier
from telephony.edge.models import MediaNode
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import fresh

pytestmark = pytest.mark.usefixtures("valkey")
OURS, THEIRS, FALLBACK = "+12065550123", "+12065550177", "+12065550188"
TWILIO, ELSEWHERE = "54.172.60.1", "198.51.100.9"
Ring = Callable[..., InboundCall]


@pytest.fixture(autouse=True)
def twilio(db: None, settings: Any) -> None:
    settings.DEMO_MODE = False
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "x" * 32
    settings.CARRIER_SIP_URIS = ["sip:sip.example.com:5061;transport=tls"]
    with platform_scope():
        for direction in ("outbound", "inbound"):
            Rate.objects.create(
                carrier="twilio",
                direction=direction,
                prefix="1",
                micros_per_minute=12_000,
                first_s=60,
                step_s=60,
                effective_from=timezone.now(),
            )


@pytest.fixture
def bought(tenant: Tenant, agent: Agent) -> PhoneNumber:
    with tenant_scope(tenant.pk):
        return PhoneNumber.objects.create(e164=OURS, carrier="twilio", agent=agent)


def _place(number: PhoneNumber, **how: Any) -> Call:
    with tenant_scope(number.tenant_id):
        return place_call(from_number=number.e164, to_number=THEIRS, **how)


def _plan(node: MediaNode, call: Call) -> CallPlan:
    plan = claim_call(node, call.pk, ClaimRequest(node=node.name, line=0))
    assert isinstance(plan, CallPlan)
    return plan


def test_a_call_goes_out_through_who_sold_the_number(bought: PhoneNumber, node: MediaNode) -> None:
    dial = _plan(node, _place(bought)).dial

    expected = TwilioCarrier().dialing()
    assert dial is not None
    assert (dial.number, dial.caller_id) == (THEIRS, OURS)
    assert dial.gateways == expected.gateways
    assert (dial.username, dial.password) == (expected.username, expected.password)
    assert dial.leg.srtp == "required"
    assert dial.headers == {}


def test_a_test_stays_in_the_sandbox(bought: PhoneNumber, node: MediaNode, settings: Any) -> None:
    dial = _plan(node, _place(bought, test=True)).dial

    assert dial is not None
    assert {gateway.host for gateway in dial.gateways} == {settings.SANDBOX_HOST}
    assert (dial.username, dial.password) == ("", "")


def test_without_its_carrier_nothing_is_placed(bought: PhoneNumber, settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID = ""

    with pytest.raises(InvalidInput, match="cannot place calls"):
        _place(bought)


def test_a_carrier_that_went_meanwhile_fails_the_call(
    bought: PhoneNumber, node: MediaNode, settings: Any
) -> None:
    call = _place(bought)
    settings.TWILIO_ACCOUNT_SID = ""

    assert claim_call(node, call.pk, ClaimRequest(node=node.name, line=0)) is None

    ended = fresh(call.pk)
    assert (ended.state, ended.end_reason) == ("ended", "failed")
    assert "cannot be dialed" in ended.end_detail


@pytest.mark.parametrize(("source", "code"), [(TWILIO, None), (ELSEWHERE, 403), ("127.0.0.1", 403)])
def test_calls_come_from_the_carrier_alone(
    bought: PhoneNumber, node: MediaNode, ring: Ring, source: str, code: int | None
) -> None:
    answer = admit_call(node, ring(OURS, source_address=source, source_port=5061, caller=THEIRS))

    assert (answer.rejection.sip_code if answer.rejection else None) == code
    if answer.plan:
        assert (answer.plan.to_number, answer.plan.leg.srtp) == (OURS, "required")


def test_a_carrier_that_is_gone_sends_nothing(
    bought: PhoneNumber, node: MediaNode, ring: Ring, settings: Any
) -> None:
    settings.TWILIO_ACCOUNT_SID = ""

    answer = admit_call(node, ring(OURS, source_address=TWILIO, source_port=5061, caller=THEIRS))

    assert answer.rejection is not None
    assert answer.rejection.sip_code == 403


def test_a_fallback_is_called_through_the_carrier_too(
    bought: PhoneNumber, node: MediaNode, ring: Ring
) -> None:
    with tenant_scope(bought.tenant_id):
        PhoneNumber.objects.filter(pk=bought.pk).update(agent=None, fallback_number=FALLBACK)

    answer = admit_call(node, ring(OURS, source_address=TWILIO, source_port=5061, caller=THEIRS))

    assert answer.plan is not None
    forward = answer.plan.forward
    assert forward is not None
    assert (forward.number, forward.caller_id) == (FALLBACK, OURS)
    assert forward.gateways == TwilioCarrier().gateways()


def test_a_caller_is_handed_on_through_the_carrier(bought: PhoneNumber, node: MediaNode, ring: Ring) -> None:
    plan = admit_call(node, ring(OURS, source_address=TWILIO, source_port=5061, caller=THEIRS)).plan
    assert plan is not None

    told = allow_leg(node, plan.call_id, LegRequest(node=node.name, key="leg-of-a-transfer", number=FALLBACK))

    assert told.dial is not None
    assert (told.dial.number, told.dial.username) == (FALLBACK, TwilioCarrier().dialing().username)


def test_no_secret_of_the_carrier_is_shown(bought: PhoneNumber, node: MediaNode) -> None:
    plan = _plan(node, _place(bought))

    assert TwilioCarrier().dialing().password not in repr(plan)
