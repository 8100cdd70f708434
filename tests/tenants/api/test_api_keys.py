from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tenants.models import ApiKey, Tenant
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import key_client, make_key, make_tenant
from tests.tenants.api.people import faults, member_browser

pytestmark = pytest.mark.django_db

KEYS = "/api/v1/api-keys"
KEY = {"name": "Nightly report", "mode": "live", "scopes": ["calls.read", "agents.read"]}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def test_a_key_is_made_and_its_secret_shown_once(tenant: Tenant) -> None:
    owner, member = member_browser(tenant, "owner")
    expiry = "2100-01-01T00:00:00Z"

    answer = owner.post(KEYS, KEY | {"expires_at": expiry})

    assert answer.status_code == 201
    made = answer.json()
    secret = made.pop("secret")
    assert secret.startswith(f"{made['prefix']}_")
    assert made["id"].startswith("key_")
    assert {name: made[name] for name in ("name", "mode", "scopes", "created_by", "expires_at")} == {
        "name": "Nightly report",
        "mode": "live",
        "scopes": ["agents.read", "calls.read"],
        "created_by": member.user.email,
        "expires_at": expiry,
    }
    assert owner.get(KEYS).json()["results"] == [made]
    program = key_client(secret)
    assert program.get("/api/v1/calls").status_code == 200
    assert program.post("/api/v1/agents", {}).status_code == 403


def test_its_use_is_told(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    made = owner.post(KEYS, KEY).json()
    assert made["last_used_at"] is None

    with time_machine.travel(timezone.now().replace(second=42) + timedelta(hours=1), tick=False):
        key_client(made["secret"]).get("/api/v1/calls")
        used = timezone.now().replace(second=0, microsecond=0)

    (row,) = owner.get(KEYS).json()["results"]
    assert row["last_used_at"] == used.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"mode": "prod"}, "mode"),
        ({"mode": None}, "mode"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["calls.read", "calls.delete"]}, "scopes"),
        ({"scopes": "calls.read"}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_a_bad_key_names_the_field_and_is_not_made(
    tenant: Tenant, changes: dict[str, Any], field: str
) -> None:
    owner, _ = member_browser(tenant, "owner")

    answer = owner.post(KEYS, KEY | changes)

    assert (answer.status_code, list(faults(answer))) == (422, [field])
    with tenant_scope(tenant.pk):
        assert not ApiKey.objects.exists()


def test_nobody_grants_what_they_do_not_have(tenant: Tenant) -> None:
    developer, _ = member_browser(tenant, "developer")
    program = key_client(make_key(tenant, {"keys.write", "calls.read"}))

    by_person = developer.post(KEYS, KEY | {"scopes": ["calls.read", "team.write"]})
    by_key = program.post(KEYS, KEY | {"scopes": ["agents.read"]})

    assert (by_person.status_code, by_key.status_code) == (403, 403)
    assert "team.write" in faults(by_person)["scopes"]
    assert program.post(KEYS, KEY | {"scopes": ["calls.read"]}).status_code == 201


def test_a_test_key_makes_and_rotates_test_keys_only(tenant: Tenant) -> None:
    program = key_client(make_key(tenant, mode="test"))
    owner, _ = member_browser(tenant, "owner")
    live = owner.post(KEYS, KEY).json()["id"]

    refused = program.post(KEYS, KEY)

    assert (refused.status_code, list(faults(refused))) == (403, ["mode"])
    assert program.post(f"{KEYS}/{live}/rotate", {}).status_code == 403
    assert program.post(KEYS, KEY | {"mode": "test"}).status_code == 201


@pytest.mark.parametrize("role", ["analyst", "billing"])
def test_a_role_without_keys_is_refused(tenant: Tenant, role: str) -> None:
    client, _ = member_browser(tenant, role)

    answers = client.get(KEYS), client.post(KEYS, KEY)

    assert [a.status_code for a in answers] == [403, 403]
    assert "keys.read" in answers[0].json()["detail"]


def test_another_tenants_key_is_not_there(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    foreign = member_browser(make_tenant(), "owner")[0].post(KEYS, KEY).json()

    answers = [
        owner.patch(f"{KEYS}/{foreign['id']}", {"name": "Mine"}),
        owner.post(f"{KEYS}/{foreign['id']}/rotate"),
        owner.delete(f"{KEYS}/{foreign['id']}"),
    ]

    assert [a.status_code for a in answers] == [404] * 3
    assert key_client(foreign["secret"]).get("/api/v1/calls").status_code == 200


def test_a_key_is_renamed(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    made = owner.post(KEYS, KEY).json()
    place = f"{KEYS}/{made['id']}"

    assert owner.patch(place, {"name": " Weekly report "}).json()["name"] == "Weekly report"
    assert owner.patch(place, {}).json()["name"] == "Weekly report"
    assert list(faults(owner.patch(place, {"name": " "}))) == ["name"]
    assert list(faults(owner.patch(place, {"scopes": ["calls.read"]}))) == ["scopes"]


def test_a_revoked_key_is_closed_and_stays_in_the_list(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    made = owner.post(KEYS, KEY).json()
    place = f"{KEYS}/{made['id']}"

    assert [owner.delete(place).status_code for _ in range(2)] == [204, 204]

    answer = key_client(made["secret"]).get("/api/v1/calls")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_revoked")
    assert owner.get(KEYS).json()["results"][0]["revoked_at"] is not None
    again = owner.post(f"{place}/rotate")
    assert (again.status_code, again.json()["code"]) == (409, "key_closed")


def test_a_developer_closes_their_own_keys_only(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    developer, _ = member_browser(tenant, "developer")
    theirs = owner.post(KEYS, KEY | {"scopes": ["calls.read", "keys.write"]}).json()
    own = developer.post(KEYS, KEY | {"scopes": ["calls.read"]}).json()
    program = key_client(theirs["secret"])

    refused = [
        developer.delete(f"{KEYS}/{theirs['id']}"),
        developer.post(f"{KEYS}/{theirs['id']}/rotate", {}),
        program.delete(f"{KEYS}/{own['id']}"),
    ]

    assert [a.status_code for a in refused] == [403] * 3
    assert "Somebody else made this key" in refused[0].json()["detail"]
    assert developer.post(f"{KEYS}/{own['id']}/rotate", {"expire_old_in_s": 60}).status_code == 201
    assert developer.delete(f"{KEYS}/{own['id']}").status_code == 204
    assert program.delete(f"{KEYS}/{theirs['id']}").status_code == 204


def test_a_rotated_key_ends_at_once(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    old = owner.post(KEYS, KEY | {"expires_at": "2100-01-01T00:00:00Z"}).json()

    answer = owner.post(f"{KEYS}/{old['id']}/rotate", {})

    assert answer.status_code == 201
    new = answer.json()
    same = ("name", "mode", "scopes", "expires_at")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    assert (new["id"], new["secret"]) != (old["id"], old["secret"])
    assert key_client(new["secret"]).get("/api/v1/calls").status_code == 200
    closed = key_client(old["secret"]).get("/api/v1/calls")
    assert (closed.status_code, closed.json()["code"]) == (401, "key_expired")
    assert owner.post(f"{KEYS}/{old['id']}/rotate").json()["code"] == "key_closed"


def test_a_rotated_key_may_work_on_for_a_while(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    old = owner.post(KEYS, KEY).json()

    owner.post(f"{KEYS}/{old['id']}/rotate", {"expire_old_in_s": 3600})

    now = timezone.now()
    for minutes, status in ((59, 200), (61, 401)):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert key_client(old["secret"]).get("/api/v1/calls").status_code == status


def test_rotating_never_prolongs_the_old_key(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    soon = timezone.now() + timedelta(minutes=10)
    old = owner.post(KEYS, KEY | {"expires_at": soon.isoformat()}).json()

    owner.post(f"{KEYS}/{old['id']}/rotate", {"expire_old_in_s": 604800})

    kept = {row["id"]: row["expires_at"] for row in owner.get(KEYS).json()["results"]}
    assert kept[old["id"]] == old["expires_at"]


@pytest.mark.parametrize("seconds", [-1, 604801, "soon", None])
def test_a_bad_overlap_names_the_field(tenant: Tenant, seconds: object) -> None:
    owner, _ = member_browser(tenant, "owner")
    made = owner.post(KEYS, KEY).json()

    answer = owner.post(f"{KEYS}/{made['id']}/rotate", {"expire_old_in_s": seconds})

    assert (answer.status_code, list(faults(answer))) == (422, ["expire_old_in_s"])


def test_nobody_rotates_a_key_that_may_more_than_they(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    developer, _ = member_browser(tenant, "developer")
    made = owner.post(KEYS, KEY | {"scopes": sorted(ALL_PERMISSIONS)}).json()

    refused = developer.post(f"{KEYS}/{made['id']}/rotate")

    assert refused.status_code == 403
    assert key_client(made["secret"]).get("/api/v1/calls").status_code == 200


def test_a_replayed_answer_holds_the_secret_and_the_database_does_not(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")

    answers = [owner.post(KEYS, KEY, headers={"Idempotency-Key": "a"}) for _ in range(2)]

    assert answers[1]["Idempotent-Replayed"] == "true"
    secret = answers[0].json()["secret"]
    assert answers[1].json()["secret"] == secret
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_idempotencykey")
        ((stored,),) = cursor.fetchall()
    assert stored
    assert secret not in stored


def test_no_key_makes_one_that_outlives_it(tenant: Tenant) -> None:
    owner, _ = member_browser(tenant, "owner")
    short = {"name": "Short", "mode": "live", "scopes": ["keys.write"], "expires_at": "2100-01-01T00:00:00Z"}
    made = owner.post(KEYS, short).json()
    program = key_client(made["secret"])

    endless = program.post(KEYS, {name: short[name] for name in ("name", "mode", "scopes")})
    longer = program.post(KEYS, short | {"expires_at": "2100-01-01T00:00:01Z"})

    assert [a.status_code for a in (endless, longer)] == [403, 403]
    assert list(faults(longer)) == ["expires_at"]
    assert program.post(KEYS, short).status_code == 201
    assert program.post(f"{KEYS}/{made['id']}/rotate", {}).status_code == 201
