from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.errors import Conflict, InvalidInput
from tenants.models import ApiKey, Membership, User
from tenants.scope import platform_scope, tenant_scope
from tenants.services import (
    add_member,
    create_api_key,
    create_tenant,
    create_user,
    revoke_api_key,
)
from tests.tenancy import PASSWORD, make_member, make_tenant

pytestmark = pytest.mark.django_db


def test_a_tenant_starts_with_its_owner() -> None:
    owner = create_user(email="Owner@Example.com", password=PASSWORD)

    tenant = create_tenant(name=" Acme ", slug="acme", owner=owner)

    assert (tenant.name, owner.email) == ("Acme", "owner@example.com")
    with tenant_scope(tenant.pk):
        assert Membership.objects.get().role == "owner"


@pytest.mark.parametrize("slug", ["-a", "a-", "A", "a b", "a" * 64, "ä"])
def test_a_bad_slug_is_named(slug: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_tenant(name="Acme", slug=slug)
    assert refused.value.field == "slug"


def test_a_slug_is_taken_once() -> None:
    create_tenant(name="Acme", slug="acme")

    with pytest.raises(Conflict, match="acme"):
        create_tenant(name="Other", slug="acme")
    with pytest.raises(InvalidInput, match="name"):
        create_tenant(name=" ", slug="other")


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("nobody", PASSWORD, "email"),
        ("a@example.com", "short", "password"),
        ("a@example.com", "1" * 12, "password"),
    ],
)
def test_a_bad_account_is_named_and_not_made(email: str, password: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_user(email=email, password=password)

    assert refused.value.field == field
    assert not User.objects.filter(email=email).exists()


def test_an_address_is_taken_whatever_its_case() -> None:
    create_user(email="a@example.com", password=PASSWORD)

    with pytest.raises(Conflict):
        create_user(email="A@EXAMPLE.com", password=PASSWORD)


def test_a_member_has_one_role() -> None:
    tenant = make_tenant()
    user = make_member(tenant, "analyst")

    add_member(tenant=tenant, user=user, role="admin")

    with tenant_scope(tenant.pk):
        assert [m.role for m in Membership.objects.all()] == ["admin"]
    with pytest.raises(InvalidInput, match="owner, admin"):
        add_member(tenant=tenant, user=user, role="god")


def test_a_key_is_kept_as_a_digest_only() -> None:
    tenant = make_tenant()

    key, secret = create_api_key(tenant=tenant, name="ci", scopes=["calls.read"], mode="test")

    assert secret.startswith("tl_test_")
    assert secret.startswith(f"{key.prefix}_")
    with platform_scope():
        row = ApiKey.objects.values().get(pk=key.pk)
    assert secret.removeprefix(key.prefix) not in str(row)
    assert len(bytes(row["digest"])) == 32


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["calls.read", "calls.delete"]}, "scopes"),
        ({"mode": "prod"}, "mode"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expires_at"),
    ],
)
def test_a_bad_key_is_named_and_not_made(changes: dict[str, Any], field: str) -> None:
    tenant = make_tenant()

    with pytest.raises(InvalidInput) as refused:
        create_api_key(**({"tenant": tenant, "name": "x", "scopes": ["calls.read"]} | changes))

    assert refused.value.field == field
    with tenant_scope(tenant.pk):
        assert not ApiKey.objects.exists()


def test_revoking_twice_keeps_the_first_time() -> None:
    tenant = make_tenant()
    key, _ = create_api_key(tenant=tenant, name="ci", scopes=["calls.read"])

    with tenant_scope(tenant.pk):
        first = revoke_api_key(key=key).revoked_at
        assert first is not None
        assert revoke_api_key(key=key).revoked_at == first
