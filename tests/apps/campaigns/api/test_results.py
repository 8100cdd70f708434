"""Results as files, and records of consent, over HTTP."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from rest_framework.test import APIClient

from apps.agents.services import create_agent
from apps.campaigns.models import Campaign
from apps.campaigns.services import results_export
from apps.campaigns.services.lifecycle import create_campaign
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db(transaction=True)


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


def text_of(answer: Any) -> str:
    async def whole() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(whole)().decode()


def test_every_contact_is_in_both_files_page_by_page(
    client: APIClient, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_export, "PAGE", 2)
    numbers = [f"+1202555010{n}" for n in range(5)]
    url = f"/api/v1/campaigns/{campaign.public_id}"
    given = [{"number": n, "external_id": "=1+1", "variables": {"day": "monday"}} for n in numbers]
    client.post(f"{url}/contacts", {"contacts": given}, format="json")

    rows = list(csv.DictReader(io.StringIO(text_of(client.get(f"{url}/results.csv")))))
    assert [row["number"] for row in rows] == numbers
    assert {row["external_id"] for row in rows} == {"'=1+1"}
    assert json.loads(rows[0]["variables"]) == {"day": "monday"}

    lines = [json.loads(line) for line in text_of(client.get(f"{url}/results.jsonl")).splitlines()]
    assert [line["number"] for line in lines] == numbers
    assert lines[0]["external_id"] == "=1+1"
    assert (lines[0]["state"], lines[0]["outcome"], lines[0]["collected"]) == ("waiting", None, {})


def test_a_consent_is_recorded_once_and_found_by_its_number(client: APIClient) -> None:
    consent = {"number": "+1 202 555 0101", "source": "A form", "given_at": "2026-01-04T10:00:00Z"}
    first = client.post("/api/v1/consents", consent, format="json")
    again = client.post("/api/v1/consents", consent, format="json")
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    found = client.get("/api/v1/consents", {"number": "+12025550101"}).json()["results"]
    assert [one["id"] for one in found] == [first.json()["id"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "12"), ("given_at", "2999-01-01T00:00:00Z"), ("given_at", "yesterday"), ("source", "")],
)
def test_a_consent_that_is_none_is_refused_by_its_field(client: APIClient, field: str, value: str) -> None:
    consent = {"number": "+12025550101", "source": "A form", "given_at": "2026-01-04T10:00:00Z", field: value}
    answer = client.post("/api/v1/consents", consent, format="json")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
