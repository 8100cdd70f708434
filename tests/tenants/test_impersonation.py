"""Staff acting as a customer's person: who may, what they may do, and what is left of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from tenants.audit.models import AuditEntry
from tenants.models import Tenant, User
from tenants.scope import platform_scope, tenant_scope
from tenants.selectors import live_session
from tenants.services import create_user
from tests.tenancy import SCRIPT, make_member, make_tenant

pytestmark = pytest.mark.django_db

ACQUIRE, RELEASE, ME = "/hijack/acquire/", "/hijack/release/", "/api/v1/me"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def person(tenant: Tenant) -> User:
    return make_member(tenant)


def make_staff(email: str = "support@example.com", **fields: bool) -> User:
    staff = create_user(email=email)
    for name, value in ({"is_staff": True} | fields).items():
        setattr(staff, name, value)
    staff.save()
    return staff


@pytest.fixture
def staff() -> User:
    user = make_staff()
    user.user_permissions.add(Permission.objects.get(codename="impersonate"))
    return user


def browser(user: User) -> Client:
    client = Client(HTTP_USER_AGENT="a browser/1.0", REMOTE_ADDR="203.0.113.9")
    client.force_login(user)
    return client


@pytest.fixture
def acting(staff: User, person: User) -> Client:
    client = browser(staff)
    answer = client.post(ACQUIRE, {"user_pk": person.pk})
    assert answer.status_code == 302
    return client


def noted(action: str, tenant: Tenant | None) -> list[AuditEntry]:
    with platform_scope():
        return list(AuditEntry.objects.filter(action=action, tenant=tenant))


def test_it_is_visible(acting: Client, staff: User, person: User) -> None:
    me = acting.get(ME).json()

    assert me["user"]["email"] == person.email
    assert me["impersonator"] == {"email": staff.email}


def test_it_is_noted_for_the_tenant_and_for_the_platform(
    acting: Client, staff: User, person: User, tenant: Tenant
) -> None:
    acting.post(RELEASE)

    for action in ("impersonation_started", "impersonation_ended"):
        for where in (tenant, None):
            (entry,) = noted(action, where)
            assert (entry.actor_kind, entry.actor_label) == ("staff", staff.email)
            assert (entry.object_label, entry.ip) == (person.email, "203.0.113.9")
    assert acting.get(ME).json()["user"]["email"] == staff.email
    assert acting.get(ME).json()["impersonator"] is None
    assert [e.actor_label for e in noted("login", tenant)] == []


def test_a_change_names_both(acting: Client, staff: User, person: User, tenant: Tenant) -> None:
    made = acting.post(
        "/api/v1/agents", {"name": "Reception", "config": SCRIPT}, content_type="application/json"
    )
    assert made.status_code == 201, made.content

    with tenant_scope(tenant.pk):
        entry = AuditEntry.objects.get(object_type="agent")
    assert (entry.actor_label, entry.impersonator) == (person.email, staff.email)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/_allauth/browser/v1/account/password/change"),
        ("post", "/_allauth/browser/v1/account/email"),
        ("get", "/_allauth/browser/v1/account/authenticators/recovery-codes"),
        ("delete", "/_allauth/browser/v1/account/authenticators/totp"),
        ("post", "/api/v1/api-keys"),
        ("post", "/api/v1/invitations"),
        ("post", "/api/v1/tenant/transfer"),
        ("delete", "/api/v1/tenant"),
        ("post", "/accounts/password/change/"),
    ],
)
def test_what_would_let_staff_come_back_is_closed(acting: Client, method: str, path: str) -> None:
    answer = getattr(acting, method)(path, **({"data": {}} if method == "post" else {}))

    assert (answer.status_code, answer.json()["code"]) == (403, "impersonating")


def test_the_rest_can_be_read(acting: Client) -> None:
    assert acting.get("/api/v1/api-keys").status_code == 200
    assert acting.get("/api/v1/tenant").status_code == 200


def test_logging_out_ends_it(acting: Client, tenant: Tenant) -> None:
    acting.delete("/_allauth/browser/v1/auth/session")

    assert len(noted("impersonation_ended", tenant)) == 1
    assert acting.get(ME).status_code == 401


def test_sockets_end_with_it(acting: Client, person: User) -> None:
    key = acting.cookies["sessionid"].value
    assert live_session(key, person) is not None
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        assert live_session(key, person) is None


@pytest.mark.parametrize("lost", ["is_staff", "is_active", "permission"])
def test_it_ends_with_the_right_to_it(
    acting: Client, staff: User, person: User, tenant: Tenant, lost: str
) -> None:
    assert acting.get(ME).status_code == 200
    if lost == "permission":
        staff.user_permissions.clear()
    else:
        setattr(staff, lost, False)
        staff.save()

    assert live_session(acting.cookies["sessionid"].value, person) is None
    assert acting.get(ME).status_code == 401
    assert len(noted("impersonation_expired", tenant)) == 1


def test_it_ends_after_an_hour(acting: Client, tenant: Tenant) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=59), tick=True):
        assert acting.get(ME).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        assert acting.get(ME).status_code == 401

    assert len(noted("impersonation_expired", tenant)) == 1


def test_other_staff_and_the_inactive_are_never_acted_for(staff: User, person: User) -> None:
    client = browser(staff)
    person.is_active = False
    person.save()

    for whom in (make_staff("other@example.com"), make_staff("admin@example.com", is_superuser=True), person):
        assert client.post(ACQUIRE, {"user_pk": whom.pk}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({"is_staff": True, "is_superuser": True}, True),
        ({"is_staff": True}, False),
        ({"is_staff": False, "is_superuser": True}, False),
    ],
)
def test_who_may(person: User, fields: dict[str, bool], allowed: bool) -> None:
    client = browser(make_staff(**fields))

    answer = client.post(ACQUIRE, {"user_pk": person.pk})

    assert answer.status_code == (302 if allowed else 403)


def test_members_may_not(person: User, tenant: Tenant) -> None:
    client = browser(make_member(tenant))

    assert client.post(ACQUIRE, {"user_pk": person.pk}).status_code == 403
    assert client.post(RELEASE).status_code == 403


@pytest.mark.parametrize("path", [ACQUIRE, RELEASE])
def test_another_sites_page_cannot_begin_or_end_it(staff: User, person: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)

    data: dict[str, Any] = {"user_pk": person.pk}
    assert client.post(path, data).status_code == 403
