"""Spend limits, countries and stops over the API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.billing.services import hold_many, settle
from apps.billing.services.stops import stop_outbound
from telephony.trunks.services import create_trunk
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.money import holds, line, set_balance
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db
USD = 1_000_000


@pytest.fixture
def tenant(db: None) -> Tenant:
    tenant = make_tenant()
    set_balance(tenant, 50 * USD)
    return tenant


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def add(client: APIClient, status: int = 201, **body: Any) -> dict[str, Any]:
    usual = {"scope": "tenant", "period": "day", "amount_micros": 10 * USD}
    response = client.post("/api/v1/billing/limits", usual | body, format="json")
    assert response.status_code == status, response.content
    answer: dict[str, Any] = response.json()
    return answer


def test_a_limit_shows_what_is_spent_and_held(client: APIClient, tenant: Tenant) -> None:
    limit = add(client)
    with tenant_scope(tenant.pk):
        ended, going_on = new_id(), new_id()
        hold_many(holds={ended: holds(2 * USD), going_on: holds(3 * USD)})
        settle(tenant_id=tenant.pk, call_id=ended, lines=[line(USD)])
    (shown,) = client.get("/api/v1/billing/limits").json()["results"]
    assert shown["id"] == limit["id"]
    assert (shown["spent_micros"], shown["held_micros"], shown["currency"]) == (USD, 3 * USD, "USD")
    assert shown["resets_at"].endswith("T00:00:00Z")
    assert client.get(f"/api/v1/billing/limits/{limit['id']}").json() == shown


def test_a_limit_of_a_trunk_has_its_name(client: APIClient, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        trunk = create_trunk(name="Carrier", direction="inbound", allowed_addresses=["203.0.113.7"])
    limit = add(client, scope="trunk", scope_id=trunk.public_id, period="month")
    assert (limit["scope_id"], limit["scope_name"]) == (trunk.public_id, "Carrier")
    assert add(client, 409, scope="trunk", scope_id=trunk.public_id, period="month")["code"] == "limit_exists"


def test_a_limit_is_changed_and_deleted(client: APIClient) -> None:
    path = f"/api/v1/billing/limits/{add(client)['id']}"
    assert client.patch(path, {"amount_micros": 0}, format="json").json()["amount_micros"] == 0
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"scope": "planet"}, "scope"),
        ({"period": "year"}, "period"),
        ({"amount_micros": "1.5"}, "amount_micros"),
        ({"amount_micros": -5}, "amount_micros"),
        ({"scope": "campaign", "scope_id": "cmp_1"}, "scope_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_names_its_field(client: APIClient, body: dict[str, Any], attr: str) -> None:
    assert [error["field"] for error in add(client, 422, **body)["errors"]] == [attr]


def test_countries_are_named_and_left_to_us_again(client: APIClient) -> None:
    path = "/api/v1/billing/countries"
    assert client.get(path).json() == {"allowed": None, "in_force": ["US"]}
    changed = client.put(path, {"allowed": ["gb", "US"]}, format="json")
    assert changed.json() == {"allowed": ["GB", "US"], "in_force": ["GB", "US"]}
    refused = client.put(path, {"allowed": ["XX"]}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "allowed")
    assert client.put(path, {"allowed": None}, format="json").json()["allowed"] is None


def test_a_stop_is_seen_and_lifted(client: APIClient, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        stop = stop_outbound(kind="day", words="Look at it.")
        debt = stop_outbound(kind="debt", words="Pay.")
    shown = client.get("/api/v1/billing/stops").json()["results"]
    assert [(one["kind"], one["words"]) for one in shown] == [("debt", "Pay."), ("day", "Look at it.")]
    lifted = client.post(f"/api/v1/billing/stops/{stop.public_id}/lift").json()
    assert lifted["lifted_by"].startswith("test (tl_live_")
    assert lifted["lifted_at"] is not None
    refused = client.post(f"/api/v1/billing/stops/{debt.public_id}/lift")
    assert (refused.status_code, refused.json()["code"]) == (409, "debt")
