"""Contacts over HTTP: added, found, changed, taken out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.agents.services import create_agent
from apps.campaigns.config import CampaignConfig
from apps.campaigns.importing import numbers
from apps.campaigns.models import Campaign, Consent, Progress, Suppression
from apps.campaigns.services.lifecycle import create_campaign
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db
ANN = "+12025550100"
NOWHERE = "+12025550143"
"""A valid number of which libphonenumber knows no time zone."""


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def campaign(tenant: Tenant) -> Campaign:
    with tenant_scope(tenant.pk):
        return create_campaign(name="Spring", agent=create_agent(name="A", config=script_config()))


def configure(campaign: Campaign, **parts: Any) -> None:
    with tenant_scope(campaign.tenant_id):
        config = CampaignConfig.model_validate(parts).model_dump(mode="json")
        Campaign.objects.filter(pk=campaign.pk).update(config=config)


def url(campaign: Campaign, *rest: str) -> str:
    return "/".join([f"/api/v1/campaigns/{campaign.public_id}/contacts", *rest])


def add(client: APIClient, campaign: Campaign, *contacts: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post(url(campaign), {"contacts": list(contacts)}, format="json")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def counts(campaign: Campaign) -> tuple[int, int, int, dict[str, int]]:
    with tenant_scope(campaign.tenant_id):
        row = Progress.objects.get(campaign=campaign)
        return row.contacts, row.waiting, row.set_aside, row.set_asides


def test_each_contact_is_answered_for_itself(client: APIClient, campaign: Campaign) -> None:
    ann, bo, wrong, nowhere, again = add(
        client,
        campaign,
        {"number": ANN, "variables": {"first_name": "Ann\t\\N", "empty": ""}, "external_id": "c-1"},
        {"number": "(415) 555-0132", "time_zone": "America/Denver"},
        {"number": "12"},
        {"number": "+12025550101", "time_zone": "Mars/Base"},
        {"number": "202 555 0100", "external_id": "c-2"},
    )
    assert (ann["e164"], ann["state"], ann["set_aside"], ann["duplicate"]) == (ANN, "waiting", "", False)
    assert (bo["e164"], wrong["refused"], nowhere["refused"]) == (
        "+14155550132", "not_a_number", "unknown_time_zone",
    )  # fmt: skip
    assert (again["id"], again["duplicate"]) == (ann["id"], True)
    assert counts(campaign) == (2, 2, 0, {})
    shown = client.get(url(campaign, ann["id"])).json()
    assert (shown["variables"], shown["external_id"]) == ({"first_name": "Ann\t\\N"}, "c-1")
    assert (shown["time_zones"], shown["country"]) == (["America/New_York"], "US")
    assert add(client, campaign, {"number": ANN})[0]["duplicate"]
    assert counts(campaign) == (2, 2, 0, {})


def test_what_may_not_be_called_is_set_aside(client: APIClient, campaign: Campaign) -> None:
    configure(campaign, consent={"required": True})
    with tenant_scope(campaign.tenant_id):
        Suppression.objects.create(e164="+12025550101", source="person")
    given = {"source": "a form", "given_at": "2026-01-05T10:00:00Z", "text": "Call me."}
    future = given | {"given_at": (timezone.now() + timedelta(days=1)).isoformat()}
    answers = add(
        client,
        campaign,
        {"number": ANN, "consent": given},
        {"number": "+12025550101", "consent": given},
        {"number": "+12025550102"},
        {"number": "+19005550100", "consent": given},
        {"number": "+12025550103", "consent": future},
    )
    assert [answer.get("set_aside", answer.get("refused")) for answer in answers] == [
        "", "suppressed", "no_consent", "not_dialable", "not_a_time",
    ]  # fmt: skip
    assert counts(campaign)[3] == {"suppressed": 1, "no_consent": 1, "not_dialable": 1}
    with tenant_scope(campaign.tenant_id):
        assert Consent.objects.get(e164=ANN).text == "Call me."
    (again,) = add(client, campaign, {"number": "+12025550102", "consent": given})
    assert (again["duplicate"], again["state"], again["set_aside"]) == (True, "waiting", "")
    assert counts(campaign) == (4, 2, 2, {"suppressed": 1, "no_consent": 0, "not_dialable": 1})


def test_numbers_that_are_looked_up_first_do_not_wait_for_a_call(
    client: APIClient, campaign: Campaign
) -> None:
    configure(campaign, number_check={"url": "https://example.com/look-up"})
    assert add(client, campaign, {"number": ANN})[0]["state"] == "checking"


@pytest.mark.parametrize(("state", "status"), [("completed", 200), ("running", 200), ("stopped", 409)])
def test_only_a_campaign_that_was_stopped_takes_no_contacts(
    client: APIClient, campaign: Campaign, state: str, status: int
) -> None:
    with tenant_scope(campaign.tenant_id):
        Campaign.objects.filter(pk=campaign.pk).update(
            state=state, started_at=timezone.now(), resumed_at=timezone.now()
        )
    answer = client.post(url(campaign), {"contacts": [{"number": ANN}]}, format="json")
    assert answer.status_code == status, answer.content


def test_contacts_are_found(client: APIClient, campaign: Campaign) -> None:
    rows = [{"number": f"+1202555010{n}", "external_id": f"c-{n}"} for n in range(4)]
    add(client, campaign, *rows, {"number": "+19005550100"})

    def found(**query: Any) -> list[str]:
        return [row["e164"][-4:] for row in client.get(url(campaign), query).json()["results"]]

    assert found() == ["0100", "0103", "0102", "0101", "0100"]
    assert found(state="set_aside") == found(set_aside="not_dialable") == ["0100"]
    assert found(state=["waiting", "set_aside"]) == found()
    assert found(outcome="busy") == []
    assert found(q="c-2") == found(q="0102") == found(q="+1 202 555-0102") == ["0102"]
    page = client.get(url(campaign), {"limit": 3}).json()
    rest = client.get(url(campaign), {"limit": 3, "cursor": page["next_cursor"]}).json()
    assert [len(page["results"]), len(rest["results"]), rest["next_cursor"]] == [3, 2, None]


def test_a_contact_is_changed(client: APIClient, campaign: Campaign) -> None:
    (ann,) = add(client, campaign, {"number": ANN, "variables": {"first_name": "Ann"}})
    changes = {"variables": {"first_name": "Anna"}, "time_zone": "America/Denver", "external_id": "c-1"}
    changed = client.patch(url(campaign, ann["id"]), changes, format="json")
    assert changed.status_code == 200, changed.content
    shown = client.get(url(campaign, ann["id"])).json()
    assert shown == changed.json()
    assert (shown["variables"], shown["time_zones"], shown["external_id"]) == (
        {"first_name": "Anna"}, ["America/Denver"], "c-1",
    )  # fmt: skip
    assert client.patch(url(campaign, ann["id"]), {"time_zone": ""}, format="json").json()["time_zones"] == [
        "America/New_York"
    ]
    wrong = client.patch(url(campaign, ann["id"]), {"time_zone": "Mars/Base"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "time_zone")


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No number's zone is known; of those in use today's tables know all, tomorrow's may not."""
    monkeypatch.setattr(numbers, "zones_of", lambda _: ())


@pytest.mark.usefixtures("nowhere")
def test_a_time_zone_brings_back_who_had_none(client: APIClient, campaign: Campaign) -> None:
    (far,) = add(client, campaign, {"number": NOWHERE})
    assert (far["state"], far["set_aside"]) == ("set_aside", "no_time_zone")
    changed = client.patch(url(campaign, far["id"]), {"time_zone": "Europe/Oslo"}, format="json").json()
    assert (changed["state"], changed["set_aside"], changed["time_zones"]) == (
        "waiting", "", ["Europe/Oslo"],
    )  # fmt: skip
    assert counts(campaign) == (1, 1, 0, {"no_time_zone": 0})


@pytest.mark.usefixtures("nowhere")
def test_a_campaign_with_a_time_zone_of_its_own_calls_who_has_none(
    client: APIClient, campaign: Campaign
) -> None:
    configure(campaign, hours={"default_time_zone": "Europe/Oslo"})
    assert add(client, campaign, {"number": NOWHERE})[0]["state"] == "waiting"


def test_who_is_taken_out_stays_out(client: APIClient, campaign: Campaign) -> None:
    (ann,) = add(client, campaign, {"number": ANN})
    for _ in range(2):
        assert client.delete(url(campaign, ann["id"])).status_code == 204
    (again,) = add(client, campaign, {"number": ANN})
    assert (again["duplicate"], again["set_aside"]) == (True, "removed")
    assert counts(campaign) == (1, 0, 1, {"removed": 1})


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ({}, "contacts.0.number"),
        ({"number": ANN, "variables": {"first name": "Ann"}}, "contacts.0.variables"),
        ({"number": ANN, "variables": {"a": "x" * 1001}}, "contacts.0.variables.a"),
        ({"number": ANN, "nickname": "Ann"}, "contacts.0.nickname"),
    ],
)
def test_a_refusal_names_the_field(
    client: APIClient, campaign: Campaign, contact: dict[str, Any], field: str
) -> None:
    answer = client.post(url(campaign), {"contacts": [contact]}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
