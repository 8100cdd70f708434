"""An agent with a suite, and a media node that plays what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import create_agent
from apps.suites.cases import parse_cases
from apps.suites.models import CaseRun, Suite, SuiteRun
from apps.suites.services.dispatch import advance
from apps.suites.services.results import claim_case, take_result
from apps.suites.services.suites import create_suite
from media_workers.contract.calls import Heartbeat
from media_workers.contract.simulation import SimulationPlan, SimulationReport
from media_workers.simulation.play import simulate
from telephony.edge.models import MediaNode
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.fakes.media_node import MediaNode as Port
from tests.tenancy import make_tenant, script_config

GOODBYE = {
    "name": "Says goodbye",
    "caller": {"kind": "script", "steps": [{"do": "say", "text": "Goodbye."}]},
    "assertions": [{"kind": "said", "text": "bye"}, {"kind": "ended_by", "by": "agent"}],
}
HOURS = {
    "name": "Asks for the opening hours",
    "caller": {"kind": "script", "steps": [{"do": "say", "text": "When are you open?"}]},
    "assertions": [{"kind": "said", "text": "nine to five"}],
}


def heartbeat(name: str, url: str) -> MediaNode:
    told = Heartbeat(
        node=name,
        boot_id=UUID(int=1),
        sip_address="127.0.0.1:5060",
        lines=1,
        capacity=4,
        active=0,
        browser_url=url,
        browser_capacity=4,
    )
    node = ensure_node(name, new_token())
    record_heartbeat(node, told, now=timezone.now())
    node.refresh_from_db()
    return node


class Player:
    """A media node: its port takes tickets, and `play` does what a node does with them."""

    def __init__(self, port: Port, node: MediaNode) -> None:
        self.port = port
        self.node = node

    def claim(self) -> SimulationPlan | None:
        """The plan that the oldest ticket is good for."""
        return claim_case(self.node, self.port.tickets.pop(0))

    def play(self) -> None:
        """All that it has been given."""
        while self.port.tickets:
            plan = self.claim()
            if plan is not None:
                result = asyncio.run(simulate(plan))
                report = SimulationReport(node=self.node.name, attempt=plan.attempt, result=result)
                take_result(self.node, plan.id, report)

    def finish(self, run: SuiteRun) -> SuiteRun:
        """Plays `run` to its end."""
        for _ in range(50):
            advance(run.tenant_id, run.pk)
            if not self.port.tickets:
                break
            self.play()
        return fresh(run)


def fresh(run: SuiteRun) -> SuiteRun:
    with tenant_scope(run.tenant_id):
        return SuiteRun.objects.select_related("suite").get(pk=run.pk)


def cases(run: SuiteRun) -> list[CaseRun]:
    with tenant_scope(run.tenant_id):
        return list(CaseRun.objects.filter(run=run).order_by("position"))


@pytest.fixture
def player() -> Iterator[Player]:
    with Port() as port:
        port.status = HTTPStatus.ACCEPTED
        yield Player(port, heartbeat("node-1", port.url))


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


@pytest.fixture
def agent(tenant: Tenant) -> Agent:
    with tenant_scope(tenant.pk):
        return create_agent(name="Reception", config=script_config())


@pytest.fixture
def make_suite(tenant: Tenant, agent: Agent) -> Callable[..., Suite]:
    def make(*cases: dict[str, Any], name: str = "Reception", gate: bool = False) -> Suite:
        with tenant_scope(tenant.pk):
            return create_suite(agent=agent, name=name, gate=gate, cases=parse_cases(list(cases)))

    return make
