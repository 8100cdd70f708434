"""A running campaign with contacts that are due, in a place that is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish
from apps.campaigns.models import Campaign, CampaignState, Contact, Place, Progress
from apps.numbers.models import PhoneNumber, Purpose
from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant

NOW = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)  # a Tuesday: noon in New York
Dialer = Callable[..., Campaign]


@pytest.fixture
def dialing_tenant(db: None) -> Tenant:
    return make_tenant("Dialing")


@pytest.fixture
def dialing_agent(dialing_tenant: Tenant) -> Agent:
    with tenant_scope(dialing_tenant.pk):
        config = AgentConfig(model=ScriptModel(nodes={"start": ScriptNode(say="Hello.")}))
        agent = create_agent(name="Caller", config=config)
        publish(agent=agent)
        agent.refresh_from_db()
        return agent


@pytest.fixture
def caller(dialing_tenant: Tenant) -> PhoneNumber:
    with tenant_scope(dialing_tenant.pk):
        return PhoneNumber.objects.create(e164="+12125551000", carrier="sandbox", purpose=Purpose.OUTBOUND)


@pytest.fixture
def running(dialing_tenant: Tenant, dialing_agent: Agent, caller: PhoneNumber) -> Dialer:
    """Makes a campaign of `contacts` numbers that are due, with a grant of `granted`."""

    def make(contacts: int = 5, granted: int = 100, first: int = 0, **config: Any) -> Campaign:
        settings = {"pacing": {"max_concurrent": 100, "calls_per_second": 100}} | config
        settings["callers"] = {"numbers": [caller.public_id], "daily_cap": 10_000} | config.get("callers", {})
        with tenant_scope(dialing_tenant.pk):
            campaign = Campaign.objects.create(
                name="Spring",
                agent=dialing_agent,
                config=settings,
                state=CampaignState.RUNNING,
                started_at=NOW,
                resumed_at=NOW,
            )
            place = Place.objects.create(
                campaign=campaign,
                zones=["America/New_York"],
                country="US",
                region="NY",
                open=True,
                judged_until=NOW + timedelta(hours=1),
            )
            Contact.objects.bulk_create(
                Contact(campaign=campaign, place=place, e164=f"+1212{5_600_000 + first + i}", next_at=NOW)
                for i in range(contacts)
            )
            Progress.objects.create(
                campaign=campaign,
                contacts=contacts,
                waiting=contacts,
                granted=granted,
                granted_until=NOW + timedelta(seconds=5),
            )
        return campaign

    return make
