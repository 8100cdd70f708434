"""Live updates of campaigns to whoever watches: a view only, never the truth.

What is sent says only that a campaign has changed: the socket reads how far it is, at most once a second,
so that the last change is always told, and nobody reads what nobody watches.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.calls.live import send_after_commit
from apps.campaigns.models import Campaign


def tenant_group(tenant_id: UUID) -> str:
    """The group that hears of every campaign of a tenant."""
    return f"campaigns.tenant.{tenant_id.hex}"


def campaign_group(campaign_id: UUID) -> str:
    """The group that hears of one campaign."""
    return f"campaigns.campaign.{campaign_id.hex}"


def progressed(campaign: Campaign) -> None:
    """Tells the watchers, once the transaction is committed, that the campaign's progress has changed."""
    _send(campaign, {"type": "progress", "campaign": campaign.public_id})


def state_changed(campaign: Campaign) -> None:
    """Tells the watchers, once the transaction is committed, in which state the campaign is."""
    _send(campaign, state_message(campaign))


def state_message(campaign: Campaign) -> dict[str, Any]:
    """What a watcher is told of the campaign's state."""
    return {
        "type": "state",
        "campaign": campaign.public_id,
        "state": campaign.state,
        "pause_code": campaign.pause_code,
        "pause_reason": campaign.pause_reason,
        "paused_by_itself": campaign.paused_by_itself,
    }


def _send(campaign: Campaign, message: dict[str, Any]) -> None:
    groups = (tenant_group(campaign.tenant_id), campaign_group(campaign.pk))
    send_after_commit({group: [message] for group in groups})
