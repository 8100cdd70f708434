"""The life of a campaign: made, changed, started, paused, resumed, stopped, copied, put away.

Each takes the campaign's lock first (`counting.lock`), so that no decision is in the middle of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import get_agent
from apps.campaigns import telling
from apps.campaigns.config import CampaignConfig
from apps.campaigns.live import state_changed
from apps.campaigns.models import Attempt, Campaign, CampaignState, PauseCode, Progress
from apps.campaigns.selectors import config_of, get_campaign, open_attempts
from apps.campaigns.services import counting
from apps.campaigns.services.contacts import zones_became_known
from apps.campaigns.services.copying import copy_contacts
from apps.campaigns.services.number_checks import check_first
from apps.campaigns.services.places import forget_judgements
from apps.campaigns.services.preflight import refusals
from apps.campaigns.services.withdrawing import hang_up_running, withdraw_queued
from apps.followups.services import drop_taken
from apps.numbers.selectors import list_numbers
from tenants.audit.services import record
from tenants.errors import Conflict, InvalidFields, InvalidInput
from tenants.ids import from_public

RunningCalls = Literal["finish", "hang_up"]
_NAME_LENGTH = 200
_WHY_LENGTH = 500
MOST_COPIED = 100_000
"""Contacts that a clone takes along while somebody waits for it."""


def create_campaign(*, name: str, agent: Agent, config: CampaignConfig | None = None) -> Campaign:
    """A draft. InvalidInput names the field: no name, a number or a version that there is not; NotFound: the
    agent was archived."""
    agent, config = get_agent(agent.pk, lock=True), config or CampaignConfig()
    _ensure_known(config, agent)
    campaign = Campaign.objects.create(name=_name(name), agent=agent, config=_stored(config))
    Progress.objects.create(campaign=campaign)
    return campaign


def change_campaign(
    *,
    campaign: Campaign,
    name: str | None = None,
    agent: Agent | None = None,
    config: CampaignConfig | None = None,
) -> Campaign:
    """Changes what is given, in any state: the next decision obeys. The agent only of a draft (Conflict)."""
    fresh = _locked(campaign)
    if name is not None:
        fresh.name = _name(name)
    if agent is not None and agent.pk != fresh.agent_id:
        if fresh.state != CampaignState.DRAFT:
            raise Conflict("A campaign keeps its agent once it was started; clone it.", code="started")
        fresh.agent = get_agent(agent.pk, lock=True)
    new = config if config is not None else config_of(fresh)
    if config is not None or agent is not None:
        _ensure_known(new, fresh.agent)
    if config is not None:
        before = config_of(fresh)
        if config.hours != before.hours:
            forget_judgements(fresh)
        if config.hours.default_time_zone and not before.hours.default_time_zone:
            checked_first = bool(config.number_check)
            zones_became_known(fresh, checked_first=checked_first, now=timezone.now())
        if config.number_check and not config_of(fresh).number_check:
            check_first(fresh)
        fresh.config = _stored(config)
    fresh.save()
    return fresh


def start_campaign(*, campaign: Campaign, now: datetime | None = None) -> Campaign:
    """Lets a draft dial, or one that completed and has contacts again.

    InvalidFields with every reason why it could never dial; Conflict in another state.
    """
    now = now or timezone.now()
    fresh = _in_state(campaign, CampaignState.DRAFT, CampaignState.COMPLETED)
    _run(fresh, now)
    telling.campaign_changed("campaign.started", fresh, at=now)
    return fresh


def resume_campaign(*, campaign: Campaign, now: datetime | None = None) -> Campaign:
    """Goes on with a paused one; raises what `start` does."""
    now = now or timezone.now()
    fresh = _in_state(campaign, CampaignState.PAUSED)
    _run(fresh, now)
    telling.campaign_changed("campaign.resumed", fresh, at=now)
    return fresh


def pause_campaign(*, campaign: Campaign, reason: str = "", now: datetime | None = None) -> Campaign:
    """No call begins from now on; what waits in the queue goes back, calls that ring or talk go on."""
    fresh = _in_state(campaign, CampaignState.RUNNING)
    set_paused(fresh, PauseCode.PERSON, reason.strip(), now=now or timezone.now())
    return fresh


def set_paused(campaign: Campaign, code: PauseCode, why: str, *, now: datetime) -> None:
    """Of a running campaign whose lock the caller holds. `why`: in words."""
    campaign.state = CampaignState.PAUSED
    campaign.pause_code, campaign.pause_reason = code, why[:_WHY_LENGTH]
    campaign.paused_by_itself = code != PauseCode.PERSON
    campaign.save()
    withdraw_queued(campaign, "The campaign was paused.", now=now)
    telling.campaign_paused(campaign, at=now)
    state_changed(campaign)


def stop_campaign(
    *, campaign: Campaign, running_calls: RunningCalls = "finish", now: datetime | None = None
) -> Campaign:
    """Ends the campaign for good. What waits in the queue is withdrawn at once; calls that ring or talk come
    to their own end, or are hung up. Callbacks that it had promised fail, and say why."""
    now = now or timezone.now()
    fresh = _in_state(campaign, CampaignState.RUNNING, CampaignState.PAUSED)
    fresh.state, fresh.ended_at = CampaignState.STOPPED, now
    fresh.save()
    withdraw_queued(fresh, "The campaign was stopped.", now=now)
    if running_calls == "hang_up":
        hang_up_running(fresh, "The campaign was stopped.")
    made_in = Attempt.objects.filter(campaign=fresh)
    drop_taken(call_ids=made_in.values("call_id"), why="The campaign was stopped.")
    record("stopped", of=fresh, after={"running_calls": running_calls})
    telling.campaign_changed("campaign.stopped", fresh, at=now)
    state_changed(fresh)
    return fresh


def clone_campaign(
    *,
    campaign: Campaign,
    name: str | None = None,
    with_contacts: bool = False,
    now: datetime | None = None,
) -> Campaign:
    """A draft of the same agent and configuration; "Copy of ..." by default. `with_contacts`: with all of its
    contacts, as if none had ever been called. The dates of the first one come along and may have passed:
    `preflight` says so."""
    copied = get_campaign(campaign.pk)
    if with_contacts:
        _ensure_copied_in_time(copied)
    new_name = name or f"Copy of {copied.name}"[:_NAME_LENGTH]
    new = create_campaign(name=new_name, agent=copied.agent, config=config_of(copied))
    if with_contacts:
        copy_contacts(copied, new, now=now or timezone.now())
    return new


def _ensure_copied_in_time(campaign: Campaign) -> None:
    contacts = Progress.objects.values_list("contacts", flat=True).get(campaign=campaign)
    if contacts > MOST_COPIED:
        raise InvalidInput(
            f"{contacts:,} contacts are too many to copy at once ({MOST_COPIED:,}): clone without them, and "
            "bring in the file again, or the exported results.",
            field="with_contacts",
            code="too_many",
        )


def archive_campaign(*, campaign: Campaign, now: datetime | None = None) -> None:
    """Puts it away; its attempts stay. Conflict while it runs or is paused, or a call of it goes on."""
    fresh = _in_state(campaign, CampaignState.DRAFT, CampaignState.STOPPED, CampaignState.COMPLETED)
    if open_attempts(fresh).exists():
        raise Conflict("Calls of this campaign go on: wait for their end.", code="calls_running")
    fresh.archived_at = now or timezone.now()
    fresh.save()


def _run(campaign: Campaign, now: datetime) -> None:
    found = refusals(campaign, now)
    if found:
        raise InvalidFields([InvalidInput(r.detail, field=r.field, code=r.code) for r in found])
    campaign.state = CampaignState.RUNNING
    campaign.started_at = campaign.started_at or now
    campaign.resumed_at, campaign.ended_at = now, None
    campaign.pause_code, campaign.pause_reason, campaign.paused_by_itself = "", "", False
    campaign.save()
    state_changed(campaign)


def _locked(campaign: Campaign) -> Campaign:
    counting.lock(campaign.pk)
    return get_campaign(campaign.pk, lock=True)


def _in_state(campaign: Campaign, *states: CampaignState) -> Campaign:
    fresh = _locked(campaign)
    if fresh.state not in states:
        raise Conflict(f"The campaign is {fresh.state}.", code=f"is_{fresh.state}")
    return fresh


def _ensure_known(config: CampaignConfig, agent: Agent) -> None:
    """InvalidFields for numbers that are not the tenant's and versions that are not the agent's."""
    faults = []
    numbers = _ids("num_", config.callers.numbers)
    mine = set(list_numbers().filter(pk__in=numbers).values_list("pk", flat=True))
    for place, number in enumerate(numbers):
        if number not in mine:
            words = "This is not one of your numbers."
            faults.append(InvalidInput(words, field=f"config.callers.numbers.{place}", code="unknown"))
    versions = _ids("agv_", [arm.version for arm in config.arms])
    of_agent = AgentVersion.objects.filter(agent=agent, pk__in=versions)
    known = set(of_agent.values_list("pk", flat=True))
    for place, version in enumerate(versions):
        if version not in known:
            words = "The campaign's agent has no such version."
            faults.append(InvalidInput(words, field=f"config.arms.{place}.version", code="unknown"))
    faults += _twice("config.callers.numbers.{}", numbers) + _twice("config.arms.{}.version", versions)
    if faults:
        raise InvalidFields(faults)


def _twice(field: str, ids: list[UUID]) -> list[InvalidInput]:
    again = [place for place, one in enumerate(ids) if one in ids[:place]]
    return [InvalidInput("This is there already.", field=field.format(n), code="twice") for n in again]


def _ids(prefix: str, public: list[str]) -> list[UUID]:
    return [from_public(prefix, one) for one in public]


def _stored(config: CampaignConfig) -> dict[str, Any]:
    return config.model_dump(mode="json")


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > _NAME_LENGTH:
        raise InvalidInput(f"Give the campaign a name of at most {_NAME_LENGTH} characters.", field="name")
    return name
