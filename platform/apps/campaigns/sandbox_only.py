"""What keys for tests may do with campaigns: nothing that reaches anybody outside the sandbox."""

from __future__ import annotations

from apps.campaigns.config import CampaignConfig
from apps.campaigns.models import Campaign, CampaignState
from apps.campaigns.selectors import config_of
from tenants.errors import NotAllowed

WORDS = "A test key reaches the sandbox only: this campaign's configuration does not have `test`."


def ensure_in_reach(
    campaign: Campaign, *, test_key: bool, dials: bool = False, config: CampaignConfig | None = None
) -> None:
    """NotAllowed for a test key and a campaign that was started and may call anybody, or will with `config`.

    `dials`: it is about to be started, so that drafts count too.
    """
    if not test_key or (campaign.state == CampaignState.DRAFT and not dials):
        return
    if not config_of(campaign).test or (config is not None and not config.test):
        raise NotAllowed(WORDS)
