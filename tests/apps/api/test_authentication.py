from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tenants.models import ApiKey, Tenant
from tenants.scope import tenant_scope
from tenants.services import add_member, revoke_api_key
from tests.tenancy import PASSWORD, SCRIPT, key_client, make_key, make_member, make_tenant

pytestmark = pytest.mark.django_db

AGENTS = "/api/v1/agents"
AGENT = {"name": "Reception", "config": SCRIPT}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def logged_in(tenant: Tenant, role: str = "owner") -> APIClient:
    """A browser after the login, with the CSRF cookie but not yet its header."""
    client = APIClient(enforce_csrf_checks=True)
    client.get("/_allauth/browser/v1/config")
    answer = client.post(
        "/_allauth/browser/v1/auth/login",
        {"email": make_member(tenant, role).email, "password": PASSWORD},
        HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value,
    )
    assert answer.status_code == 200
    return client


def test_without_credentials_the_answer_is_401_with_a_challenge() -> None:
    answer = APIClient().get(AGENTS)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="trunkline"'
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer nonsense", "Basic eDp5", "tl_live_x", f"Bearer tl_live_{'a' * 12}_{'b' * 32}"],
)
def test_bad_credentials_are_401_with_a_challenge(header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)

    answer = client.get(AGENTS)

    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer
    assert answer.json()["code"] == "authentication_failed"


def test_a_revoked_key_says_so(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    assert client.get(AGENTS).status_code == 200

    with tenant_scope(tenant.pk):
        revoke_api_key(key=ApiKey.objects.get())

    answer = client.get(AGENTS)
    assert (answer.status_code, answer.json()["code"]) == (401, "key_revoked")


def test_a_key_needs_the_scope(tenant: Tenant) -> None:
    client = key_client(make_key(tenant, ["agents.read"]))

    assert client.get(AGENTS).status_code == 200
    answer = client.post(AGENTS, AGENT)

    assert answer.status_code == 403
    assert "agents.write, which this API key does not have" in answer.json()["detail"]


def test_a_member_reads_with_the_cookie_alone_and_writes_with_the_token(tenant: Tenant) -> None:
    browser = logged_in(tenant)

    assert browser.get(AGENTS).status_code == 200
    answer = browser.post(AGENTS, AGENT)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")

    token = browser.cookies["csrftoken"].value
    assert browser.post(AGENTS, AGENT, HTTP_X_CSRFTOKEN=token).status_code == 201


def test_a_members_role_counts(tenant: Tenant) -> None:
    browser = logged_in(tenant, "analyst")
    token = browser.cookies["csrftoken"].value

    answer = browser.post(AGENTS, AGENT, HTTP_X_CSRFTOKEN=token)

    assert answer.status_code == 403
    assert "your role" in answer.json()["detail"]


def test_a_member_of_several_tenants_names_one(tenant: Tenant) -> None:
    user, other = make_member(tenant), make_tenant()
    add_member(tenant=other, user=user, role="analyst")
    client = APIClient()
    client.force_login(user)

    answer = client.get(AGENTS)
    assert (answer.status_code, answer.json()["code"]) == (401, "tenant_required")
    assert client.get(AGENTS, HTTP_X_TENANT=other.public_id).status_code == 200
    stranger = client.get(AGENTS, HTTP_X_TENANT=make_tenant().public_id)
    assert (stranger.status_code, stranger.json()["code"]) == (401, "not_a_member")


def test_a_key_wins_over_a_cookie(tenant: Tenant) -> None:
    client = APIClient()
    client.force_login(make_member(tenant))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(make_tenant(), ['calls.read'])}")

    assert client.get(AGENTS).status_code == 403


def test_an_element_of_a_page_names_the_tenant_in_the_address_to_read(tenant: Tenant) -> None:
    """An audio element can send no header; what changes something has to."""
    other = make_tenant()
    user = make_member(tenant)
    add_member(tenant=other, user=user, role="owner")
    client = APIClient()
    client.force_login(user)

    assert client.get("/api/v1/tenant").status_code == 401
    assert client.get(f"/api/v1/tenant?tenant={other.public_id}").json()["id"] == other.public_id
    header = {"X-Tenant": tenant.public_id}
    named = client.get(f"/api/v1/tenant?tenant={other.public_id}", headers=header).json()
    assert named["id"] == tenant.public_id
    change = client.post(f"/api/v1/agents?tenant={other.public_id}", {"name": "A"}, format="json")
    assert change.status_code == 401
    assert client.get(f"/api/v1/tenant?tenant={make_tenant().public_id}").status_code == 401
