"""A campaign whose contacts are all finished has completed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.campaigns import telling
from apps.campaigns.live import state_changed
from apps.campaigns.models import CampaignState
from apps.campaigns.selectors import config_of, get_campaign
from apps.campaigns.services import counting


def complete_if_done(campaign_id: UUID, *, now: datetime) -> bool:
    """Completes a running campaign that has nobody left to call, unless it stays open; whether it did. In the
    scope of its tenant."""
    with transaction.atomic():
        progress = counting.lock(campaign_id)
        if progress.waiting or progress.checking or progress.calling:
            return False
        campaign = get_campaign(campaign_id, lock=True)
        if campaign.state != CampaignState.RUNNING or config_of(campaign).stay_open:
            return False
        campaign.state, campaign.ended_at = CampaignState.COMPLETED, now
        campaign.save()
        telling.campaign_changed("campaign.completed", campaign, at=now)
        state_changed(campaign)
        return True
