"""The command that makes a tenant's first key."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenants.models import Membership
from tenants.permissions import ALL_PERMISSIONS, Role
from tenants.scope import platform_scope
from tenants.selectors import principal_for_api_key
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_key_of_an_existing_tenant_opens_what_it_names() -> None:
    tenant = make_tenant()
    principal = principal_for_api_key(run(tenant.slug, "ci", "--mode", "test", "--scope", "calls.read"))
    assert (principal.tenant_id, principal.mode) == (tenant.pk, "test")
    assert principal.permissions == {"calls.read"}


def test_a_new_tenant_is_made_with_its_owner() -> None:
    principal = principal_for_api_key(run("harbor", "first", "--owner", "owner@example.com"))
    assert principal.permissions == ALL_PERMISSIONS
    with platform_scope():
        member = Membership.objects.get(tenant_id=principal.tenant_id)
        assert (member.user.email, member.role) == ("owner@example.com", Role.OWNER)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "key"], "give --owner"),
        (["Not A Slug", "key", "--owner", "owner@example.com"], "lower-case letters"),
        (["harbor", "key", "--owner", "no address"], "not an e-mail address"),
        (["harbor", "key", "--owner", "owner@example.com", "--scope", "all"], "Unknown scopes: all"),
    ],
)
def test_what_cannot_be_is_told_in_words(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(*arguments)
