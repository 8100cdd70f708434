"""A number that became suspect is set to rest by beat's task, and the dialer leaves it out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings

from apps.campaigns.models import Attempt, Campaign, NumberDay, NumberRest, Progress
from apps.campaigns.services.advance import advance
from apps.campaigns.services.allotment import allot
from apps.campaigns.services.deciding import IDLE_AT_MOST, decide
from apps.campaigns.tasks import look_at_numbers
from apps.numbers.models import PhoneNumber, Purpose
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer

pytestmark = pytest.mark.django_db


def day(number: PhoneNumber, back: int, answered: int) -> None:
    at = NOW.date() - timedelta(days=back)
    NumberDay.objects.create(number=number, day=at, attempts=200, answered=answered, short=2)


def look() -> None:
    """What beat asks for."""
    assert look_at_numbers.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    with time_machine.travel(NOW, tick=False):
        look_at_numbers.apply(throw=True)


def callers(campaign: Campaign) -> set[str]:
    Progress.objects.filter(campaign=campaign).update(granted=2, granted_until=NOW + timedelta(seconds=5))
    assert decide(campaign.pk, now=NOW) == 2
    return set(Attempt.objects.filter(campaign=campaign).values_list("caller__e164", flat=True))


def test_a_suspect_rests_but_for_campaigns_that_do_not_mind(
    running: Dialer, caller: PhoneNumber, dialing_tenant: Tenant
) -> None:
    with tenant_scope(dialing_tenant.pk):
        suspect = PhoneNumber.objects.create(e164="+12125551001", carrier="sandbox", purpose=Purpose.OUTBOUND)
        for back in range(1, 6):
            day(caller, back, 80)
            day(suspect, back, 80)
        day(caller, 0, 81)
        day(suspect, 0, 20)
    look()
    look()
    numbers = {"numbers": [caller.public_id, suspect.public_id], "strategy": "rotate"}
    careful = running(contacts=4, callers=numbers)
    careless = running(contacts=4, first=100, callers=numbers | {"rest_suspects": False})
    with tenant_scope(dialing_tenant.pk):
        rest = NumberRest.objects.get()
        assert (rest.number_id, rest.until) == (suspect.pk, NOW + timedelta(days=1))
        assert rest.evidence["findings"]
        assert callers(careful) == {caller.e164}
        assert callers(careless) == {caller.e164, suspect.e164}


def test_while_all_rest_the_campaign_waits_and_goes_on_by_itself(
    running: Dialer, caller: PhoneNumber, dialing_tenant: Tenant
) -> None:
    campaign = running(contacts=2)
    until = NOW + timedelta(minutes=10)
    with tenant_scope(dialing_tenant.pk):
        NumberRest.objects.create(number=caller, since=NOW, until=until, reason="By hand")
    assert advance(dialing_tenant.pk, campaign.pk, now=NOW) == 0
    MediaNode.objects.create(name="node-1", capacity=10, last_heartbeat_at=until)
    with tenant_scope(dialing_tenant.pk):
        campaign.refresh_from_db()
        assert (campaign.state, Progress.objects.get().idle_until) == ("running", NOW + IDLE_AT_MOST)
    assert allot(now=until) == [(dialing_tenant.pk, campaign.pk)]
    assert advance(dialing_tenant.pk, campaign.pk, now=until) == 2
