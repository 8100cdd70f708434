from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from pytest_django import Settings

from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tenants.services import add_member, create_tenant, create_user
from tenants.sso.services import save_single_sign_on
from tests.fakes.oidc_server import OidcServer
from tests.tenants.accounts.client import PASSWORD, Browser, empty_cache


@pytest.fixture(autouse=True)
def _on_this_machine(settings: Settings) -> None:
    """The fakes listen on loopback; counts of earlier tests are gone."""
    settings.SSO_ALLOW_PRIVATE_ADDRESSES = True
    empty_cache(settings)


@pytest.fixture
def idp() -> Iterator[OidcServer]:
    with OidcServer().running() as server:
        yield server


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def owner() -> User:
    return create_user(email="owner@example.com", password=PASSWORD)


@pytest.fixture
def tenant(owner: User, idp: OidcServer) -> Tenant:
    """One that uses `idp` for the people of example.com."""
    tenant = create_tenant(name="Acme", slug="acme", owner=owner)
    connect(tenant, owner, idp)
    return tenant


def connect(tenant: Tenant, person: User, idp: OidcServer, **changes: object) -> None:
    given = {"email_domains": ["example.com"], "default_role": "analyst"} | changes
    with tenant_scope(tenant.pk):
        save_single_sign_on(
            person=person,
            protocol="oidc",
            server_url=idp.issuer,
            client_id=idp.client_id,
            client_secret=idp.client_secret,
            **given,  # type: ignore[arg-type]
        )


def member(tenant: Tenant, email: str, role: str = "developer") -> User:
    user = create_user(email=email, password=PASSWORD)
    add_member(tenant=tenant, user=user, role=role)
    return user


@pytest.fixture
def _one_moment() -> Iterator[None]:
    """No minute passes, however slow the machine: limits count by the minute."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield
