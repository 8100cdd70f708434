from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tenants.models import ApiKey, Invitation, Membership, Tenant
from tenants.permissions import ALL_PERMISSIONS, DESCRIPTIONS, PERMISSIONS, permissions_of
from tenants.scope import tenant_scope
from tenants.services import add_member
from tests.tenancy import key_client, make_key, make_tenant
from tests.tenants.api.people import faults, make_person, member_browser, roles_of

pytestmark = pytest.mark.django_db

TENANT, TRANSFER, MEMBERS, ROLES = (
    "/api/v1/tenant",
    "/api/v1/tenant/transfer",
    "/api/v1/members",
    "/api/v1/roles",
)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def add(tenant: Tenant, role: str) -> Membership:
    return add_member(tenant=tenant, user=make_person(), role=role)


def url(member: Membership) -> str:
    return f"{MEMBERS}/{member.public_id}"


def test_the_tenant_is_renamed_by_its_owner_only(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    admin, _ = member_browser(tenant, "admin")

    assert admin.get(TENANT).json()["name"] == "Acme"
    assert admin.patch(TENANT, {"name": "Mine"}).status_code == 403
    renamed = owner.patch(TENANT, {"name": " Acme Ltd "}).json()

    assert (renamed["name"], renamed["slug"]) == ("Acme Ltd", tenant.slug)
    assert owner.get(TENANT).json() == renamed
    assert owner.patch(TENANT, {}).json() == renamed


@pytest.mark.parametrize(
    ("body", "field"), [({"name": " "}, "name"), ({"name": "x" * 201}, "name"), ({"slug": "new"}, "slug")]
)
def test_a_bad_name_is_told(tenant: Tenant, body: dict[str, str], field: str) -> None:
    answer = member_browser(tenant, "owner")[0].patch(TENANT, body)

    assert (answer.status_code, list(faults(answer))) == (422, [field])


def test_members_are_listed_to_every_member(tenant: Tenant) -> None:
    client, membership = member_browser(tenant, "billing")
    other = add(make_tenant(), "owner")

    (row,) = client.get(MEMBERS).json()["results"]

    user = membership.user
    user.refresh_from_db()
    assert user.last_login is not None
    assert row == {
        "id": membership.public_id,
        "user": {"id": user.public_id, "email": user.email, "full_name": ""},
        "role": "billing",
        "mfa_enabled": False,
        "last_login": user.last_login.isoformat().replace("+00:00", "Z"),
        "created_at": membership.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert client.delete(url(other)).status_code == 404


def test_a_role_is_changed_and_holds_at_once(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    client, member = member_browser(tenant, "analyst")
    assert client.get("/api/v1/api-keys").status_code == 403

    changed = owner.patch(url(member), {"role": "developer"})

    assert (changed.status_code, changed.json()["role"]) == (200, "developer")
    assert client.get("/api/v1/api-keys").status_code == 200


@pytest.mark.parametrize(
    ("body", "field"), [({"role": "god"}, "role"), ({}, "role"), ({"roles": "x"}, "roles")]
)
def test_a_bad_role_names_the_field(tenant: Tenant, body: dict[str, str], field: str) -> None:
    owner, member = member_browser(tenant, "owner")

    answer = owner.patch(url(member), body)

    assert answer.status_code == 422
    assert field in faults(answer)


@pytest.mark.parametrize("role", ["developer", "analyst", "billing"])
def test_below_admin_nobody_changes_or_removes_others(tenant: Tenant, role: str) -> None:
    client, _ = member_browser(tenant, role)
    other = add(tenant, "analyst")

    refused = client.patch(url(other), {"role": "billing"}), client.delete(url(other))

    assert [(a.status_code, a.json()["code"]) for a in refused] == [(403, "permission_denied")] * 2
    assert all("team.write" in a.json()["detail"] for a in refused)


def test_an_admin_neither_makes_nor_unmakes_owners(tenant: Tenant) -> None:
    client, own = member_browser(tenant, "admin")
    owner, other = add(tenant, "owner"), add(tenant, "analyst")
    add(tenant, "owner")

    refused = [
        client.patch(url(own), {"role": "owner"}),
        client.patch(url(other), {"role": "owner"}),
        client.patch(url(owner), {"role": "admin"}),
        client.delete(url(owner)),
    ]

    assert [a.status_code for a in refused] == [403] * 4
    assert faults(refused[0]) == {"role": "The role owner is above yours."}
    assert roles_of(tenant) == ["admin", "analyst", "owner", "owner"]
    assert client.patch(url(other), {"role": "admin"}).status_code == 200
    assert client.patch(url(other), {"role": "billing"}).status_code == 200


def test_a_key_reaches_no_role_that_may_more_than_itself(tenant: Tenant) -> None:
    member, owner = add(tenant, "analyst"), add(tenant, "owner")
    key = key_client(make_key(tenant, permissions_of("analyst") | {"team.write"}))

    assert key.patch(url(member), {"role": "admin"}).status_code == 403
    assert key.delete(url(owner)).status_code == 403
    assert key.delete(url(member)).status_code == 204


def test_the_last_owner_stays_one(tenant: Tenant) -> None:
    owner, member = member_browser(tenant, "owner")
    add(tenant, "admin")

    refused = [
        owner.patch(url(member), {"role": "admin"}),
        owner.delete(url(member)),
        key_client(make_key(tenant)).patch(url(member), {"role": "admin"}),
        key_client(make_key(tenant)).delete(url(member)),
    ]

    assert [(a.status_code, a.json()["code"]) for a in refused] == [(409, "last_owner")] * 4
    assert owner.patch(url(member), {"role": "owner"}).status_code == 200
    assert roles_of(tenant) == ["admin", "owner"]


def test_an_owner_beside_another_may_step_down_or_leave(tenant: Tenant) -> None:
    first, member = member_browser(tenant, "owner")
    second, other = member_browser(tenant, "owner")

    assert first.patch(url(member), {"role": "admin"}).status_code == 200
    assert second.delete(url(other)).json()["code"] == "last_owner"
    assert second.delete(url(member)).status_code == 204
    assert first.get(TENANT).status_code == 401


@pytest.mark.parametrize("role", ["admin", "developer", "analyst", "billing"])
def test_everybody_may_leave(tenant: Tenant, role: str) -> None:
    add(tenant, "owner")
    client, member = member_browser(tenant, role)

    assert client.delete(url(member)).status_code == 204
    assert client.get(MEMBERS).status_code == 401
    assert roles_of(tenant) == ["owner"]


def test_the_keys_of_somebody_who_left_stay_and_name_them(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    developer, member = member_browser(tenant, "developer")
    made = developer.post("/api/v1/api-keys", {"name": "ci", "mode": "live", "scopes": ["calls.read"]}).json()

    assert owner.delete(url(member)).status_code == 204

    assert key_client(made["secret"]).get("/api/v1/calls").status_code == 200
    (row,) = owner.get("/api/v1/api-keys").json()["results"]
    assert (row["id"], row["created_by"]) == (made["id"], member.user.email)


@pytest.mark.parametrize(("change", "kept"), [("developer", 0), ("admin", 1), ("leave", 0)])
def test_invitations_end_with_the_right_to_make_them(tenant: Tenant, change: str, kept: int) -> None:
    owner, _ = member_browser(tenant, "owner")
    admin, member = member_browser(tenant, "admin")
    invited = admin.post("/api/v1/invitations", {"email": "friend@example.com", "role": "admin"})
    assert invited.status_code == 201

    if change == "leave":
        owner.delete(url(member))
    else:
        owner.patch(url(member), {"role": change})

    with tenant_scope(tenant.pk):
        assert Invitation.objects.filter(revoked_at=None).count() == kept


def test_ownership_is_handed_over(tenant: Tenant) -> None:
    owner, old = member_browser(tenant, "owner")
    heir, new = member_browser(tenant, "analyst")

    answer = owner.post(TRANSFER, {"member": new.public_id})

    assert answer.status_code == 200
    roles = {row["id"]: row["role"] for row in answer.json()["results"]}
    assert roles == {old.public_id: "admin", new.public_id: "owner"}
    assert answer.json()["next_cursor"] is None
    assert owner.post(TRANSFER, {"member": old.public_id}).status_code == 403
    assert heir.patch(TENANT, {"name": "Mine"}).status_code == 200


def test_a_bad_transfer_names_the_field(tenant: Tenant) -> None:
    owner, own = member_browser(tenant, "owner")
    stranger = add(make_tenant(), "analyst")

    for member in (own.public_id, stranger.public_id, "mem_1", "", None):
        answer = owner.post(TRANSFER, {"member": member})
        assert (answer.status_code, list(faults(answer))) == (422, ["member"]), member


def test_only_an_owner_in_person_hands_over(tenant: Tenant) -> None:
    member = add(tenant, "owner")
    admin, _ = member_browser(tenant, "admin")

    by_admin = admin.post(TRANSFER, {"member": member.public_id})
    by_key = key_client(make_key(tenant)).post(TRANSFER, {"member": member.public_id})

    assert (by_admin.status_code, by_key.status_code) == (403, 403)
    assert "logged in" in by_key.json()["detail"]


def test_every_member_sees_the_table_of_roles(tenant: Tenant) -> None:
    client, _ = member_browser(tenant, "billing")

    table = client.get(ROLES).json()

    assert {r["role"]: set(r["permissions"]) for r in table["roles"]} == PERMISSIONS
    assert {p["name"] for p in table["permissions"]} == ALL_PERMISSIONS
    assert all(p["description"].endswith(".") for p in table["permissions"])
    assert list(DESCRIPTIONS) == [p["name"] for p in table["permissions"]]


def test_a_change_of_role_is_kept_with_who_made_it(tenant: Tenant) -> None:
    owner, own = member_browser(tenant, "owner")
    member = add(tenant, "analyst")
    owner.patch(url(member), {"role": "developer"})

    with tenant_scope(tenant.pk):
        event = Membership.pgh_event_model.objects.filter(pgh_obj=member.pk).latest("pgh_id")
    assert (event.role, event.pgh_context["actor"]) == ("developer", own.user.public_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["demote", "leave"])
def test_two_owners_who_go_at_once_leave_one(tenant: Tenant, act: str) -> None:
    owners = [member_browser(tenant, "owner") for _ in range(2)]
    start = Barrier(2)

    def go(client: APIClient, member: Membership) -> int:
        try:
            start.wait(30)
            if act == "leave":
                return client.delete(url(member)).status_code
            return client.patch(url(member), {"role": "admin"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(f.result(60) for f in [threads.submit(go, *owner) for owner in owners])

    assert statuses == [200 if act == "demote" else 204, 409]
    assert roles_of(tenant).count("owner") == 1
    with tenant_scope(tenant.pk):
        assert not ApiKey.objects.exists()
