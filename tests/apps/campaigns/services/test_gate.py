"""What a campaign says of its calls as a line is about to take them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from apps.calls.gates import Rate
from apps.calls.models import Call, DialRate
from apps.calls.services import claim_call, place_call
from apps.campaigns.gate import campaign_gate
from apps.campaigns.models import Attempt, Campaign, Suppression
from apps.campaigns.services.advance import advance
from apps.campaigns.services.deciding import decide
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import CallPlan, ClaimRequest
from telephony.edge.models import MediaNode
from telephony.edge.services import ensure_node, new_token
from tenants.errors import InvalidInput
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer


def begun(campaign: Campaign) -> list[Call]:
    with tenant_scope(campaign.tenant_id):
        decide(campaign.pk, now=NOW)
        return list(Call.objects.order_by("id"))


def change(campaign: Campaign, **fields: object) -> None:
    with tenant_scope(campaign.tenant_id):
        Campaign.objects.filter(pk=campaign.pk).update(**fields)


@pytest.fixture
def node(db: None) -> MediaNode:
    return ensure_node("node-1", new_token())


def claim(node: MediaNode, call: Call, **late: float) -> CallPlan | None:
    with time_machine.travel(NOW + timedelta(**late), tick=False):
        return claim_call(node, call.pk, ClaimRequest(node=node.name, line=1))


def fresh(call: Call) -> Call:
    with tenant_scope(call.tenant_id):
        return Call.objects.get(pk=call.pk)


def test_a_call_of_a_running_campaign_is_dialed(running: Dialer, node: MediaNode) -> None:
    (call,) = begun(running(contacts=1))
    assert claim(node, call) is not None
    assert fresh(call).state == "dialing"


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_a_call_that_waited_while_its_campaign_was_ended_is_withdrawn(
    running: Dialer, node: MediaNode, state: str
) -> None:
    campaign = running(contacts=1)
    (call,) = begun(campaign)
    change(campaign, state=state)
    assert claim(node, call) is None
    after = fresh(call)
    assert (after.state, after.end_reason, after.dialing_at) == ("ended", "withdrawn", None)
    assert state in after.end_detail


def test_a_call_whose_window_closed_meanwhile_is_withdrawn_and_its_contact_waits(
    running: Dialer, node: MediaNode
) -> None:
    campaign = running(contacts=1, hours={"not_after": "2026-03-03T17:00:30Z"})
    (call,) = begun(campaign)
    assert claim(node, call, seconds=31) is None
    after = fresh(call)
    assert (after.end_reason, after.end_detail[:17]) == ("withdrawn", "The calling hours")
    advance(campaign.tenant_id, campaign.pk, now=NOW + timedelta(seconds=32))
    with tenant_scope(campaign.tenant_id):
        attempt = Attempt.objects.select_related("contact").get()
    assert (attempt.outcome, attempt.dialed, attempt.contact.attempts) == ("not_dialed", False, 0)


def test_a_number_that_was_suppressed_meanwhile_is_not_dialed(running: Dialer, node: MediaNode) -> None:
    campaign = running(contacts=1)
    (call,) = begun(campaign)
    with tenant_scope(campaign.tenant_id):
        Suppression.objects.create(e164=call.to_number, source="person")
    assert claim(node, call) is None
    assert fresh(call).end_reason == "withdrawn"


def test_the_rates_of_the_campaign_and_of_the_number(running: Dialer, caller: PhoneNumber) -> None:
    pacing = {"max_concurrent": 10, "calls_per_second": 4}
    campaign = running(contacts=1, pacing=pacing, callers={"calls_per_second": 0.5})
    (call,) = begun(campaign)
    with tenant_scope(campaign.tenant_id):
        word = campaign_gate(call, NOW)
    assert word.rates == (Rate(f"campaign:{campaign.pk.hex}", 4), Rate(f"number:{caller.pk.hex}", 0.5))


def test_calls_of_a_campaign_begin_a_step_apart(running: Dialer, node: MediaNode) -> None:
    campaign = running(contacts=3, pacing={"max_concurrent": 10, "calls_per_second": 2})
    calls = begun(campaign)
    assert [claim(node, call) is not None for call in calls] == [True, False, False]
    assert [fresh(call).dial_at for call in calls[1:]] == [
        NOW + timedelta(seconds=0.5),
        NOW + timedelta(seconds=1),
    ]
    assert claim(node, calls[1], seconds=0.5) is not None
    assert DialRate.objects.filter(key=f"campaign:{campaign.pk.hex}").exists()


def test_calls_that_are_no_campaign_s_are_not_its_business(running: Dialer, caller: PhoneNumber) -> None:
    campaign = running(contacts=1)
    change(campaign, state="paused")
    with tenant_scope(caller.tenant_id):
        call = place_call(from_number=caller.e164, to_number="+12125600000", agent_id=campaign.agent_id)
        assert campaign_gate(call, NOW).refused == ""


def test_a_call_that_a_gate_refuses_is_not_placed(running: Dialer, caller: PhoneNumber) -> None:
    campaign = running(contacts=0)
    with tenant_scope(caller.tenant_id):
        Suppression.objects.create(e164="+12125600000", source="person")
        with pytest.raises(InvalidInput) as refused:
            place_call(from_number=caller.e164, to_number="+12125600000", agent_id=campaign.agent_id)
        assert not Call.objects.exists()
    assert (refused.value.code, refused.value.field) == ("suppressed", "to_number")
