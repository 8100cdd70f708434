"""Versions of the agent against each other: a contact always talks to the same one."""

from __future__ import annotations

import zlib
from uuid import UUID

from apps.agents.models import AgentVersion
from apps.campaigns.config import CampaignConfig
from apps.campaigns.models import Campaign
from tenants.ids import from_public


def arm_of(config: CampaignConfig, contact_id: UUID) -> UUID | None:
    """The version that has this contact by its share; None when no versions are compared: the published one.
    The same as long as the arms stay."""
    total = sum(arm.weight for arm in config.arms)
    if not total:
        return None
    drawn = zlib.crc32(contact_id.bytes) % total
    for arm in config.arms:
        drawn -= arm.weight
        if drawn < 0:
            return from_public("agv_", arm.version)
    raise AssertionError("a draw below the sum of the weights falls to one of them")


def versions_of(campaign: Campaign, config: CampaignConfig) -> list[AgentVersion]:
    """All that may talk in the campaign: those of its arms, else the published one and the one that has a
    share of the agent's calls; none: nothing may."""
    ids = [from_public("agv_", arm.version) for arm in config.arms]
    if not ids:
        agent = campaign.agent
        return [v for v in (agent.published_version, agent.split_version) if v is not None]
    rows = AgentVersion.objects.filter(agent=campaign.agent, pk__in=ids)
    return list(rows.select_related("agent"))
