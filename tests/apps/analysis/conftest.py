"""Calls that are over, and an agent that wants something of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish, update_draft
from apps.analysis.models import Analysis
from apps.analysis.services import beginning
from apps.analysis.services.running import run
from apps.calls.models import Call
from apps.calls.services import admit_call, record_events
from apps.numbers.models import PhoneNumber
from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
from media_workers.contract.calls import InboundCall
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import node, number, ring, token  # noqa: F401
from tests.apps.calls.wire import batch, event, fresh, turn
from tests.tenancy import make_tenant

Ended = Callable[..., Call]
SCRIPT = [
    "Hello, how can I help?",
    "My order is AB1234.",
    "On which day did it come?",
    "On Tuesday, thank you.",
]
WISHES: dict[str, Any] = {
    "extraction": [
        {"name": "order", "type": "string", "pattern": "[A-Z]{2}[0-9]{4}", "required": True},
        {"name": "came_on", "type": "date", "keywords": ["did it come"]},
    ],
    "analysis": {
        "topics": [{"name": "Orders", "phrases": ["my order"]}],
        "criteria": [{"name": "Order known", "field": "order"}],
    },
}


def config(**wishes: Any) -> AgentConfig:
    model = ScriptModel(nodes={"start": ScriptNode(say="Hello.")})
    return AgentConfig.model_validate({"model": model.model_dump(), **(WISHES | wishes)})


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


@pytest.fixture
def agent(tenant: Tenant) -> Agent:
    with tenant_scope(tenant.pk):
        made = create_agent(name="Orders", config=config())
        publish(agent=made)
        made.refresh_from_db()
        return made


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any]]]:
    """The jobs that were asked for; nobody takes them. Calls are due as soon as they have ended."""
    asked: list[tuple[str, list[Any]]] = []
    monkeypatch.setattr(beginning, "_send", lambda job, arguments, after: asked.append((job, arguments)))
    monkeypatch.setattr(beginning, "AFTER", beginning.AFTER * 0)
    return asked


@pytest.fixture
def ended(node: MediaNode, number: PhoneNumber, ring: Callable[..., InboundCall]) -> Ended:  # noqa: F811
    """An inbound call in which the agent and the caller said these in turn, and that is over."""

    def make(
        *said: str, slots: dict[str, str] | None = None, answered: bool = True, end: bool = True
    ) -> Call:
        plan = admit_call(node, ring(number.e164)).plan
        assert plan is not None
        seq, events = 1, []
        if answered:
            events.append(event(1, "answered", codec="PCMU"))
            for index, text in enumerate(said or SCRIPT):
                seq += 1
                events.append(turn(seq, index, "caller" if index % 2 else "agent", text))
            seq += 1
        if end:
            reason = "caller_hung_up" if answered else "rejected"
            events.append(event(seq, "ended", reason=reason, duration_ms=4_000, slots=slots or {}))
        record_events(node, batch(plan.call_id, *events))
        return fresh(plan.call_id)

    return make


def analysis_of(call: Call) -> Analysis:
    with tenant_scope(call.tenant_id):
        return Analysis.objects.get(call=call)


def analyzed(call: Call) -> Analysis:
    """After one attempt."""
    run(call.tenant_id, analysis_of(call).pk)
    return analysis_of(call)


def republish(agent: Agent, **wishes: Any) -> None:
    """The agent wants something else from now on."""
    with tenant_scope(agent.tenant_id):
        found = Agent.objects.get(pk=agent.pk)
        update_draft(agent=found, config=config(**wishes))
        publish(agent=found)


def due(analysis_id: UUID, tenant: Tenant, *, at: datetime) -> None:
    """Its next attempt may begin."""
    with tenant_scope(tenant.pk):
        Analysis.objects.filter(pk=analysis_id).update(next_at=at)
