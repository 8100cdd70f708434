"""What somebody should look at about campaigns, for the home page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from apps.calls.attention import OF_A_KIND, Notice
from apps.campaigns.models import Campaign, CampaignState, NumberHook


def campaign_notices(permissions: Collection[str], now: datetime) -> Iterator[Notice]:
    """Campaigns that paused themselves, the newest first, and those whose number check keeps them waiting."""
    if "campaigns.read" not in permissions:
        return
    paused = Campaign.objects.filter(state=CampaignState.PAUSED, paused_by_itself=True, archived_at=None)
    for campaign in paused.order_by("-id")[:OF_A_KIND]:
        yield Notice(
            "campaign_paused",
            "error",
            f"The campaign {campaign.name} paused itself",
            campaign.pause_reason,
            f"campaigns/{campaign.public_id}",
        )
    hooks = NumberHook.objects.filter(campaign__state=CampaignState.RUNNING, campaign__archived_at=None)
    for hook in hooks.exclude(trouble="").select_related("campaign").order_by("-id")[:OF_A_KIND]:
        yield Notice(
            "number_check_failing",
            "warning",
            f"The number check of the campaign {hook.campaign.name} does not answer",
            hook.trouble,
            f"campaigns/{hook.campaign.public_id}",
        )
