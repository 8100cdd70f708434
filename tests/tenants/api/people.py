"""People and browsers for the tests of the tenancy API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from rest_framework.test import APIClient

from tenants.models import Membership, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import add_member, create_user
from tests.tenancy import PASSWORD


def make_person(email: str = "", *, confirmed: bool = True) -> User:
    """Somebody with an account and no tenant."""
    user = create_user(email=email or f"{uuid4().hex}@example.com", password=PASSWORD)
    if not confirmed:
        EmailAddress.objects.filter(user=user).update(verified=False)
    return user


def browser(user: User, tenant: Tenant | None = None) -> APIClient:
    """A browser in which `user` is logged in, in `tenant` when it is given."""
    client = APIClient(raise_request_exception=False)
    client.force_login(user)
    if tenant is not None:
        client.credentials(HTTP_X_TENANT=tenant.public_id)
    return client


def member_browser(tenant: Tenant, role: str) -> tuple[APIClient, Membership]:
    """A new member's browser and their membership."""
    user = make_person()
    return browser(user, tenant), add_member(tenant=tenant, user=user, role=role)


def roles_of(tenant: Tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        return sorted(Membership.objects.values_list("role", flat=True))


def faults(answer: Any) -> dict[str, str]:
    """The detail of each field at fault."""
    return {fault["field"]: fault["detail"] for fault in answer.json()["errors"]}
