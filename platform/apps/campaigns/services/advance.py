"""What a campaign does when it is its turn: settle, judge its places, decide, and see whether it should go on
or is done. Each in its own transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from apps.campaigns.models import Campaign, CampaignState
from apps.campaigns.services.completion import complete_if_done
from apps.campaigns.services.deciding import AT_ONCE, decide, set_aside_never
from apps.campaigns.services.estimate import keep_estimate
from apps.campaigns.services.pausing import pause_if_wrong
from apps.campaigns.services.places import judge_places
from apps.campaigns.services.settling import settle
from tenants.scope import tenant_scope


def advance(tenant_id: UUID, campaign_id: UUID, *, now: datetime) -> int:
    """How many calls it started. Many at once, for one campaign: harmless."""
    with tenant_scope(tenant_id):
        settle(campaign_id, now=now)
    with tenant_scope(tenant_id):
        campaign = Campaign.objects.filter(pk=campaign_id).first()
        if campaign is None or campaign.state != CampaignState.RUNNING:
            return 0
        judge_places(campaign, now)
    with tenant_scope(tenant_id):
        set_aside_never(campaign_id, now=now)
    started = _decide(tenant_id, campaign_id, now=now)
    with tenant_scope(tenant_id):
        pause_if_wrong(campaign_id, now=now)
    with tenant_scope(tenant_id):
        complete_if_done(campaign_id, now=now)
    with tenant_scope(tenant_id):
        keep_estimate(campaign_id, now=now)
    return started


def _decide(tenant_id: UUID, campaign_id: UUID, *, now: datetime) -> int:
    """One decision after the other, as long as they are full."""
    started = 0
    while True:
        with tenant_scope(tenant_id):
            begun = decide(campaign_id, now=now)
        started += begun
        if begun < AT_ONCE:
            return started
