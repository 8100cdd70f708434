"""Tenants are kept apart by PostgreSQL itself, whatever the code above it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.db.migrations.state import ProjectState

from apps.agents.services import create_agent
from tenants.checks import role_obeys_policies
from tenants.models import Tenant, TenantModel
from tenants.rls import PLATFORM, TENANT, CompositeForeignKey, EnableRowSecurity, ReadSettingsOnce
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db


def sql(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


@pytest.fixture
def ours() -> Tenant:
    return make_tenant("Ours")


@pytest.fixture
def theirs() -> Tenant:
    return make_tenant("Theirs")


@pytest.fixture
def their_agent(theirs: Tenant) -> UUID:
    with tenant_scope(theirs.pk):
        return create_agent(name="Secret", config=script_config()).pk


def test_raw_sql_without_a_scope_sees_nothing(their_agent: UUID) -> None:
    assert sql("SELECT count(*) FROM agents_agent") == [(0,)]
    assert sql("SELECT count(*) FROM tenants_tenant") == [(0,)]
    with platform_scope():
        assert sql("SELECT id FROM agents_agent") == [(their_agent,)]


def test_raw_sql_in_another_scope_sees_and_touches_nothing(ours: Tenant, their_agent: UUID) -> None:
    with tenant_scope(ours.pk):
        assert sql("SELECT * FROM agents_agent WHERE id = %s", their_agent) == []
        assert sql("UPDATE agents_agent SET name = 'x' WHERE id = %s", their_agent) == [(0,)]
        assert sql("DELETE FROM agents_agent WHERE id = %s", their_agent) == [(0,)]
        assert sql("SELECT slug FROM tenants_tenant") == [(ours.slug,)]
    with platform_scope():
        assert sql("SELECT name FROM agents_agent") == [("Secret",)]


def test_raw_sql_cannot_write_for_another_tenant(ours: Tenant, theirs: Tenant, their_agent: UUID) -> None:
    insert = (
        "INSERT INTO tenants_membership (id, tenant_id, user_id, role, created_at, updated_at) "
        "VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'owner', now(), now())"
    )
    with tenant_scope(ours.pk):
        own_agent = create_agent(name="Own", config=script_config()).pk
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            sql(insert, theirs.pk)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            sql("UPDATE agents_agent SET tenant_id = %s WHERE id = %s", theirs.pk, own_agent)


def test_a_reference_to_another_tenants_row_is_refused(ours: Tenant, their_agent: UUID) -> None:
    """A plain foreign key would accept it: its check does not look at policies."""
    with (
        tenant_scope(ours.pk),
        pytest.raises(IntegrityError, match="same_tenant"),
        transaction.atomic(),
    ):
        insert_number(ours.pk, agent=their_agent)


def insert_number(tenant: UUID, *, agent: UUID) -> None:
    columns = (
        "id, tenant_id, e164, label, carrier, purpose, agent_id, fallback_number, capture_rtp, type, "
        "capabilities, caller_name, caller_name_state, caller_name_problem"
    )
    values = (
        "gen_random_uuid(), %s, '+12025551234', '', 'sandbox', 'inbound', %s, '', false, '', '{}', '', '', ''"
    )
    statement = (
        f"INSERT INTO numbers_phonenumber ({columns}, created_at, updated_at) VALUES ({values}, now(), now())"  # noqa: S608
    )
    sql(statement, tenant, agent)
    sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_audit_events_obey_the_policies(ours: Tenant, their_agent: UUID) -> None:
    with tenant_scope(ours.pk):
        assert sql("SELECT * FROM agents_agentevent") == []
    with platform_scope():
        assert sql("SELECT pgh_obj_id, pgh_label FROM agents_agentevent") == [(their_agent, "insert")]


def test_the_role_obeys_policies() -> None:
    assert sql("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False, False)]
    assert role_obeys_policies(databases=["default"]) == []


@pytest.mark.parametrize(("superuser", "bypass"), [(True, False), (False, True)])
def test_a_role_that_does_not_is_an_error(superuser: bool, bypass: bool) -> None:
    # A temporary table hides the catalogue's view of the same name.
    row = "current_user AS rolname, %s AS rolsuper, %s AS rolbypassrls"
    sql(f"CREATE TEMPORARY TABLE pg_roles ON COMMIT DROP AS SELECT {row}", superuser, bypass)

    (found,) = role_obeys_policies(databases=["default"])

    assert found.id == "tenants.E001"
    assert found.hint is not None
    assert "NOBYPASSRLS" in found.hint


def tenant_tables() -> Iterator[tuple[type[models.Model], str]]:
    """Every model whose rows belong to a tenant, audit events included, and the column that says so."""
    for model in apps.get_models():
        if model is Tenant or getattr(model, "pgh_tracked_model", None) is Tenant:
            yield model, "id"
        elif any(f.is_relation and f.related_model is Tenant for f in model._meta.concrete_fields):
            yield model, "tenant_id"


def test_every_table_of_a_tenant_has_forced_policies() -> None:
    tables = list(tenant_tables())
    assert {m._meta.label for m, _ in tables} >= {"tenants.Tenant", "agents.Agent", "agents.AgentEvent"}

    for model, column in tables:
        table = model._meta.db_table
        assert sql(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table
        ) == [(True, True)], f"{table} has no forced row-level security"
        policies = dict(
            sql("SELECT policyname, qual || with_check FROM pg_policies WHERE tablename = %s", table)
        )
        assert set(policies) == {"tenant_isolation", "platform_scope"}, table
        assert policies["tenant_isolation"].count(f"({column} = ") == 2, table
        assert policies["platform_scope"].count("app.platform") == 2, table


def test_every_reference_between_tenant_tables_is_composite() -> None:
    references = [
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.concrete_fields
        if field.is_relation and issubclass(field.related_model, TenantModel)
    ]
    assert ("numbers_phonenumber", "agent_id", "agents_agent") in references

    for table, column, to_table in references:
        found = sql(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid = %s::regclass",
            table,
            to_table,
        )
        wanted = f"FOREIGN KEY (tenant_id, {column}) REFERENCES {to_table}(tenant_id, id)"
        assert any(definition.startswith(wanted) for (definition,) in found), f"{table}.{column}"


def test_the_migration_operations_can_be_undone() -> None:
    sql("CREATE TABLE fruit (id uuid PRIMARY KEY, tenant_id uuid, tree_id uuid)")
    sql("CREATE TABLE tree (id uuid PRIMARY KEY, tenant_id uuid)")
    operations = [EnableRowSecurity("fruit"), CompositeForeignKey("fruit", "tree_id", "tree")]
    state = ProjectState()

    with connection.schema_editor() as editor:
        for operation in operations:
            operation.database_forwards("tenants", editor, state, state)
    assert (policies_of("fruit"), references_of("fruit")) == (2, 1)

    with connection.schema_editor() as editor:
        for operation in reversed(operations):
            operation.database_backwards("tenants", editor, state, state)
    assert (policies_of("fruit"), references_of("fruit")) == (0, 0)
    assert sql("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 'fruit'") == [
        (False, False)
    ]


def policies_of(table: str) -> int:
    return len(sql("SELECT 1 FROM pg_policies WHERE tablename = %s", table))


def references_of(table: str) -> int:
    return len(sql("SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", table))


def test_the_operations_survive_being_written_to_a_file() -> None:
    for operation in (EnableRowSecurity("fruit", "id"), CompositeForeignKey("fruit", "tree_id", "tree")):
        name, args, kwargs = operation.deconstruct()
        assert name == type(operation).__name__
        assert type(operation)(*args, **kwargs).forward() == operation.forward()
        assert "fruit" in operation.describe()


def bare_policies() -> list[tuple[Any, ...]]:
    """Policies that read a setting for every row."""
    return sql(
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()"
        " AND qual LIKE '%%current_setting%%' AND qual NOT LIKE '%%SELECT%%' ORDER BY 1, 2"
    )


def test_policies_read_the_settings_once_for_a_statement() -> None:
    assert bare_policies() == []


def test_policies_of_before_are_given_the_same_form(ours: Tenant, their_agent: UUID) -> None:
    for table, column in (("agents_agent", "tenant_id"), ("tenants_tenant", "id")):
        sql(f'ALTER POLICY tenant_isolation ON {table} USING ("{column}" = {TENANT})')
        sql(f"ALTER POLICY platform_scope ON {table} USING ({PLATFORM})")
    assert len(bare_policies()) == 4

    with connection.cursor() as cursor:
        for statement in ReadSettingsOnce().forward():
            cursor.execute(statement)

    assert bare_policies() == []
    assert sql("SELECT count(*) FROM agents_agent") == [(0,)]
    with tenant_scope(ours.pk):
        assert sql("SELECT count(*) FROM agents_agent") == [(0,)]
        assert sql("SELECT slug FROM tenants_tenant") == [(ours.slug,)]
    with platform_scope():
        assert sql("SELECT id FROM agents_agent") == [(their_agent,)]
