"""The staff's pages: who gets in, that every page works, and what it does not show."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver, reverse
from unfold.admin import ModelAdmin

from apps.calls.models import Call, Turn
from tenants.audit.models import AuditEntry
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_user
from tests.tenancy import make_key, make_member, make_tenant
from tests.tenants.services.test_delete_tenant import furnish

pytestmark = pytest.mark.django_db

get_resolver().url_patterns  # noqa: B018 (the URLs take allauth's tables away)
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


def page(model: type[Any], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def make_staff(*permissions: str, superuser: bool = False) -> User:
    user = create_user(email="staff@example.com")
    user.is_staff, user.is_superuser = True, superuser
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(db: None) -> Client:
    return browser(make_staff(superuser=True))


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant("Customer")


def fresh(tenant: Tenant) -> Tenant:
    with platform_scope():
        return Tenant.objects.get(pk=tenant.pk)


def test_members_and_strangers_do_not_get_in(tenant: Tenant) -> None:
    assert browser(make_member(tenant)).get("/admin/").status_code in (302, 403)
    assert Client().get("/admin/").status_code == 302


@each_model
def test_every_page_has_the_same_look(model: type[Any]) -> None:
    assert isinstance(admin.site._registry[model], ModelAdmin)


def test_tables_that_open_accounts_are_not_listed() -> None:
    assert not {model._meta.app_label for model in MODELS} & {"account", "mfa", "socialaccount"}


@each_model
def test_every_list_and_search_works(staff: Client, tenant: Tenant, model: type[Any]) -> None:
    furnish(tenant)
    make_key(tenant)

    assert staff.get(page(model, "changelist")).status_code == 200
    assert staff.get(page(model, "changelist"), {"q": "customer"}).status_code == 200


@each_model
def test_every_row_can_be_looked_at(staff: Client, tenant: Tenant, model: type[Any]) -> None:
    furnish(tenant)
    make_key(tenant)
    with platform_scope():
        row = model._default_manager.first()
    if row is None:
        pytest.skip("nothing of this kind")

    answer = staff.get(page(model, "change", row.pk))

    assert answer.status_code == 200
    assert b"sesame" not in answer.content


def test_no_list_says_what_was_said_or_who_was_called(staff: Client, tenant: Tenant) -> None:
    call = furnish(tenant)
    with tenant_scope(tenant.pk):
        words = Turn.objects.get(call=call).text

    for answer in (staff.get(page(Call, "changelist")), staff.get(page(Call, "change", call.pk))):
        assert call.public_id in answer.content.decode()
        assert call.to_number not in answer.content.decode()
        assert words not in answer.content.decode()


def test_suspending_asks_for_a_reason(staff: Client, tenant: Tenant) -> None:
    url = page(Tenant, "suspend", tenant.pk)
    assert b"reason" in staff.get(url).content

    assert staff.post(url, {"reason": " "}).status_code == 200
    assert not fresh(tenant).suspended
    assert staff.post(url, {"reason": "An invoice is open."}).status_code == 302
    assert fresh(tenant).suspended_reason == "An invoice is open."
    assert b"An invoice is open." in staff.get(page(Tenant, "change", tenant.pk)).content

    staff.post(page(Tenant, "unsuspend", tenant.pk))
    assert not fresh(tenant).suspended


@pytest.mark.django_db(transaction=True)  # an actor stands for a whole transaction
def test_suspending_is_noted_with_who_did_it(staff: Client, tenant: Tenant) -> None:
    staff.post(page(Tenant, "suspend", tenant.pk), {"reason": "An invoice is open."})

    client = browser(make_member(tenant))
    (entry,) = client.get("/api/v1/audit", {"action": "suspended"}).json()["results"]
    assert entry["actor"]["kind"] == "staff"
    assert entry["actor"]["label"] == "staff@example.com"


def test_looking_is_not_suspending(tenant: Tenant) -> None:
    client = browser(make_staff("view_tenant"))

    assert client.get(page(Tenant, "changelist")).status_code == 200
    assert client.post(page(Tenant, "suspend", tenant.pk), {"reason": "x"}).status_code == 403
    assert not fresh(tenant).suspended


def test_keys_are_revoked_and_never_made(staff: Client, tenant: Tenant) -> None:
    make_key(tenant)
    with platform_scope():
        key = ApiKey.objects.get()
    assert staff.get(page(ApiKey, "add")).status_code == 403

    staff.post(page(ApiKey, "changelist"), {"action": "revoke", "_selected_action": [str(key.pk)]})

    with platform_scope():
        assert ApiKey.objects.get().revoked_at is not None


def test_staff_who_are_no_superusers_make_none(tenant: Tenant) -> None:
    client = browser(make_staff("view_user", "change_user"))
    boss = create_user(email="boss@example.com")
    User.objects.filter(pk=boss.pk).update(is_staff=True, is_superuser=True)
    member = make_member(tenant)

    form = {
        "email": member.email,
        "full_name": "Changed",
        "is_active": "on",
        "is_superuser": "on",
        "is_staff": "on",
    }
    assert client.post(page(User, "change", member.pk), form).status_code == 302
    assert client.post(page(User, "change", boss.pk), form).status_code == 403
    assert client.post(password_page(boss)).status_code == 403

    member.refresh_from_db()
    assert (member.full_name, member.is_staff, member.is_superuser) == ("Changed", False, False)


def password_page(person: User) -> str:
    return reverse("admin:auth_user_password_change", args=[person.pk])


def test_nobody_sets_a_customers_password(
    staff: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "tenants.accounts.adapters.send_mail_template",
        lambda name, *, to, context: mails.append((to, context["password_reset_url"])),
    )
    member = make_member(tenant)
    before = member.password
    new = {
        "usable_password": "true",
        "password1": "a staff's passphrase",
        "password2": "a staff's passphrase",
    }

    asked = staff.get(password_page(member)).content.decode()
    assert staff.post(password_page(member), new).status_code == 302
    assert staff.post(page(User, "change", member.pk), {"email": member.email, "password": "x"}).status_code
    staff.post(page(User, "add"), {"email": "new@example.com"} | new)

    member.refresh_from_db()
    assert (member.email in asked, 'name="password1"' in asked) == (True, False)
    assert member.password == before
    assert not User.objects.get(email="new@example.com").has_usable_password()
    ((to, link),) = mails
    assert (to, "/password/reset/" in link) == (member.email, True)
    with platform_scope():
        entry = AuditEntry.objects.get(action="password_mail_sent")
    assert (entry.object_id, entry.actor_label) == (member.pk, "staff@example.com")


def test_only_superusers_give_an_account_another_address(tenant: Tenant) -> None:
    client = browser(make_staff("view_user", "change_user"))
    member = make_member(tenant)

    client.post(page(User, "change", member.pk), {"email": "staff2@example.com", "is_active": "on"})

    assert User.objects.get(pk=member.pk).email == member.email


def test_acting_as_a_person_begins_here(staff: Client, tenant: Tenant) -> None:
    person = make_member(tenant)
    url = page(User, "act_as", person.pk)

    assert b'action="/hijack/acquire/"' in staff.get(url).content
    assert (
        b'action="/hijack/acquire/"'
        not in staff.get(page(User, "act_as", User.objects.get(is_staff=True).pk)).content
    )
    assert browser(make_member(tenant)).get(url).status_code in (302, 403)


def test_members_are_shown_with_their_tenant(staff: Client, tenant: Tenant) -> None:
    person = make_member(tenant, "analyst")

    assert person.email in staff.get(page(Tenant, "change", tenant.pk)).content.decode()
    with platform_scope():
        assert Membership.objects.filter(tenant=tenant).count() == 1
