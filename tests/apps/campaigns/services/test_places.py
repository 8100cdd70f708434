"""Places of a campaign are made once and judged until their verdict ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.agents.services import create_agent
from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.models import Campaign, Place
from apps.campaigns.services.places import forget_judgements, judge_places, place_for
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db
BERLIN = PlaceKey(("Europe/Berlin",), "DE", "")
DENVER = PlaceKey(("America/Denver",), "US", "CO")
NOWHERE = PlaceKey((), "DE", "")  # no time zone is known
NOON = datetime(2026, 5, 5, 10, tzinfo=UTC)  # Tuesday, 12:00 in Berlin, 04:00 in Denver


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def campaign() -> Campaign:
    return Campaign.objects.create(name="Spring", agent=create_agent(name="A", config=script_config()))


def test_a_place_is_made_once(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        spring = campaign()
        first = place_for(spring, [BERLIN, DENVER, BERLIN])
        again = place_for(spring, [DENVER, NOWHERE])
        assert set(first) == {BERLIN, DENVER}
        assert again[DENVER].pk == first[DENVER].pk
        assert Place.objects.filter(campaign=spring).count() == 3
        assert place_for(campaign(), [DENVER])[DENVER].pk != first[DENVER].pk


def test_places_are_judged_until_their_verdict_ends(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        spring = campaign()
        places = place_for(spring, [BERLIN, DENVER, NOWHERE])
        judge_places(spring, NOON)
        for place in places.values():
            place.refresh_from_db()
        assert places[BERLIN].open
        assert places[BERLIN].judged_until == datetime(2026, 5, 5, 18, tzinfo=UTC)
        assert not places[DENVER].open
        assert places[DENVER].judged_until == datetime(2026, 5, 5, 15, tzinfo=UTC)
        assert places[DENVER].why == "It is 04:00 in America/Denver; calls are allowed from 09:00."
        assert places[NOWHERE].never

        with CaptureQueriesContext(
            connection,
        ) as queries:
            judge_places(spring, NOON + timedelta(hours=1))
        assert not [query for query in queries if "UPDATE" in query["sql"]]

        judge_places(spring, datetime(2026, 5, 5, 18, tzinfo=UTC))
        assert not Place.objects.get(pk=places[BERLIN].pk).open
        assert Place.objects.get(pk=places[DENVER].pk).open


def test_changed_hours_are_judged_anew(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        spring = campaign()
        place = place_for(spring, [NOWHERE])[NOWHERE]
        judge_places(spring, NOON)
        spring.config = {"hours": {"default_time_zone": "Europe/Berlin"}}
        spring.save()
        forget_judgements(spring)
        judge_places(spring, NOON)
        place.refresh_from_db()
        assert (place.open, place.never, place.why) == (True, False, "")
