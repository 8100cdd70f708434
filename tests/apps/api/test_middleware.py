from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.db.models import CharField, Func, Value
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.agents.services import create_agent
from apps.api.middleware import TenantRequestMiddleware
from tenants.models import Tenant
from tenants.scope import TenantScopeMissing, current_tenant_id, platform_scope, tenant_scope
from tests.tenancy import SCRIPT, key_client, make_key, make_member, make_tenant, script_config

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def request_with(secret: str, **extra: Any) -> HttpRequest:
    return RequestFactory(headers={"Authorization": f"Bearer {secret}"}).post("/api/v1/agents", **extra)


def test_the_view_runs_as_the_tenant(tenant: Tenant) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(current_tenant_id())
        return HttpResponse()

    TenantRequestMiddleware(view)(request_with(make_key(tenant)))

    assert seen == [tenant.pk]
    with pytest.raises(TenantScopeMissing):
        current_tenant_id()


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (302, 1), (400, 0), (422, 0), (500, 0)])
def test_an_error_undoes_what_the_view_wrote(tenant: Tenant, status: int, kept: int) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        create_agent(name="Half", config=script_config())
        return HttpResponse(status=status)

    TenantRequestMiddleware(view)(request_with(make_key(tenant)))

    with tenant_scope(tenant.pk):
        assert Agent.objects.count() == kept


def test_without_credentials_the_view_has_no_scope() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with pytest.raises(TenantScopeMissing):
            Agent.objects.count()
        return HttpResponse()

    request = RequestFactory().get("/api/v1/agents")
    request.user = type("Anonymous", (), {"is_authenticated": False})()  # type: ignore[assignment]
    assert TenantRequestMiddleware(view)(request).status_code == 200


def test_the_actor_of_a_change_is_kept(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    agent = client.post("/api/v1/agents", {"name": "R", "config": SCRIPT}).json()["id"]

    with platform_scope():
        (event,) = Agent.pgh_event_model.objects.all()

    assert f"agt_{event.pgh_obj_id.hex}" == agent
    assert event.pgh_context["actor"].startswith("key_")


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "big"}])
def test_too_large_a_body_is_told(tenant: Tenant, headers: dict[str, str]) -> None:
    client = key_client(make_key(tenant))

    answer = client.post("/api/v1/agents", {"name": "x" * 3_000_000}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_told(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    connection = connections["default"]
    connection.close()
    before = connection.settings_dict
    # Nothing listens on the discard port.
    connection.settings_dict = before | {"PORT": 9, "OPTIONS": {"connect_timeout": 1}}
    try:
        answer = client.get("/api/v1/agents")
    finally:
        connection.close()
        connection.settings_dict = before

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"
    assert client.get("/api/v1/agents").status_code == 200


def test_a_statement_that_takes_too_long_is_given_up(
    tenant: Tenant, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEB_STATEMENT_TIMEOUT_S = 1
    client = key_client(make_key(tenant))

    def slow() -> Tenant:
        return Tenant.objects.annotate(
            slept=Func(Value(30), function="pg_sleep", output_field=CharField())
        ).get()

    monkeypatch.setattr("tenants.selectors.current_tenant", slow)
    answer = client.get("/api/v1/tenant")
    monkeypatch.undo()

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "took_too_long"
    assert client.get("/api/v1/tenant").status_code == 200


def test_a_failed_admin_page_changes_nothing(tenant: Tenant) -> None:
    staff = make_member(tenant)
    staff.is_staff = True
    staff.save()

    def view(request: HttpRequest) -> HttpResponse:
        Tenant.objects.filter(pk=tenant.pk).update(name="Changed")
        return HttpResponse(status=500)

    request = RequestFactory().post("/admin/tenants/tenant/")
    request.user = staff
    TenantRequestMiddleware(view)(request)

    with platform_scope():
        assert Tenant.objects.get(pk=tenant.pk).name == "Acme"


def test_staff_see_every_tenant_in_the_admin(tenant: Tenant) -> None:
    other = make_tenant("Other")
    staff = make_member(tenant)
    staff.is_staff = staff.is_superuser = True
    staff.save()
    client = APIClient()
    client.force_login(staff)

    page = client.get("/admin/tenants/tenant/").content.decode()

    assert tenant.slug in page
    assert other.slug in page


@pytest.mark.parametrize(
    "model",
    [
        "tenants/tenant",
        "tenants/user",
        "tenants/apikey",
        "agents/agent",
        "agents/agentversion",
        "numbers/phonenumber",
        "trunks/trunk",
    ],
)
def test_each_admin_page_opens_for_staff_only(tenant: Tenant, model: str) -> None:
    member = make_member(tenant)
    client = APIClient()
    client.force_login(member)
    assert client.get(f"/admin/{model}/").status_code == 302

    member.is_staff = member.is_superuser = True
    member.save()
    make_key(tenant)
    with tenant_scope(tenant.pk):
        create_agent(name="R", config=script_config())
    assert client.get(f"/admin/{model}/").status_code == 200


def test_staff_open_a_row_without_its_secrets(tenant: Tenant) -> None:
    staff = make_member(tenant)
    staff.is_staff = staff.is_superuser = True
    staff.save()
    client = APIClient()
    client.force_login(staff)
    with tenant_scope(tenant.pk):
        agent = create_agent(
            name="R",
            config=script_config(
                model={
                    "provider": "openai_compatible",
                    "base_url": "http://llm.example/v1",
                    "model": "m",
                    "api_key": "sk-hidden",
                }
            ),
        )

    answer = client.get(f"/admin/agents/agent/{agent.pk}/change/")

    assert answer.status_code == 200
    assert "llm.example" in answer.content.decode()
    assert "sk-hidden" not in answer.content.decode()
