from __future__ import annotations

import pytest
from django.db import connection, transaction

from tenants.models import Membership, Tenant
from tenants.scope import (
    TenantScopeMissing,
    current_tenant_id,
    platform_scope,
    tenant_scope,
)
from tests.tenancy import make_member, make_tenant

pytestmark = pytest.mark.django_db


def settings_in_force() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant', true), current_setting('app.platform', true)")
        tenant, platform = cursor.fetchone()
    return tenant or "", platform or ""


def test_outside_any_scope_the_managers_raise() -> None:
    with pytest.raises(TenantScopeMissing, match="tenant_scope"):
        Membership.objects.count()
    with pytest.raises(TenantScopeMissing):
        Tenant.objects.first()
    with pytest.raises(TenantScopeMissing):
        Membership(role="owner")


def test_a_tenant_sees_its_own_rows_and_the_platform_sees_all() -> None:
    first, second = make_tenant(), make_tenant()
    ours, theirs = make_member(first), make_member(second)

    with tenant_scope(first.pk):
        assert [m.user for m in Membership.objects.all()] == [ours]
        assert list(Tenant.objects.all()) == [first]
        assert current_tenant_id() == first.pk
    with platform_scope():
        assert {m.user for m in Membership.objects.all()} == {ours, theirs}
        with pytest.raises(TenantScopeMissing, match="no tenant"):
            current_tenant_id()


def test_a_new_row_belongs_to_the_tenant_in_force() -> None:
    tenant, elsewhere = make_tenant(), make_tenant()
    first, second = make_member(elsewhere), make_member(elsewhere)

    with tenant_scope(tenant.pk):
        made = Membership.objects.create(user=first, role="analyst")
        (bulk,) = Membership.objects.bulk_create([Membership(user=second, role="analyst")])

    assert made.tenant_id == bulk.tenant_id == tenant.pk


def test_another_tenants_scope_cannot_be_entered_inside() -> None:
    first, second = make_tenant(), make_tenant()

    with tenant_scope(first.pk), pytest.raises(RuntimeError, match="another tenant"):
        tenant_scope(second.pk).__enter__()


def test_scopes_nest_and_the_outer_one_comes_back() -> None:
    tenant = make_tenant()

    with platform_scope():
        with tenant_scope(tenant.pk):
            with tenant_scope(tenant.pk):
                assert settings_in_force() == (str(tenant.pk), "")
            assert settings_in_force() == (str(tenant.pk), "")
        assert settings_in_force() == ("", "on")
    assert settings_in_force() == ("", "")


def test_an_error_brings_the_outer_scope_back_too() -> None:
    tenant = make_tenant()

    with platform_scope():
        with pytest.raises(ZeroDivisionError), tenant_scope(tenant.pk):
            1 / 0  # noqa: B018
        assert settings_in_force() == ("", "on")
        with tenant_scope(tenant.pk):
            transaction.set_rollback(True)
        assert settings_in_force() == ("", "on")


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_on_the_pooled_connection() -> None:
    tenant = make_tenant()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()

    with tenant_scope(tenant.pk):
        assert settings_in_force() == (str(tenant.pk), "")

    assert settings_in_force() == ("", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), count(*) FROM tenants_tenant")
        assert cursor.fetchone() == (backend, 0)
