from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tenants.models import ApiKey, Membership
from tenants.permissions import ALL_PERMISSIONS, LIVE_ONLY
from tenants.principals import AuthenticationRefused
from tenants.scope import platform_scope, tenant_scope
from tenants.selectors import (
    bearer_token,
    principal_for_api_key,
    principal_for_user,
    user_of,
)
from tenants.services import add_member, create_api_key, revoke_api_key
from tests.tenancy import make_key, make_member, make_tenant

pytestmark = pytest.mark.django_db


def test_a_key_stands_for_its_tenant_and_scopes() -> None:
    tenant = make_tenant()
    owner = make_member(tenant)
    key, secret = create_api_key(
        tenant=tenant, name="ci", scopes=["calls.read"], mode="test", created_by=owner
    )

    principal = principal_for_api_key(secret)

    assert (principal.kind, principal.id, principal.tenant_id) == ("api_key", key.pk, tenant.pk)
    assert (principal.mode, principal.permissions) == ("test", {"calls.read"})
    assert principal.may("calls.read")
    assert not principal.may("calls.place")
    assert user_of(principal) == owner


def test_a_test_key_changes_neither_team_nor_tenant() -> None:
    tenant = make_tenant()
    _, secret = create_api_key(tenant=tenant, name="ci", scopes=sorted(ALL_PERMISSIONS), mode="test")
    assert principal_for_api_key(secret).permissions == ALL_PERMISSIONS - LIVE_ONLY


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "tl_live_",
        "tl_live_abcdefghijkl_",
        "tl_live_abcdefghijkl_wrong",
        "tl_prod_abcdefghijkl_x",
        "xtl_live_abcdefghijkl_x",
        "tl_live_\x00bcdefghijkl_x",
    ],
)
def test_what_is_no_key_opens_nothing(secret: str) -> None:
    with pytest.raises(AuthenticationRefused):
        principal_for_api_key(secret)


def test_a_wrong_secret_behind_a_known_prefix_opens_nothing() -> None:
    secret = make_key(make_tenant())
    other = "A" if secret[-1] != "A" else "B"

    with pytest.raises(AuthenticationRefused):
        principal_for_api_key(secret[:-1] + other)


def test_a_revoked_or_expired_key_says_so() -> None:
    tenant = make_tenant()
    revoked, revoked_secret = create_api_key(tenant=tenant, name="a", scopes=["calls.read"])
    with tenant_scope(tenant.pk):
        revoke_api_key(key=revoked)
    soon = timezone.now() + timedelta(hours=1)
    _, expiring = create_api_key(tenant=tenant, name="b", scopes=["calls.read"], expires_at=soon)

    with pytest.raises(AuthenticationRefused) as refused:
        principal_for_api_key(revoked_secret)
    assert refused.value.code == "key_revoked"
    principal_for_api_key(expiring)
    with time_machine.travel(soon, tick=False), pytest.raises(AuthenticationRefused) as refused:
        principal_for_api_key(expiring)
    assert refused.value.code == "key_expired"


def test_last_use_is_kept_to_the_minute() -> None:
    secret = make_key(make_tenant())
    start = timezone.now().replace(second=20, microsecond=5)

    def last_used(after_s: int) -> object:
        with time_machine.travel(start + timedelta(seconds=after_s), tick=False):
            principal_for_api_key(secret)
        with platform_scope():
            return ApiKey.objects.get().last_used_at

    minute = start.replace(second=0, microsecond=0)
    assert last_used(0) == minute
    assert last_used(30) == minute
    assert last_used(60) == minute + timedelta(minutes=1)


def test_a_person_acts_in_their_only_tenant() -> None:
    tenant = make_tenant()
    user = make_member(tenant, "analyst")

    principal = principal_for_user(user)

    assert (principal.kind, principal.tenant_id, principal.user_id) == ("session", tenant.pk, user.pk)
    assert not principal.may("agents.write")
    assert principal.public_id == user.public_id


def test_a_person_of_several_tenants_names_one() -> None:
    first, second = make_tenant(), make_tenant()
    user = make_member(first, "analyst")
    add_member(tenant=second, user=user, role="owner")

    with pytest.raises(AuthenticationRefused) as refused:
        principal_for_user(user)
    assert refused.value.code == "tenant_required"
    assert principal_for_user(user, second.public_id).may("agents.write")


def test_a_stranger_is_refused() -> None:
    user, other = make_member(make_tenant()), make_tenant()

    for tenant in (other.public_id, "ten_0", "", "nonsense"):
        if tenant == "":
            with platform_scope():
                Membership.objects.filter(user=user).delete()
        with pytest.raises(AuthenticationRefused) as refused:
            principal_for_user(user, tenant)
        assert refused.value.code == "not_a_member"


def test_a_person_who_was_deactivated_is_refused() -> None:
    user = make_member(make_tenant())
    remembered = type(user).objects.get(pk=user.pk)
    user.is_active = False
    user.save()

    with pytest.raises(AuthenticationRefused):
        principal_for_user(remembered)


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, None),
        ({"Authorization": "Basic eDp5"}, None),
        ({"Authorization": "Bearer abc"}, "abc"),
        ({"Authorization": "bearer  abc "}, "abc"),
        ({"Authorization": "Bearer"}, ""),
    ],
)
def test_bearer_tokens(headers: dict[str, str], token: str | None) -> None:
    assert bearer_token(headers) == token
