from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.agents.model_keys import read
from apps.agents.models import Agent
from apps.agents.services import create_agent, publish, update_draft
from apps.calls.models import Call, CallDraft
from apps.calls.services import claim_call, hang_up_call, reconcile, record_events, start_browser_call
from apps.calls.services.browser_call import MOST_AT_ONCE
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan, ClaimRequest
from telephony.edge.models import MediaNode
from telephony.edge.tickets import LIFE, call_ticket
from tenants.errors import InvalidInput, LimitReached
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.suspension import TenantSuspended, suspend
from tests.apps.calls.conftest import script
from tests.apps.calls.wire import batch, event, fresh

KEYED = {
    "model": {
        "provider": "openai_compatible",
        "base_url": "https://llm.example/v1",
        "model": "m",
        "api_key": "sk-hidden",
    }
}


def start(tenant: Tenant, agent: Agent, **fields: Any) -> Call:
    with tenant_scope(tenant.pk):
        return start_browser_call(agent_id=agent.pk, **fields)


def claim(node: MediaNode, call: Call, ticket: str | None = None) -> CallPlan | None:
    ticket = call_ticket(call.pk) if ticket is None else ticket
    return claim_call(node, call.pk, ClaimRequest(node=node.name, line=2, ticket=ticket))


def drafts() -> list[CallDraft]:
    with platform_scope():
        return list(CallDraft.objects.all())


@pytest.fixture
def talk(tenant: Tenant, agent: Agent) -> Call:
    """A browser call that waits."""
    return start(tenant, agent, variables={"day": "Monday"})


def test_it_waits_for_its_browser_and_is_a_test(talk: Call, agent: Agent) -> None:
    call = fresh(talk.pk)
    assert (call.direction, call.state, call.test) == ("browser", "queued", True)
    assert (call.agent_id, call.agent_version_id) == (agent.pk, None)
    assert (call.from_number, call.to_number) == ("", "")


def test_the_plan_is_the_draft_as_it_was(node: MediaNode, tenant: Tenant, agent: Agent, talk: Call) -> None:
    with tenant_scope(tenant.pk):
        update_draft(agent=agent, config=AgentConfig.model_validate(KEYED))
    plan = claim(node, talk)
    assert plan is not None
    assert (plan.direction, plan.dial, plan.agent) == ("browser", None, script())
    assert plan.variables == {"shop": "Bakery", "day": "Monday"}


def test_the_published_version_may_be_talked_to(node: MediaNode, tenant: Tenant, agent: Agent) -> None:
    call = start(tenant, agent, source="published")
    with tenant_scope(tenant.pk):
        update_draft(agent=agent, config=AgentConfig.model_validate(KEYED))
    assert call.agent_version_id is not None
    plan = claim(node, call)
    assert plan is not None
    assert plan.agent == script()
    assert drafts() == []


def test_a_drafts_key_is_given_to_the_node_and_kept_no_longer(node: MediaNode, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Model", config=AgentConfig.model_validate(KEYED))
    call = start(tenant, agent)
    assert [read(d.api_keys) for d in drafts()] == [{"model": "sk-hidden"}]
    plan = claim(node, call)
    assert plan is not None
    assert plan.agent is not None
    assert plan.agent.model.api_key == "sk-hidden"  # type: ignore[union-attr]
    assert [d.api_keys for d in drafts()] == [""]


def test_what_cannot_be_talked_to_names_the_field(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        unpublished = create_agent(name="New", config=script())
    with pytest.raises(InvalidInput) as wrong:
        start(tenant, unpublished, source="published")
    assert (wrong.value.field, wrong.value.code) == ("source", "unpublished")
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput) as unknown:
        start_browser_call(agent_id=new_id())
    assert unknown.value.field == "agent"


def test_another_tenants_agent_does_not_exist(stranger: Tenant, agent: Agent) -> None:
    with pytest.raises(InvalidInput) as unknown:
        start(stranger, agent)
    assert unknown.value.field == "agent"


def test_a_suspended_tenant_talks_to_nobody(
    node: MediaNode, tenant: Tenant, agent: Agent, talk: Call
) -> None:
    suspend(tenant=tenant, reason="unpaid")
    with pytest.raises(TenantSuspended):
        start(tenant, agent)
    assert claim(node, talk) is None
    assert fresh(talk.pk).state == "ended"


# --- who gets it --------------------------------------------------------------------------------------


def test_a_tenant_leaves_room_for_others(tenant: Tenant, agent: Agent) -> None:
    calls = [start(tenant, agent) for _ in range(MOST_AT_ONCE)]
    with pytest.raises(LimitReached, match="end one"):
        start(tenant, agent)
    with tenant_scope(tenant.pk):
        hang_up_call(call_id=calls[0].pk)
    assert start(tenant, agent)


def test_one_node_gets_it_once(node: MediaNode, other_node: MediaNode, talk: Call) -> None:
    assert claim(node, talk) is not None
    assert claim(node, talk) is None
    assert claim(other_node, talk) is None
    call = fresh(talk.pk)
    assert (call.state, call.node, call.line) == ("dialing", node, 2)


def test_nobody_gets_it_without_its_ticket(node: MediaNode, tenant: Tenant, agent: Agent, talk: Call) -> None:
    other = start(tenant, agent)
    for ticket in ("", "nonsense", call_ticket(other.pk)):
        assert claim(node, talk, ticket) is None
    old = call_ticket(talk.pk)
    with time_machine.travel(timezone.now() + LIFE + timedelta(seconds=2), tick=False):
        assert claim(node, talk, old) is None
    assert fresh(talk.pk).state == "queued"


def test_its_events_move_it_as_any_other(node: MediaNode, talk: Call) -> None:
    claim(node, talk)
    record_events(node, batch(talk.pk, event(1, "answered", codec="L16")))
    assert fresh(talk.pk).state == "in_progress"
    record_events(node, batch(talk.pk, event(2, "ended", reason="media_lost", detail="It was lost.")))
    call = fresh(talk.pk)
    assert (call.state, call.end_reason, call.end_detail) == ("ended", "media_lost", "It was lost.")


# --- who does not come --------------------------------------------------------------------------------


@pytest.mark.usefixtures("valkey")
def test_nobody_comes(node: MediaNode, talk: Call) -> None:
    waits = reconcile(now=talk.queued_at + timedelta(seconds=59))  # type: ignore[operator]
    assert waits["end_unvisited_browser_calls"] == 0
    assert waits["requeue_lost_jobs"] == 0
    assert reconcile(now=talk.queued_at + timedelta(seconds=61))["end_unvisited_browser_calls"] == 1  # type: ignore[operator]
    call = fresh(talk.pk)
    assert (call.state, call.end_reason) == ("ended", "cancelled")
    assert call.end_detail == "Nobody connected to the call within 60 s."
    assert claim(node, talk) is None


def test_it_can_be_given_up_before(tenant: Tenant, talk: Call) -> None:
    with tenant_scope(tenant.pk):
        hang_up_call(call_id=talk.pk)
    assert fresh(talk.pk).end_reason == "api_hung_up"


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize("end", ["nobody comes", "given up"])
def test_the_models_key_goes_with_it(node: MediaNode, tenant: Tenant, end: str) -> None:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Model", config=AgentConfig.model_validate(KEYED))
    talk = start(tenant, agent)
    assert [read(d.api_keys) for d in drafts()] == [{"model": "sk-hidden"}]
    if end == "given up":
        with tenant_scope(tenant.pk):
            hang_up_call(call_id=talk.pk)
    else:
        reconcile(now=talk.queued_at + timedelta(seconds=61))  # type: ignore[operator]
    assert [d.api_keys for d in drafts()] == [""]


def test_the_agent_may_be_published_meanwhile(
    node: MediaNode, tenant: Tenant, agent: Agent, talk: Call
) -> None:
    with tenant_scope(tenant.pk):
        publish(agent=agent)
    assert claim(node, talk) is not None
