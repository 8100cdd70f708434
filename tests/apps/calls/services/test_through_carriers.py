"""Calls of numbers that were bought go through who sold them, and come from there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from apps.agents.models import Agent
from apps.billing.models import Hold, Plan, Rate
from apps.billing.services.rates import put_on_plan
from apps.billing.services.stops import stop_outbound
from apps.calls.models import Call
from apps.calls.services import admit_call, claim_call, place_call
from apps.calls.services.legs import allow_leg, end_leg
from apps.calls.states import ON_A_NODE, CallState
from apps.numbers.models import PhoneNumber
from apps.numbers.services import release_number
from media_workers.contract.calls import CallPlan, ClaimRequest, InboundCall
from media_workers.contract.requests import NOT_BY_REFER, LegAnswer, LegOver, LegRequest
from telephony.carriers.twilio import TwilioCarrier
from telephony.edge.models import MediaNode
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import fresh
from tests.money import ensure_adds_up, set_balance

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


def test_a_number_that_was_given_back_meanwhile_calls_nobody(bought: PhoneNumber, node: MediaNode) -> None:
    """It may be another tenant's by now."""
    call = _place(bought)
    with tenant_scope(bought.tenant_id):
        release_number(number=bought, confirm=OURS)

    assert claim_call(node, call.pk, ClaimRequest(node=node.name, line=0)) is None

    ended = fresh(call.pk)
    assert (ended.state, "given back" in ended.end_detail) == ("ended", True)


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


@pytest.mark.django_db(transaction=True)
def test_of_calls_that_come_in_at_once_the_plan_lets_in_as_many_as_it_has(
    bought: PhoneNumber, node: MediaNode, ring: Ring
) -> None:
    with platform_scope():
        Plan.objects.create(code="small", name="Small", concurrency=2)
    with tenant_scope(bought.tenant_id):
        put_on_plan(code="small", at=timezone.now())
    waiting = _place(bought)
    start = Barrier(5)

    def comes(which: int) -> bool:
        try:
            start.wait(30)
            if which == 0:
                return claim_call(node, waiting.pk, ClaimRequest(node=node.name, line=1)) is not None
            return (
                admit_call(node, ring(OURS, source_address=TWILIO, source_port=5061, caller=THEIRS)).plan
                is not None
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as threads:
        assert sum(threads.map(comes, range(5))) == 2
    with platform_scope():
        assert Call.objects.filter(state__in=ON_A_NODE).count() == 2
        assert Hold.objects.filter(settled_micros=None).count() == 2 + (fresh(waiting.pk).state == "queued")


# --- a further leg takes money, too -------------------------------------------------------------------


@pytest.fixture
def talking(bought: PhoneNumber, node: MediaNode, ring: Ring) -> Call:
    """A call that was answered: 5 cents a minute for the platform, 1.2 for the carrier, two minutes held."""
    plan = admit_call(node, ring(OURS, source_address=TWILIO, source_port=5061, caller=THEIRS)).plan
    assert plan is not None
    with tenant_scope(bought.tenant_id):
        call = Call.objects.get(pk=plan.call_id)
        call.move_to(CallState.IN_PROGRESS, at=timezone.now())
        call.save()
    return call


def ask(node: MediaNode, call: Call, key: str = "leg-of-a-transfer", **wish: Any) -> LegAnswer:
    wish = {"node": node.name, "key": key, "number": FALLBACK} | wish
    return allow_leg(node, call.pk, LegRequest.model_validate(wish))


def held(call: Call) -> Hold:
    with platform_scope():
        ensure_adds_up()
        return Hold.objects.get(subject_id=call.pk)


def test_a_legs_rate_joins_that_of_the_call_until_it_is_over(talking: Call, node: MediaNode) -> None:
    alone = held(talking).per_minute_micros
    for _ in range(2):
        assert ask(node, talking).dial is not None
        hold = held(talking)
        assert hold.per_minute_micros == alone + 12_000
        # Its first minute is paid whole, and as much of it as is held of the call.
        assert 0 < hold.amount_micros - 2 * alone - 3 * 12_000 <= alone + 12_000
    for _ in range(2):
        end_leg(node, talking.pk, LegOver(node=node.name, key="leg-of-a-transfer"))
        assert held(talking).per_minute_micros == alone


def test_a_leg_without_money_is_refused_in_words(tenant: Tenant, talking: Call, node: MediaNode) -> None:
    before = held(talking)
    set_balance(tenant, before.amount_micros + 20_000)
    refused = ask(node, talking).rejection
    assert refused is not None
    assert "0.02 USD are free in the balance: top it up" in refused.detail
    assert held(talking).amount_micros == before.amount_micros
    assert fresh(talking.pk).legs == []


def test_no_leg_while_outbound_calls_are_stopped(talking: Call, node: MediaNode) -> None:
    with tenant_scope(talking.tenant_id):
        stop_outbound(kind="debt", words="You owe 5 USD: top up.")
    refused = ask(node, talking).rejection
    assert refused is not None
    assert "You owe 5 USD: top up." in refused.detail


def test_a_carrier_of_ours_is_not_asked_to_connect_the_caller(talking: Call, node: MediaNode) -> None:
    """That would be a call at our cost that nobody counts."""
    refused = ask(node, talking, referred=True).rejection
    assert refused is not None
    assert refused.sip_code == NOT_BY_REFER


def test_the_rate_of_a_leg_is_that_of_when_the_call_began(talking: Call, node: MediaNode) -> None:
    """By that it is charged: one that came meanwhile would be paid by nobody."""
    with platform_scope():
        Rate.objects.update(effective_until=talking.created_at + timedelta(seconds=1))
        assert ask(node, talking).dial is not None
        Rate.objects.update(effective_until=None, effective_from=talking.created_at + timedelta(seconds=1))
    refused = ask(node, talking, key="another-leg").rejection
    assert refused is not None
    assert "no rate" in refused.detail


def test_a_fallback_that_nobody_pays_for_is_not_called(
    tenant: Tenant, bought: PhoneNumber, node: MediaNode, ring: Ring, settings: Any
) -> None:
    settings.CALL_PRICE_MICROS_PER_MINUTE = 50_000
    with tenant_scope(bought.tenant_id):
        PhoneNumber.objects.filter(pk=bought.pk).update(agent=None, fallback_number=FALLBACK)
    invite = ring(OURS, source_address=TWILIO, source_port=5061, caller=THEIRS)
    set_balance(tenant, 2 * 62_000 + 3 * 12_000 - 1)
    plan = admit_call(node, invite).plan
    assert plan is not None
    assert (plan.forward, fresh(plan.call_id).legs) == (None, [])
    set_balance(tenant, 2 * 62_000 + 3 * 12_000)
    for _ in range(2):
        plan = admit_call(node, invite).plan
        assert plan is not None
        assert plan.forward is not None
        assert held(fresh(plan.call_id)).amount_micros == 2 * 62_000 + 3 * 12_000


def test_no_secret_of_the_carrier_is_shown(bought: PhoneNumber, node: MediaNode) -> None:
    plan = _plan(node, _place(bought))

    assert TwilioCarrier().dialing().password not in repr(plan)
