"""Reads of agents and their versions, in the tenant's scope."""

from __future__ import annotations

import random
import zlib
from uuid import UUID

from django.db.models import QuerySet

from apps.agents.model_keys import read, with_keys
from apps.agents.models import Agent, AgentVersion
from media_workers.contract.agent import AgentConfig
from tenants.errors import NotFound
from tenants.ids import from_public


def list_agents() -> QuerySet[Agent]:
    """The agents that are not archived."""
    return Agent.objects.filter(archived_at=None).select_related("published_version", "split_version")


def get_agent(agent_id: UUID, *, lock: bool = False) -> Agent:
    """One of `list_agents`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_agents()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    agent = rows.filter(pk=agent_id).first()
    if agent is None:
        raise NotFound("There is no such agent.")
    return agent


def is_agent(public_id: str) -> bool:
    """Whether the tenant in force has this agent, by its id as the API shows it."""
    try:
        agent_id = from_public(Agent.id_prefix, public_id)
    except ValueError:
        return False
    return list_agents().filter(pk=agent_id).exists()


def list_versions(agent: Agent) -> QuerySet[AgentVersion]:
    """The published versions of `agent`, newest first."""
    return AgentVersion.objects.filter(agent=agent).select_related("created_by").order_by("-number")


def get_version(agent: Agent, number: int) -> AgentVersion:
    """Version `number` of `agent`. NotFound when it was never published."""
    version = list_versions(agent).filter(number=number).first()
    if version is None:
        raise NotFound(f"This agent has no version {number}.")
    return version


def version_for_call(agent: Agent, other_party: str) -> AgentVersion | None:
    """Which version of `agent` speaks with `other_party` (their number; of who hides it any): the published
    one, or the one that has a share of the calls. The same party always reaches the same one, as long as the
    share stays. None: nothing is published."""
    if agent.split_version is None:
        return agent.published_version
    drawn = zlib.crc32(f"{agent.pk}/{other_party}".encode()) if other_party else random.randrange(100)
    return agent.split_version if drawn % 100 < agent.split_percent else agent.published_version


def agent_config_for_call(version: AgentVersion) -> AgentConfig:
    """What a line runs: the version's configuration with its keys. Never log or return it to a tenant."""
    return with_keys(version.config, read(version.api_keys))
