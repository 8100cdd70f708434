"""SAML: assertions that are signed, and those that only look like it."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tenants.services import create_tenant, create_user
from tenants.sso.reach import provider_id
from tenants.sso.services import save_single_sign_on
from tests.fakes.saml_idp import SamlIdp
from tests.tenants.accounts.client import PASSWORD, Browser
from tests.tenants.sso.test_oidc import error_of, me, path_of, roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]


@pytest.fixture
def saml() -> SamlIdp:
    return SamlIdp()


@pytest.fixture
def acme(owner: User, saml: SamlIdp) -> Tenant:
    tenant = create_tenant(name="Acme", slug="acme", owner=owner)
    connect(tenant, owner, saml)
    return tenant


def connect(tenant: Tenant, person: User, saml: SamlIdp, domain: str = "example.com") -> None:
    with tenant_scope(tenant.pk):
        save_single_sign_on(
            person=person,
            protocol="saml",
            idp_entity_id=saml.entity_id,
            idp_sso_url=saml.sso_url,
            idp_certificate=saml.certificate,
            email_domains=[domain],
            default_role="analyst",
        )


def begin(browser: Browser, slug: str = "acme") -> str:
    return str(browser.get(f"/sso/{slug}/")["Location"])


def post(client: Client, acs: str, response: str) -> HttpResponse:
    """A browser that brings an answer; the one to the redirect that follows."""
    extra: Any = {"headers": {"Host": "testserver"}, "REMOTE_ADDR": "192.0.2.1"}
    answer = client.post(path_of(acs), {"SAMLResponse": response}, **extra)
    assert answer.status_code == 302
    return client.get(path_of(answer["Location"]), **extra)  # type: ignore[return-value]


def test_someone_new_becomes_a_member(browser: Browser, saml: SamlIdp, acme: Tenant) -> None:
    answer = post(browser.client, *saml.answer(begin(browser), "New@Example.com"))

    assert path_of(answer["Location"]) == "/t/acme"
    assert roles(User.objects.get(email="new@example.com")) == {"acme": "analyst"}
    assert me(browser) == ["acme"]


def test_the_session_reaches_its_tenant_only(browser: Browser, saml: SamlIdp, acme: Tenant) -> None:
    post(browser.client, *saml.answer(begin(browser), "new@example.com"))
    create_tenant(name="Other", slug="other", owner=User.objects.get(email="new@example.com"))

    assert me(browser) == ["acme"]


@pytest.mark.parametrize(
    "fault",
    [
        {"signed": False},
        {"audience": "https://other.example/"},
        {"age": timedelta(hours=1)},
        {"in_response_to": False},
    ],
    ids=["unsigned", "audience", "old", "unasked"],
)
def test_an_assertion_that_is_not_for_this_login_is_refused(
    browser: Browser, saml: SamlIdp, acme: Tenant, fault: dict[str, Any]
) -> None:
    answer = post(browser.client, *saml.answer(begin(browser), "new@example.com", **fault))

    assert error_of(answer).startswith("sso_")
    assert not browser.logged_in


def test_an_assertion_that_was_changed_is_refused(browser: Browser, saml: SamlIdp, acme: Tenant) -> None:
    acs, response = saml.answer(begin(browser), "new@example.com")
    forged = base64.b64decode(response).replace(b"new@example.com", b"ceo@example.com")

    assert error_of(post(browser.client, acs, base64.b64encode(forged).decode())).startswith("sso_")
    assert not User.objects.filter(email="ceo@example.com").exists()


def test_an_assertion_of_another_provider_is_refused(browser: Browser, saml: SamlIdp, acme: Tenant) -> None:
    attacker = create_user(email="attacker@evil.example", password=PASSWORD)
    evil = create_tenant(name="Evil", slug="evil", owner=attacker)
    hostile = SamlIdp()
    connect(evil, attacker, hostile, "evil.example")

    # Signed by the attacker's key, for the victim's tenant.
    answer = post(browser.client, *hostile.answer(begin(browser), "owner@example.com"))
    assert error_of(answer).startswith("sso_")
    # At the attacker's own tenant it is signed well, and still speaks for no address outside.
    answer = post(browser.client, *hostile.answer(begin(browser, "evil"), "owner@example.com"))

    assert error_of(answer) == "sso_domain"
    assert not browser.logged_in


def test_an_assertion_works_once_and_in_one_browser(browser: Browser, saml: SamlIdp, acme: Tenant) -> None:
    acs, response = saml.answer(begin(browser), "new@example.com")
    victim = Browser()

    assert error_of(post(victim.client, acs, response)).startswith("sso_")
    assert path_of(post(browser.client, acs, response)["Location"]) == "/t/acme"
    assert error_of(post(Browser().client, acs, response)).startswith("sso_")


def test_nonsense_is_no_server_error(browser: Browser, saml: SamlIdp, acme: Tenant) -> None:
    acs, _ = saml.answer(begin(browser), "new@example.com")

    for response in ("", "%%%", base64.b64encode(b"<a/>").decode(), base64.b64encode(b"\x00").decode()):
        assert error_of(post(browser.client, acs, response)).startswith("sso_")


@pytest.mark.parametrize(
    ("provider", "size"),
    [("nobody", 10), (f"sso_{'0' * 32}", 10), ("", 200_000)],
    ids=["name", "id", "large"],
)
def test_what_can_be_no_answer_is_not_kept(acme: Tenant, provider: str, size: int) -> None:
    place = f"/accounts/saml/{provider or provider_id(acme.pk)}/acs/"

    answer = Client().post(place, {"SAMLResponse": "a" * size}, headers={"Host": "testserver"})

    assert error_of(answer).startswith("sso_unknown")
    assert not Session.objects.exists()


def test_an_answer_that_nobody_fetches_is_forgotten_soon(acme: Tenant) -> None:
    place = f"/accounts/saml/{provider_id(acme.pk)}/acs/"
    Client().post(place, {"SAMLResponse": "a"}, headers={"Host": "testserver"})

    left = Session.objects.get().expire_date - timezone.now()
    assert left <= timedelta(minutes=5)
