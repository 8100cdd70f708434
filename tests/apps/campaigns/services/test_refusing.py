"""Limits of calls that the rules of a callee's place set, besides the campaign's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.calls.models import Call
from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.presets import Cap
from apps.campaigns.models import Campaign, Contact, Place, Progress
from apps.campaigns.services.deciding import decide
from apps.campaigns.services.refusing import caps_of, free_at
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("hours_ago", "caps", "wait"),
    [
        ([], [Cap(1, DAY)], None),
        ([24], [Cap(1, DAY)], None),
        ([23], [Cap(1, DAY)], 1),
        ([23, 5, 1], [Cap(3, DAY)], 1),
        ([30, 5, 1], [Cap(3, DAY)], None),
        ([2], [Cap(3, DAY), Cap(1, timedelta(hours=8))], 6),
        ([700, 600, 500, 400], [Cap(4, 30 * DAY), Cap(7, 7 * DAY)], 20),
        ([23, 22, 21, 1], [Cap(3, DAY)], 2),
    ],
)
def test_a_number_is_free_when_every_limit_is_kept(
    hours_ago: list[int], caps: list[Cap], wait: int | None
) -> None:
    times = [AT - timedelta(hours=hours) for hours in hours_ago]
    assert free_at(times, caps, now=AT) == (None if wait is None else AT + timedelta(hours=wait))


@pytest.mark.parametrize(
    ("rules", "country", "region", "extra"),
    [
        (["local"], "US", "NY", set()),
        (["local"], "US", "FL", {Cap(3, DAY)}),
        (["local"], "US", "ME", {Cap(1, timedelta(hours=8))}),
        (["local"], "US", "", {Cap(3, DAY), Cap(1, timedelta(hours=8))}),
        (["local"], "FR", "", {Cap(4, 30 * DAY)}),
        (["fr_decret"], "US", "NY", {Cap(4, 30 * DAY)}),
        ([], "FR", "", set()),
    ],
)
def test_limits_are_the_campaigns_and_those_of_the_rules(
    rules: list[str], country: str, region: str, extra: set[Cap]
) -> None:
    config = CampaignConfig.model_validate(
        {"hours": {"rules": rules}, "attempts": {"max_per_day": 9, "max_per_week": 20}}
    )
    assert set(caps_of(config, country, region)) == {Cap(9, DAY), Cap(20, 7 * DAY)} | extra


def _decided(campaign: Campaign, after: timedelta, *, country: str, region: str = "") -> int:
    """What is decided `after` so long; a line took the calls at once, and nobody answered."""
    now = NOW + after
    with tenant_scope(campaign.tenant_id):
        Place.objects.update(country=country, region=region, judged_until=now + timedelta(hours=1))
        Progress.objects.update(granted_until=now + timedelta(seconds=5))
        count = decide(campaign.pk, now=now)
        Call.objects.filter(dialing_at=None).update(
            state="ended", end_reason="no_answer", dialing_at=now, ended_at=now
        )
    return count


@pytest.mark.parametrize(
    ("country", "region", "calls", "span"),
    [
        ("US", "ME", 1, timedelta(hours=8)),
        ("US", "FL", 3, DAY),
        ("FR", "", 4, 30 * DAY),
        ("US", "NY", 5, DAY),  # the campaign's own
    ],
)
def test_limits_hold_over_all_campaigns(
    running: Dialer, country: str, region: str, calls: int, span: timedelta
) -> None:
    campaigns = [running(contacts=1, attempts={"max_per_day": 5}) for _ in range(calls + 1)]
    done = [
        _decided(campaign, timedelta(minutes=n), country=country, region=region)
        for n, campaign in enumerate(campaigns)
    ]
    assert done == [1] * calls + [0]
    with tenant_scope(campaigns[-1].tenant_id):
        contact = Contact.objects.get(campaign=campaigns[-1])
        assert (contact.state, contact.next_at) == ("waiting", NOW + span)
