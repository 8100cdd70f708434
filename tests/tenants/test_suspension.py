"""A suspended tenant reads everything and changes nothing."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.suspension import TenantSuspended, ensure_active, is_suspended, suspend, unsuspend
from tests.tenancy import SCRIPT, key_client, make_key, make_member, make_tenant

pytestmark = pytest.mark.django_db

AGENT = {"name": "Reception", "config": SCRIPT}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def suspended(tenant: Tenant) -> Tenant:
    return suspend(tenant=tenant, reason="An invoice is open.")


def test_the_reason_is_kept_and_the_first_time(suspended: Tenant) -> None:
    again = suspend(tenant=suspended, reason="Two invoices are open.")

    assert (again.suspended_at, again.suspended_reason) == (suspended.suspended_at, "Two invoices are open.")
    assert again.suspended


def test_a_reason_is_needed(tenant: Tenant) -> None:
    with pytest.raises(InvalidInput) as refused:
        suspend(tenant=tenant, reason=" ")
    assert refused.value.field == "reason"


def test_the_scope_knows(tenant: Tenant) -> None:
    other = make_tenant()
    suspend(tenant=tenant, reason="An invoice is open.")

    with tenant_scope(tenant.pk):
        assert is_suspended()
        with pytest.raises(TenantSuspended):
            ensure_active()
    with tenant_scope(other.pk):
        ensure_active()
    unsuspend(tenant=tenant)
    with tenant_scope(tenant.pk):
        ensure_active()


@pytest.mark.parametrize("kind", ["member", "key"])
def test_everything_is_read_and_nothing_written(tenant: Tenant, kind: str) -> None:
    client = APIClient()
    if kind == "member":
        client.force_login(make_member(tenant))
    else:
        client = key_client(make_key(tenant))
    suspend(tenant=tenant, reason="An invoice is open.")

    assert client.get("/api/v1/agents").status_code == 200
    refused = client.post("/api/v1/agents", AGENT)

    assert (refused.status_code, refused.json()["code"]) == (403, "tenant_suspended")
    assert "suspended" in refused.json()["detail"]


def test_it_ends(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    suspend(tenant=tenant, reason="An invoice is open.")
    unsuspend(tenant=tenant)

    assert client.post("/api/v1/agents", AGENT).status_code == 201
    with platform_scope():
        assert not Tenant.objects.get(pk=tenant.pk).suspended


def test_another_tenant_goes_on(tenant: Tenant, suspended: Tenant) -> None:
    other = key_client(make_key(make_tenant()))

    assert other.post("/api/v1/agents", AGENT).status_code == 201
