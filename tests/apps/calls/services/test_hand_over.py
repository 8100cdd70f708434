"""A call goes on with another agent: the version that takes calls, of the same tenant, with its keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish
from apps.calls.errors import CallNotYours
from apps.calls.models import Call
from apps.calls.services import record_events
from apps.calls.services.hand_over import AgentUnpublished, agent_for_call
from media_workers.contract.agent import AgentConfig
from media_workers.contract.requests import AgentAnswer, AgentRequest
from telephony.edge.models import MediaNode
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.wire import batch, event

pytestmark = pytest.mark.django_db(transaction=True)

MODEL = {
    "provider": "openai_compatible",
    "base_url": "https://llm.example/v1",
    "model": "m",
    "api_key": "sk-own",
}


@pytest.fixture
def make(tenant: Tenant) -> Callable[..., Agent]:
    def make(owner: Tenant = tenant, *, published: bool = True) -> Agent:
        with tenant_scope(owner.pk):
            config = AgentConfig.model_validate({"model": MODEL, "first_message": "Bookings here."})
            agent = create_agent(name="Bookings", config=config)
            if published:
                publish(agent=agent)
            return agent

    return make


def ask(node: MediaNode, call: Call, agent: str) -> AgentAnswer:
    return agent_for_call(node, call.pk, AgentRequest(node=node.name, agent=agent))


def test_the_published_version_goes_on_with_its_keys(
    node: MediaNode, answered: Call, make: Callable[..., Agent]
) -> None:
    agent = make()
    answer = ask(node, answered, agent.public_id)
    assert (answer.agent_name, answer.version) == ("Bookings", 1)
    assert answer.agent.first_message == "Bookings here."
    assert getattr(answer.agent.model, "api_key", None) == "sk-own"
    assert "sk-own" not in repr(answer.credentials)


def test_only_agents_of_the_tenant_that_are_published_can_be_had(
    node: MediaNode, answered: Call, stranger: Tenant, make: Callable[..., Agent]
) -> None:
    for unknown in (make(stranger).public_id, f"agt_{uuid4().hex}", "agt_x"):
        with pytest.raises(NotFound):
            ask(node, answered, unknown)
    with pytest.raises(AgentUnpublished):
        ask(node, answered, make(published=False).public_id)


def test_only_the_node_that_carries_the_call_may_ask(
    node: MediaNode, other_node: MediaNode, answered: Call, make: Callable[..., Agent]
) -> None:
    agent = make()
    with pytest.raises(CallNotYours):
        ask(other_node, answered, agent.public_id)
    record_events(node, batch(answered.pk, event(2, "ended", reason="caller_hung_up", duration_ms=1)))
    with pytest.raises(CallNotYours):
        ask(node, answered, agent.public_id)


def test_over_http(node: MediaNode, token: str, answered: Call, make: Callable[..., Agent]) -> None:
    def post(**body: Any) -> Any:
        return Client().post(
            f"/internal/v1/calls/{answered.pk}/agent",
            {"node": node.name, **body},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    found = post(agent=make().public_id)
    assert found.status_code == 200
    assert AgentAnswer.model_validate_json(found.content).agent_name == "Bookings"
    missing = post(agent="agt_none")
    assert (missing.status_code, missing.json()["detail"]) == (404, "There is no such agent.")
    assert post(agent="agt_x", node="node-9").status_code == 403
