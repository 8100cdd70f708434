"""Campaigns hold on to the agents and numbers they need."""

from __future__ import annotations

from apps.agents.models import Agent
from apps.campaigns.models import Campaign
from apps.campaigns.selectors import LIVE
from apps.numbers.models import PhoneNumber
from tenants.errors import Conflict


def keep_agent(sender: object, agent: Agent, **_: object) -> None:
    """Receiver of `agent_archiving`. Conflict while a campaign that has not ended calls with the agent."""
    _refuse("agent", list(Campaign.objects.filter(agent=agent, archived_at=None, state__in=LIVE)[:3]))


def keep_number(sender: object, number: PhoneNumber, **_: object) -> None:
    """Receiver of `number_releasing`. Conflict while a campaign that has not ended calls from the number."""
    rows = Campaign.objects.filter(archived_at=None, state__in=LIVE)
    rows = rows.filter(config__callers__numbers__contains=[number.public_id])
    _refuse("number", list(rows[:3]))


def _refuse(what: str, campaigns: list[Campaign]) -> None:
    if campaigns:
        some = ", ".join(c.name for c in campaigns)
        raise Conflict(f"Campaigns need this {what}: {some}. Stop them first.", code="in_use")
