"""Writes of agents, in the tenant's scope."""

from __future__ import annotations

from django.db.models import Max
from django.utils import timezone

from apps.agents.configuration import kept_secret, split_secret
from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import get_agent, get_version
from apps.agents.signals import agent_archiving
from media_workers.contract.agent import AgentConfig
from tenants.errors import InvalidInput, NotFound
from tenants.models import User

_NAME_LENGTH = 200


def create_agent(*, name: str, config: AgentConfig, created_by: User | None = None) -> Agent:
    """A new agent with a draft and no version yet: it takes calls once it is published."""
    draft, key = split_secret(config)
    return Agent.objects.create(name=_name(name), draft=draft, draft_api_key=key or "")


def update_draft(*, agent: Agent, name: str | None = None, config: AgentConfig | None = None) -> Agent:
    """Change the name or the draft. A model key that is left out (None) is kept, an empty one removed."""
    fresh = get_agent(agent.pk, lock=True)
    if name is not None:
        fresh.name = _name(name)
    if config is not None:
        draft, key = split_secret(config)
        if key is None:
            key = kept_secret(old=fresh.draft, new=draft, secret=fresh.draft_api_key)
        fresh.draft, fresh.draft_api_key = draft, key
    fresh.save()
    return fresh


def duplicate_agent(*, agent: Agent, name: str | None = None) -> Agent:
    """A new agent with the draft of `agent` and its key, but no version; named "Copy of ..." by default."""
    copied = get_agent(agent.pk, lock=True)
    return Agent.objects.create(
        name=_name(name) if name is not None else f"Copy of {copied.name}"[:_NAME_LENGTH],
        draft=copied.draft,
        draft_api_key=copied.draft_api_key,
    )


def publish(*, agent: Agent, note: str = "", created_by: User | None = None) -> AgentVersion:
    """Freeze the draft as the next version, which takes calls from now on; calls in progress keep theirs."""
    fresh = get_agent(agent.pk, lock=True)
    last = AgentVersion.objects.filter(agent=fresh).aggregate(last=Max("number"))["last"] or 0
    version = AgentVersion.objects.create(
        agent=fresh,
        number=last + 1,
        config=fresh.draft,
        api_key=fresh.draft_api_key,
        note=note,
        created_by=created_by,
    )
    _point(fresh, version)
    return version


def roll_back(*, agent: Agent, number: int) -> AgentVersion:
    """Let the older version `number` take calls again; the draft stays. InvalidInput when there is none."""
    fresh = get_agent(agent.pk, lock=True)
    try:
        version = get_version(fresh, number)
    except NotFound as error:
        raise InvalidInput(error.detail, field="number", code="unknown_version") from error
    _point(fresh, version)
    return version


def archive_agent(*, agent: Agent) -> None:
    """Take the agent away; its calls and versions stay. Conflict while a number still reaches it."""
    fresh = get_agent(agent.pk, lock=True)
    agent_archiving.send(Agent, agent=fresh)
    fresh.archived_at = timezone.now()
    fresh.save(update_fields=["archived_at", "updated_at"])


def _point(agent: Agent, version: AgentVersion) -> None:
    agent.published_version = version
    agent.save(update_fields=["published_version", "updated_at"])


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("Give the agent a name.", field="name")
    return name.strip()
