"""Plans over the API."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.billing.models import Plan
from apps.billing.services import rates
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    with platform_scope():
        Plan.objects.create(
            code="team", name="Team", price_micros_month=49_000_000, included_minutes=10, place=1, seats=5
        )
        Plan.objects.create(code="old", name="Old", archived_at=timezone.now())
    return make_tenant()


def test_plans_are_listed_with_the_own_one(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    body = client.get("/api/v1/billing/plans").json()
    assert [(p["code"], p["current"]) for p in body["results"]] == [("pay_as_you_go", True), ("team", False)]
    first, team = body["results"]
    assert (first["platform_micros_per_minute"], first["rounding_s"], first["seats"]) == (50_000, 1, None)
    assert (team["price_micros_month"], team["included_minutes"], team["seats"]) == (49_000_000, 10, 5)


def test_the_own_plan_says_what_is_left(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    own = client.get("/api/v1/billing/plan").json()
    assert (own["plan"]["code"], own["since"], own["left_seconds"]) == ("pay_as_you_go", None, 0)
    now = timezone.now()
    with tenant_scope(tenant.pk):
        rates.put_on_plan(code="team", at=now)
        rates.use_included(seconds=90, at=timezone.now())
    own = client.get("/api/v1/billing/plan").json()
    assert (own["plan"]["code"], own["plan"]["current"]) == ("team", True)
    told = (own["included_seconds"], own["used_seconds"], own["left_seconds"])
    assert told == (600, 90, 510)
    assert own["month"] == f"{timezone.now():%Y-%m}"


def test_who_has_a_plan_that_is_gone_still_sees_it(tenant: Tenant) -> None:
    with platform_scope():
        Plan.objects.filter(code="old").update(archived_at=None)
    with tenant_scope(tenant.pk):
        rates.put_on_plan(code="old", at=timezone.now())
    with platform_scope():
        Plan.objects.filter(code="old").update(archived_at=timezone.now())
    codes = [p["code"] for p in key_client(make_key(tenant)).get("/api/v1/billing/plans").json()["results"]]
    assert set(codes) == {"pay_as_you_go", "team", "old"}
