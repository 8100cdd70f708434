"""No call outside the sandbox without money; what it cost is told by its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test.utils import override_settings
from django.utils import timezone

from apps.agents.models import Agent
from apps.billing.errors import NotEnoughMoney
from apps.billing.models import Hold, Plan, Rate
from apps.billing.selectors import cost_of, get_wallet
from apps.billing.services.rates import put_on_plan
from apps.calls.models import Call, Turn
from apps.calls.services import admit_call, claim_call, place_call
from apps.calls.services.finish_call import finish_call
from apps.calls.services.place_calls import CallRequest, place_calls
from apps.calls.services.plans import SANDBOX
from apps.calls.services.pricing import NoRate
from apps.calls.states import CallState
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import ClaimRequest, InboundCall
from media_workers.contract.events import Ended, EndReason, ServedBy, TurnAccount, TurnUsage
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import fresh
from tests.money import ensure_adds_up, set_balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
Ring = Callable[..., InboundCall]
MINUTE = 60_000
DOLLAR = 10**6
TO = "+12025550101"


@pytest.fixture(autouse=True)
def prices() -> Any:
    with override_settings(CALL_PRICE_MICROS_PER_MINUTE=60_000, HOLD_SLICE_MS=2 * MINUTE):
        yield


@pytest.fixture
def own(tenant: Tenant, agent: Agent) -> PhoneNumber:
    """A number on a trunk of the tenant's, in the country that it may call anyway."""
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier")
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        TrunkAddress.objects.create(trunk=trunk, network="192.0.2.0/28")
        return PhoneNumber.objects.create(e164="+12125551000", carrier="byoc", trunk=trunk, agent=agent)


def place(number: PhoneNumber, **how: Any) -> Call:
    with tenant_scope(number.tenant_id):
        return place_call(**({"from_number": number.e164, "to_number": TO} | how))


def leave(number: PhoneNumber, micros: int) -> None:
    """So much is in the wallet of the number's tenant from now on."""
    with platform_scope():
        tenant = Tenant.objects.get(pk=number.tenant_id)
    set_balance(tenant, micros)


def held(call: Call) -> Hold:
    with platform_scope():
        return Hold.objects.get(subject_id=call.pk)


def end(call: Call, duration_ms: int) -> None:
    with tenant_scope(call.tenant_id):
        call = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
        if call.state == CallState.QUEUED:
            Call.objects.filter(pk=call.pk).update(state=CallState.RINGING, node=MediaNode.objects.get())
            call.refresh_from_db()
        finish_call(call, Ended(reason=EndReason.CALLEE_HUNG_UP, duration_ms=duration_ms), at=timezone.now())
        ensure_adds_up()


def lines(call: Call) -> list[tuple[str, int, int]]:
    with tenant_scope(call.tenant_id):
        cost = cost_of(call.pk)
    assert cost is not None
    assert cost.settled
    return [(line.component, line.quantity, line.amount_micros) for line in cost.lines]


def said(call: Call, index: int, *served: ServedBy, **usage: int) -> None:
    account = TurnAccount(served_by=list(served), usage=TurnUsage(**usage)).model_dump(mode="json")
    with tenant_scope(call.tenant_id):
        Turn.objects.create(
            call=call, seq=index + 1, index=index, speaker="agent", start_ms=0, end_ms=1, account=account
        )


# --- placing ------------------------------------------------------------------------------------------


def test_a_call_that_is_placed_holds_its_first_slice(own: PhoneNumber) -> None:
    hold = held(place(own))
    assert (hold.amount_micros, hold.held_ms, hold.most_ms) == (120_000, 2 * MINUTE, 30 * MINUTE)
    assert hold.tariff["platform_micros_per_minute"] == 60_000
    assert ["trunk", own.trunk.pk.hex] in hold.counted_on  # type: ignore[union-attr]


def test_the_sandbox_and_test_keys_need_no_money(
    number: PhoneNumber, own: PhoneNumber, node: MediaNode
) -> None:
    leave(number, 0)
    for call in (place(number), place(own, test=True)):
        assert call.test
        end(call, 5 * MINUTE)
    with platform_scope():
        assert not Hold.objects.exists()


def test_without_money_no_call_is_placed(own: PhoneNumber) -> None:
    leave(own, 119_999)
    with pytest.raises(NotEnoughMoney) as no, tenant_scope(own.tenant_id):
        place_call(from_number=own.e164, to_number=TO)
    assert no.value.members == {"needed_micros": 120_000, "available_micros": 119_999}
    with platform_scope():
        assert not Call.objects.exists()
    leave(own, 120_000)
    assert held(place(own)).amount_micros == 120_000


def test_whoever_goes_on_after_a_refusal_leaves_no_call_behind(own: PhoneNumber) -> None:
    """A callback is given up in the transaction in which it was refused."""
    leave(own, 0)
    with tenant_scope(own.tenant_id):
        with pytest.raises(NotEnoughMoney):
            place_call(from_number=own.e164, to_number=TO)
        assert not Call.objects.exists()


def test_a_call_that_nothing_was_held_for_is_held_as_a_line_takes_it(
    own: PhoneNumber, agent: Agent, node: MediaNode
) -> None:
    """One that was queued before there were holds."""
    with tenant_scope(own.tenant_id):
        assert agent.published_version is not None
        requests = [CallRequest(own, TO, agent.published_version) for _ in range(2)]
        poor, rich = place_calls(requests, now=timezone.now())
    leave(own, 0)
    assert claim_call(node, poor.pk, ClaimRequest(node=node.name, line=1)) is None
    poor = fresh(poor.pk)
    assert (poor.state, poor.end_reason) == ("ended", "money_ended")
    assert "top it up" in poor.end_detail
    leave(own, DOLLAR)
    with platform_scope():
        Call.objects.filter(pk=rich.pk).update(dial_at=timezone.now())
    assert claim_call(node, rich.pk, ClaimRequest(node=node.name, line=1)) is not None
    assert held(rich).amount_micros == 120_000


# --- admitting ----------------------------------------------------------------------------------------


def test_a_call_that_comes_in_holds_money_too(own: PhoneNumber, node: MediaNode, ring: Ring) -> None:
    plan = admit_call(node, ring(own.e164, source_address="192.0.2.5", source_port=5060)).plan
    assert plan is not None
    assert held(fresh(plan.call_id)).amount_micros == 120_000


def test_a_caller_is_turned_away_without_money_and_the_tenant_sees_why(
    own: PhoneNumber, node: MediaNode, ring: Ring
) -> None:
    leave(own, 1)
    invite = ring(own.e164, source_address="192.0.2.5", source_port=5060)
    answer = admit_call(node, invite)
    assert answer.plan is None
    assert answer.rejection is not None
    assert answer.rejection.sip_code == 402
    with platform_scope():
        call = Call.objects.get()
    assert (call.state, call.end_reason, call.sip_code) == ("ended", "money_ended", 402)
    assert "0.12 USD" in call.end_detail
    leave(own, DOLLAR)
    again = ring(own.e164, source_address="192.0.2.5", source_port=5060)
    assert admit_call(node, again).plan is not None


# --- what it cost -------------------------------------------------------------------------------------


def test_a_call_is_charged_by_the_second_at_the_tariff_that_it_began_with(
    own: PhoneNumber, node: MediaNode
) -> None:
    call = place(own)
    with override_settings(CALL_PRICE_MICROS_PER_MINUTE=600_000):  # dearer meanwhile
        end(call, 61_500)
    assert lines(call) == [("platform", 62, 62_000)]
    with tenant_scope(call.tenant_id):
        wallet = get_wallet()
    assert (wallet.balance_micros, wallet.held_micros) == (5 * DOLLAR - 62_000, 0)


def test_nobody_pays_for_a_call_that_nobody_answered(own: PhoneNumber, node: MediaNode) -> None:
    call = place(own)
    end(call, 0)
    assert lines(call) == []
    with tenant_scope(call.tenant_id):
        assert get_wallet().balance_micros == 5 * DOLLAR


def test_vendors_are_paid_for_what_they_did(own: PhoneNumber, node: MediaNode) -> None:
    call = place(own)
    voice = ServedBy(component="tts", vendor="elevenlabs", model="eleven_flash_v2_5")
    mine = ServedBy(component="stt", vendor="deepgram", model="nova-3", own_key=True)
    said(call, 0, voice, characters=1_000)
    said(call, 1, voice, mine, characters=500, audio_ms=60_000)
    end(call, MINUTE)
    told = {component: (quantity, amount) for component, quantity, amount in lines(call)}
    assert told["platform"] == (60, 60_000)
    assert told["stt"] == (60_000, 0)
    quantity, amount = told["tts"]
    assert quantity == 1_500
    with tenant_scope(call.tenant_id):
        line = next(line for line in cost_of(call.pk).lines if line.component == "tts")  # type: ignore[union-attr]
    assert amount == -(-1_500 * line.price_micros // line.per) > 0
    assert line.what.startswith("ElevenLabs")


def test_included_minutes_come_first_and_cost_nothing(own: PhoneNumber, node: MediaNode) -> None:
    with platform_scope():
        Plan.objects.create(code="team", name="Team", included_minutes=2, rounding_s=60)
    with tenant_scope(own.tenant_id):
        put_on_plan(code="team", at=timezone.now())
    first, second = place(own), place(own)
    end(first, 61_500)
    end(second, 61_500)
    assert lines(first) == [("included", 120, 0)]
    assert lines(second) == [("platform", 120, 120_000)]


def test_a_plan_whose_minutes_are_enough_needs_no_money(own: PhoneNumber, node: MediaNode) -> None:
    with platform_scope():
        Plan.objects.create(code="team", name="Team", included_minutes=31)
    with tenant_scope(own.tenant_id):
        put_on_plan(code="team", at=timezone.now())
    leave(own, 0)
    call = place(own)
    assert held(call).amount_micros == 0
    end(call, MINUTE)
    assert lines(call) == [("included", 60, 0)]


def test_a_plan_has_so_many_calls_at_a_time_in_and_out(own: PhoneNumber, node: MediaNode, ring: Ring) -> None:
    with platform_scope():
        Plan.objects.create(code="small", name="Small", concurrency=1)
    with tenant_scope(own.tenant_id):
        put_on_plan(code="small", at=timezone.now())
    waiting = place(own)

    def comes() -> int | None:
        answer = admit_call(node, ring(own.e164, source_address="192.0.2.5", source_port=5060))
        return answer.rejection.sip_code if answer.rejection else None

    assert [comes(), comes()] == [None, 503]
    wish = ClaimRequest(node=node.name, line=1)
    assert claim_call(node, waiting.pk, wish) is None
    assert fresh(waiting.pk).state == "queued"
    with platform_scope():
        talking = Call.objects.get(state=CallState.RINGING)
    end(talking, 1_000)
    with platform_scope():
        Call.objects.filter(pk=waiting.pk).update(dial_at=timezone.now())
    assert claim_call(node, waiting.pk, wish) is not None
    assert comes() == 503


# --- numbers of carriers ------------------------------------------------------------------------------


@pytest.fixture
def managed(own: PhoneNumber, settings: Any) -> PhoneNumber:
    """A number that a carrier of the platform's has, with rates to and from the United States."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "x" * 32
    with platform_scope():
        PhoneNumber.objects.filter(pk=own.pk).update(carrier="twilio", trunk=None)
        for direction, micros in (("outbound", 12_000), ("inbound", 6_000)):
            Rate.objects.create(
                carrier="twilio",
                direction=direction,
                prefix="1",
                micros_per_minute=micros,
                first_s=60,
                step_s=60,
                effective_from=timezone.now(),
            )
        own.refresh_from_db()
    return own


def test_a_carrier_is_paid_besides(managed: PhoneNumber, node: MediaNode) -> None:
    call = place(managed)
    assert (call.test, call.trunk_id) == (False, None)
    assert held(call).amount_micros == 144_000
    end(call, 61_500)
    assert lines(call) == [("platform", 62, 62_000), ("telephony", 120, 24_000)]


def test_whom_the_carrier_has_no_price_for_is_not_called(managed: PhoneNumber) -> None:
    with tenant_scope(managed.tenant_id):
        Tenant.objects.filter(pk=managed.tenant_id).update(allowed_countries=["DE", "US"])
        with pytest.raises(NoRate) as no:
            place_call(from_number=managed.e164, to_number="+4930901820")
        assert not Call.objects.exists()
    assert (no.value.field, no.value.code) == ("to_number", "no_rate")


def test_a_number_of_the_sandbox_stays_there_whatever_its_name(number: PhoneNumber) -> None:
    assert number.carrier == SANDBOX
    assert place(number).test
