"""A tenant with an agent and a number, a media node, and the words they exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import redis

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish
from apps.calls import streams
from apps.calls.models import Call
from apps.calls.services import admit_call, place_call, record_events
from apps.numbers.models import PhoneNumber
from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
from media_workers.contract.calls import Heartbeat, InboundCall
from telephony.edge.models import MediaNode
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests.apps.calls.wire import batch, event, fresh


def script() -> AgentConfig:
    return AgentConfig(
        model=ScriptModel(nodes={"start": ScriptNode(say="Hello.")}),
        variables={"shop": "Bakery", "day": "today"},
    )


@pytest.fixture
def tenant(db: None) -> Tenant:
    return create_tenant(name="Bakery", slug="bakery")


@pytest.fixture
def stranger(db: None) -> Tenant:
    return create_tenant(name="Stranger", slug="stranger")


@pytest.fixture
def agent(tenant: Tenant) -> Agent:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script())
        publish(agent=agent)
        agent.refresh_from_db()
        return agent


@pytest.fixture
def number(tenant: Tenant, agent: Agent) -> PhoneNumber:
    with tenant_scope(tenant.pk):
        return PhoneNumber.objects.create(e164="+12025551000", carrier="sandbox", agent=agent)


@pytest.fixture
def token() -> str:
    return new_token()


@pytest.fixture
def node(db: None, token: str) -> MediaNode:
    return ensure_node("node-1", token)


@pytest.fixture
def other_node(db: None) -> MediaNode:
    return ensure_node("node-2", new_token())


@pytest.fixture
def valkey(settings: Any, worker_id: str) -> Iterator[redis.Redis]:
    """An empty Valkey database of this test process alone, before and after."""
    number = 8 + int(worker_id.removeprefix("gw") if worker_id != "master" else 0) % 8
    settings.REDIS_URL = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    client = streams.client()
    client.flushdb()
    yield client
    client.flushdb()


@pytest.fixture
def ring(node: MediaNode, settings: Any) -> Callable[..., InboundCall]:
    """An INVITE from the sandbox, as a line tells of it."""

    def make(dialed: str = "+12025551000", **fields: Any) -> InboundCall:
        told = {
            "node": node.name,
            "line": 0,
            "source_address": settings.SANDBOX_HOST,
            "source_port": settings.SANDBOX_PORT,
            "request_uri": f"sip:{dialed}@127.0.0.1",
            "dialed_number": dialed,
            "caller": "+12025550101",
            "sip_call_id": f"{uuid4()}@sandbox",
        }
        return InboundCall.model_validate(told | fields)

    return make


@pytest.fixture
def beat(node: MediaNode) -> Callable[..., bool]:
    """A heartbeat of the node at a given time."""

    def send(*, at: datetime, calls: tuple[UUID, ...] = (), boot: int = 1) -> bool:
        told = Heartbeat(
            node=node.name,
            boot_id=UUID(int=boot),
            sip_address="127.0.0.1:5060",
            lines=2,
            capacity=8,
            active=len(calls),
            calls=list(calls),
        )
        return record_heartbeat(node, told, now=at)

    return send


@pytest.fixture
def answered(node: MediaNode, number: PhoneNumber, ring: Callable[..., InboundCall]) -> Call:
    """An inbound call in progress, with one event."""
    plan = admit_call(node, ring()).plan
    assert plan is not None
    record_events(node, batch(plan.call_id, event(1, "answered", codec="PCMU")))
    return fresh(plan.call_id)


@pytest.fixture
def queued(tenant: Tenant, number: PhoneNumber) -> Call:
    """An outbound call in the queue."""
    with tenant_scope(tenant.pk):
        return place_call(from_number=number.e164, to_number="+12025550101")
