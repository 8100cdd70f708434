"""Writes of agents, in the tenant's scope."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils import timezone

from apps.agents.checks import Remark, keys_needed, missing_keys
from apps.agents.checks import warnings as warnings_of
from apps.agents.configuration import parse_config
from apps.agents.flow_checks import FLOW, flow_warnings
from apps.agents.model_keys import kept_keys, read, secrets_in, split_keys, stored
from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import get_agent, get_version
from apps.agents.signals import agent_archiving, publication_asked
from apps.agents.tool_checks import missing_secrets
from apps.vendors.selectors import credentials_for
from media_workers.contract.agent import AgentConfig
from tenants.errors import InvalidFields, InvalidInput, NotFound
from tenants.models import User

_NAME_LENGTH = 200


def create_agent(*, name: str, config: AgentConfig, created_by: User | None = None) -> Agent:
    """A new agent with a draft and no version yet: it takes calls once it is published."""
    draft, keys = split_keys(config)
    return Agent.objects.create(name=_name(name), draft=draft, draft_api_keys=stored(keys))


def update_draft(*, agent: Agent, name: str | None = None, config: AgentConfig | None = None) -> Agent:
    """Change the name or the draft. A key that is left out (None) is kept, an empty one removed."""
    fresh = get_agent(agent.pk, lock=True)
    if name is not None:
        fresh.name = _name(name)
    if config is not None:
        draft, given = split_keys(config)
        before = read(fresh.draft_api_keys)
        keys = kept_keys(old=fresh.draft, new=draft, keys=before, given=given)
        if keys != before:  # what is unchanged keeps its token, and the audit log silent
            fresh.draft_api_keys = stored(keys)
        fresh.draft = draft
    fresh.save()
    return fresh


def duplicate_agent(*, agent: Agent, name: str | None = None) -> Agent:
    """A new agent with the draft of `agent` and its keys, but no version; named "Copy of ..." by default."""
    copied = get_agent(agent.pk, lock=True)
    return Agent.objects.create(
        name=_name(name) if name is not None else f"Copy of {copied.name}"[:_NAME_LENGTH],
        draft=copied.draft,
        draft_api_keys=copied.draft_api_keys,
    )


def publish(*, agent: Agent, note: str = "", created_by: User | None = None) -> AgentVersion:
    """Freeze the draft as the next version, which takes calls from now on; calls in progress keep theirs.

    InvalidFields (`no_key`, `no_secret`) while the draft names a vendor of which there is no key, or a secret
    that is not stored.
    """
    fresh = get_agent(agent.pk, lock=True)
    config = AgentConfig.model_validate(fresh.draft)
    missing = [*review(config)[0], *missing_secrets(config, secrets_in(read(fresh.draft_api_keys)))]
    if missing:
        raise InvalidFields([InvalidInput(r.detail, field=f"config.{r.place}", code=r.code) for r in missing])
    last = AgentVersion.objects.filter(agent=fresh).aggregate(last=Max("number"))["last"] or 0
    version = AgentVersion.objects.create(
        agent=fresh,
        number=last + 1,
        config=fresh.draft,
        api_keys=fresh.draft_api_keys,
        note=note,
        created_by=created_by,
    )
    _point(fresh, version)
    return version


def hold_publication(
    *, agent: Agent, note: str = "", by: User | None = None, skip: bool = False
) -> dict[str, Any] | None:
    """Whether somebody has to look at the draft before it is published (`signals.publication_asked`), who
    publishes it then: what the API shows of that. None: publish it. `skip`: nobody is to look."""
    fresh = get_agent(agent.pk, lock=True)
    answers: list[Any] = publication_asked.send(Agent, agent=fresh, note=note, by=by, skip=skip)
    return next((answer for _, answer in answers if answer is not None), None)


def review(config: AgentConfig) -> tuple[list[Remark], list[Remark]]:
    """What keeps `config` from being published in this tenant, and what is only worth a word."""
    keys = credentials_for(keys_needed(config))
    return missing_keys(config, keys.__contains__), [*warnings_of(config), *flow_warnings(config)]


def review_flow(*, agent: Agent, flow: object) -> tuple[list[Remark], list[Remark]]:
    """What keeps the draft of `agent` from being saved with `flow` (places under `config.flow`), and what is
    only worth a word. Nothing is stored."""
    document = {**agent.draft, FLOW: flow}
    try:
        config = parse_config(document)
    except InvalidFields as faults:
        return [_remark(fault) for fault in faults.errors if _in_flow(fault.field)], []
    return [], [Remark(f"config.{r.place}", r.code, r.detail) for r in flow_warnings(config)]


def _in_flow(field: str) -> bool:
    return field == f"config.{FLOW}" or field.startswith(f"config.{FLOW}.")


def _remark(fault: InvalidInput) -> Remark:
    return Remark(fault.field, fault.code, fault.detail)


def roll_back(*, agent: Agent, number: int) -> AgentVersion:
    """Let the older version `number` take calls again; the draft stays. InvalidInput when there is none."""
    fresh = get_agent(agent.pk, lock=True)
    version = _version(fresh, number)
    _point(fresh, version)
    return version


def split_calls(*, agent: Agent, number: int, percent: int) -> Agent:
    """Let version `number` take `percent` (1 to 99) of the calls, and the published one the others, until a
    version is published or rolled back to. Calls that a number or the API pins are not split.

    InvalidInput names the field: no such version, the published one itself, nothing published yet.
    """
    fresh = get_agent(agent.pk, lock=True)
    if fresh.published_version is None:
        raise InvalidInput("Publish the agent first.", field="number", code="unpublished")
    version = _version(fresh, number)
    if version.pk == fresh.published_version_id:
        raise InvalidInput("This version takes the calls already: name another one.", field="number")
    if not 1 <= percent <= 99:
        raise InvalidInput("Give a share from 1 to 99.", field="percent")
    if fresh.split_version != version:
        fresh.split_since = timezone.now()
    fresh.split_version, fresh.split_percent = version, percent
    fresh.save()
    return fresh


def end_split(*, agent: Agent) -> Agent:
    """All calls to the published version again."""
    fresh = get_agent(agent.pk, lock=True)
    _unite(fresh)
    fresh.save()
    return fresh


def archive_agent(*, agent: Agent) -> None:
    """Take the agent away; its calls and versions stay. Conflict while a number still reaches it."""
    fresh = get_agent(agent.pk, lock=True)
    agent_archiving.send(Agent, agent=fresh)
    fresh.archived_at = timezone.now()
    fresh.save(update_fields=["archived_at", "updated_at"])


def _version(agent: Agent, number: int) -> AgentVersion:
    try:
        return get_version(agent, number)
    except NotFound as error:
        raise InvalidInput(error.detail, field="number", code="unknown_version") from error


def _point(agent: Agent, version: AgentVersion) -> None:
    agent.published_version = version
    _unite(agent)
    agent.save()


def _unite(agent: Agent) -> None:
    agent.split_version, agent.split_percent, agent.split_since = None, 0, None


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("Give the agent a name.", field="name")
    return name.strip()
