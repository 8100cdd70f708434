"""Reads of agents and their versions, in the tenant's scope."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.agents.model_keys import read, with_keys
from apps.agents.models import Agent, AgentVersion
from media_workers.contract.agent import AgentConfig
from tenants.errors import NotFound


def list_agents() -> QuerySet[Agent]:
    """The agents that are not archived."""
    return Agent.objects.filter(archived_at=None).select_related("published_version")


def get_agent(agent_id: UUID, *, lock: bool = False) -> Agent:
    """One of `list_agents`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_agents()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    agent = rows.filter(pk=agent_id).first()
    if agent is None:
        raise NotFound("There is no such agent.")
    return agent


def list_versions(agent: Agent) -> QuerySet[AgentVersion]:
    """The published versions of `agent`, newest first."""
    return AgentVersion.objects.filter(agent=agent).select_related("created_by").order_by("-number")


def get_version(agent: Agent, number: int) -> AgentVersion:
    """Version `number` of `agent`. NotFound when it was never published."""
    version = list_versions(agent).filter(number=number).first()
    if version is None:
        raise NotFound(f"This agent has no version {number}.")
    return version


def agent_config_for_call(version: AgentVersion) -> AgentConfig:
    """What a line runs: the version's configuration with its keys. Never log or return it to a tenant."""
    return with_keys(version.config, read(version.api_keys))
