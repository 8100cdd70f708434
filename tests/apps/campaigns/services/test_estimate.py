"""When a campaign will be through, as its turns keep it."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.campaigns.models import Campaign, CampaignState, Minute, Progress
from apps.campaigns.services.estimate import USUAL_ATTEMPTS, keep_estimate
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer


def test_the_finish_is_estimated_once_a_minute_and_as_fast_as_lately(running: Dialer) -> None:
    campaign = running(contacts=60)
    later = NOW + timedelta(minutes=2)
    with tenant_scope(campaign.tenant_id):
        assert keep_estimate(campaign.pk, now=NOW)
        assert NOW < finish() < NOW + timedelta(minutes=2)
        Minute.objects.create(campaign=campaign, begins=NOW + timedelta(minutes=1), started=60)
        assert not keep_estimate(campaign.pk, now=NOW + timedelta(seconds=30))
        assert keep_estimate(campaign.pk, now=later)
        taken = finish() - later - timedelta(seconds=60 * USUAL_ATTEMPTS)  # one a second
        assert abs(taken) < timedelta(seconds=1)
        Campaign.objects.filter(pk=campaign.pk).update(resumed_at=later + timedelta(seconds=5))
        assert keep_estimate(campaign.pk, now=later + timedelta(seconds=6))  # it was started anew
        Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.PAUSED)
        assert not keep_estimate(campaign.pk, now=NOW + timedelta(hours=1))


def finish() -> datetime:
    found = Progress.objects.get().finish_at
    assert found is not None
    return found
