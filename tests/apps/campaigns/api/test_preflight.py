"""What would come of a campaign, through the REST API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.agents.services import create_agent, publish
from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.presets import PRESETS
from apps.campaigns.models import Campaign, Contact, ContactState, Place, Progress
from apps.campaigns.services.lifecycle import create_campaign
from apps.numbers.models import PhoneNumber, Purpose
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db

URL = "/api/v1/campaigns"
HOURS = {"windows": [{"days": ["mon", "wed"], "start": "10:00", "end": "16:30"}], "rules": []}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def campaign(tenant: Tenant) -> Campaign:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script_config())
        publish(agent=agent)
        caller = PhoneNumber.objects.create(e164="+12125551000", carrier="sandbox", purpose=Purpose.OUTBOUND)
        config = {"hours": HOURS | {"skip_holidays": False}, "callers": {"numbers": [caller.public_id]}}
        return create_campaign(
            name="Reminders", agent=agent, config=CampaignConfig.model_validate(config | {"test": True})
        )


def add(campaign: Campaign, zones: list[str], *, n: int = 1, first: int = 0, **where: str) -> Place:
    """`n` waiting contacts in a place."""
    with tenant_scope(campaign.tenant_id):
        place = Place.objects.create(campaign=campaign, zones=zones, **where)
        Contact.objects.bulk_create(
            Contact(
                campaign=campaign,
                place=place,
                e164=f"+1212555{first + i:04}",
                state=ContactState.WAITING,
                next_at=timezone.now(),
            )
            for i in range(n)
        )
        progress = Progress.objects.get(campaign=campaign)
        progress.contacts += n
        progress.waiting += n
        progress.save()
        return place


def seen(client: APIClient, campaign: Campaign, body: Any = None, **query: str) -> Any:
    path = f"{URL}/{campaign.public_id}/preflight"
    answer = client.get(path, query) if body is None else client.post(path, body, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_empty_one_cannot_start_and_says_why(client: APIClient, campaign: Campaign) -> None:
    found = seen(client, campaign)

    assert not found["can_start"]
    assert [(r["code"], r["field"]) for r in found["refusals"]] == [("no_contacts", "contacts")]
    assert found["places"] == found["grid"] == []
    assert found["estimate"] == {"calls": 0, "cost_micros": 0, "currency": "USD", "finish_at": None}


def test_places_come_with_their_contacts_and_hours(client: APIClient, campaign: Campaign) -> None:
    few = add(campaign, ["Asia/Tokyo"], country="JP")
    many = add(campaign, ["America/Chicago", "America/New_York"], country="US", n=3, first=100)
    unknown = add(campaign, [], first=200)

    found = seen(client, campaign, week="2026-11-23")

    assert found["can_start"], found["refusals"]
    places = {place["id"]: place for place in found["places"]}
    assert [p["contacts"] for p in found["places"]] == [3, 1, 1]
    assert places[many.public_id]["zones"] == ["America/Chicago", "America/New_York"]
    for place in (few, many):
        told = places[place.public_id]
        assert told["open"] == (told["next_opens_at"] is None)
        assert not told["never"]
        assert bool(told["why"]) != told["open"]
    assert places[unknown.public_id]["never"]
    assert "not known" in places[unknown.public_id]["why"]
    rows = {row["place"]: row["days"] for row in found["grid"]}
    assert [d["date"] for d in rows[few.public_id]] == [f"2026-11-{day}" for day in range(23, 30)]
    assert [d["intervals"] for d in rows[few.public_id]][:3] == [
        [["10:00", "16:30"]],
        [],
        [["10:00", "16:30"]],
    ]
    # In both of its zones, told in the first one: 11:00 in New York is 10:00 in Chicago, which closes last.
    assert rows[many.public_id][0]["intervals"] == [["10:00", "15:30"]]
    assert rows[unknown.public_id] == []


def test_other_hours_are_judged_and_not_saved(client: APIClient, campaign: Campaign) -> None:
    add(campaign, ["Europe/Berlin"], country="DE")
    hours = HOURS | {"windows": [{"days": ["fri"], "start": "00:00", "end": "24:00"}], "skip_holidays": False}

    found = seen(client, campaign, {"config": {"hours": hours}, "week": "2026-11-23"})

    days = [d["intervals"] for d in found["grid"][0]["days"]]
    assert days == [[], [], [], [], [["00:00", "24:00"]], [], []]
    refused = seen(client, campaign, {"config": {"hours": {"windows": []}, "callers": {}}})
    assert {r["code"] for r in refused["refusals"]} == {"no_windows", "no_numbers"}
    assert seen(client, campaign)["can_start"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (
            {"config": {"hours": {"windows": [{"days": [], "start": "9:00", "end": "11:00"}]}}},
            "config.hours",
        ),
        ({"config": {"hour": {}}}, "config.hour"),
        ({"config": []}, "config"),
        ({"week": "soon"}, "week"),
        ({"week": "9999-12-31"}, "week"),
        ({"until": 1}, "until"),
    ],
)
def test_what_cannot_be_judged_names_its_field(
    client: APIClient, campaign: Campaign, body: Any, field: str
) -> None:
    answer = client.post(f"{URL}/{campaign.public_id}/preflight", body, format="json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)


def test_many_places_cost_no_more_queries_than_one(client: APIClient, campaign: Campaign) -> None:
    add(campaign, ["Europe/Berlin"], country="DE")
    with CaptureQueriesContext(connection) as one:
        seen(client, campaign)
    for n in range(40):
        add(campaign, ["America/New_York"], country="US", region=f"{n:02}", first=300 + n)
    with CaptureQueriesContext(connection) as many:
        found = seen(client, campaign)

    assert len(found["places"]) == 41
    assert len(many) <= len(one)


def test_every_rule_is_listed_with_its_source(client: APIClient) -> None:
    answer = client.get(f"{URL}/presets")

    assert answer.status_code == 200
    rules = {rule["id"]: rule for rule in answer.json()["results"]}
    assert set(rules) == set(PRESETS)
    assert all(rule["source"] for rule in rules.values())
    assert rules["us_tcpa"]["days"] == [[["08:00", "21:00"]]] * 7
    assert rules["us_al"]["days"][6] == []
    assert rules["us_al"]["no_holidays"]
