"""Where a tenant insists on its single sign-on, nobody gets around it by another address."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage

from tenants.models import Membership, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import leave
from tests.fakes.oidc_server import OidcServer
from tests.tenants.accounts.client import Browser, error_codes, link_in
from tests.tenants.sso.conftest import connect, member

pytestmark = pytest.mark.django_db(transaction=True)

MEMBER, PRIVATE = "member@example.com", "private@elsewhere.example"


def ask_for(browser: Browser, email: str) -> tuple[int, list[tuple[str, str]]]:
    browser.login(MEMBER)
    browser.prove()
    answer = browser.post("account/email", {"email": email})
    return answer.status_code, error_codes(answer) if answer.status_code >= 400 else []


def test_an_address_elsewhere_is_refused(
    browser: Browser, idp: OidcServer, tenant: Tenant, owner: User, mailbox: list[EmailMessage]
) -> None:
    connect(tenant, owner, idp, enforced=True)
    member(tenant, MEMBER)

    assert ask_for(browser, PRIVATE) == (400, [("email", "sso_address")])
    assert mailbox == []


def test_a_change_that_began_before_is_not_confirmed(
    browser: Browser, idp: OidcServer, tenant: Tenant, owner: User, mailbox: list[EmailMessage]
) -> None:
    user = member(tenant, MEMBER)
    assert ask_for(browser, PRIVATE) == (200, [])
    connect(tenant, owner, idp, enforced=True)

    answer = browser.post("auth/email/verify", {"key": link_in(mailbox[0], "verify-email")})

    assert (answer.status_code, error_codes(answer)) == (403, [("", "sso_address")])
    assert User.objects.get(pk=user.pk).email == MEMBER
    assert browser.get("/api/v1/agents", **{"X-Tenant": tenant.public_id}).json()["code"] == "sso_required"


def test_another_address_of_the_domain_will_do(
    browser: Browser, idp: OidcServer, tenant: Tenant, owner: User, mailbox: list[EmailMessage]
) -> None:
    connect(tenant, owner, idp, enforced=True)
    user = member(tenant, MEMBER)

    assert ask_for(browser, "married@example.com") == (200, [])
    browser.post("auth/email/verify", {"key": link_in(mailbox[0], "verify-email")})

    assert User.objects.get(pk=user.pk).email == "married@example.com"


def test_a_tenant_that_is_being_deleted_takes_nobody(browser: Browser, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        leave(tenant=tenant, confirm=tenant.slug)

    assert browser.get("/sso/acme/")["Location"].endswith("/sso-error?error=sso_unknown")


def test_who_has_left_the_tenant_is_free(
    browser: Browser, idp: OidcServer, tenant: Tenant, owner: User, mailbox: list[EmailMessage]
) -> None:
    connect(tenant, owner, idp, enforced=True)
    user = member(tenant, MEMBER)
    with tenant_scope(tenant.pk):
        Membership.objects.filter(user=user).delete()

    assert ask_for(browser, PRIVATE) == (200, [])
