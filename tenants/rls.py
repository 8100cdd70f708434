"""Migration operations that keep tenants apart inside PostgreSQL.

`EnableRowSecurity` gives a table its policies; `CompositeForeignKey` ties a reference to the same
tenant, because PostgreSQL checks foreign keys without looking at policies. See
docs/decisions/0001-row-level-security.md.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"
PLATFORM = "current_setting('app.platform', true) = 'on'"

# In a sub-select PostgreSQL reads the setting once for a statement. Bare, it reads it again for every
# row, which takes ten times as long as reading the row from an index.
TENANT_ONCE = f"(SELECT {TENANT})"
PLATFORM_ONCE = f"(SELECT {PLATFORM})"


class _Statements(Operation):
    """An operation that is only SQL and leaves the model state alone."""

    reversible = True
    category = OperationCategory.SQL

    def forward(self) -> list[str]:
        raise NotImplementedError

    def backward(self) -> list[str]:
        raise NotImplementedError

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.forward():
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.backward():
            schema_editor.execute(statement, params=None)


class EnableRowSecurity(_Statements):
    """Row-level security with FORCE on `table`: a row is visible to its tenant and to the platform scope.

    `column` holds the tenant's id. Without a scope nothing is visible and nothing can be written.
    """

    def __init__(self, table: str, column: str = "tenant_id") -> None:
        self.table = table
        self.column = column

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.table, self.column], {})

    def describe(self) -> str:
        return f"Row-level security on {self.table}"

    def forward(self) -> list[str]:
        own, seen = (f'"{self.column}" = {tenant}' for tenant in (TENANT, TENANT_ONCE))
        return [
            f'ALTER TABLE "{self.table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{self.table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY tenant_isolation ON "{self.table}" USING ({seen}) WITH CHECK ({own})',
            f'CREATE POLICY platform_scope ON "{self.table}" USING ({PLATFORM_ONCE}) WITH CHECK ({PLATFORM})',
        ]

    def backward(self) -> list[str]:
        return [
            f'DROP POLICY platform_scope ON "{self.table}"',
            f'DROP POLICY tenant_isolation ON "{self.table}"',
            f'ALTER TABLE "{self.table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{self.table}" DISABLE ROW LEVEL SECURITY',
        ]


class PlatformWrites(_Statements):
    """Row-level security with FORCE on `table`, which is the platform's: tenants read it, none writes."""

    def __init__(self, table: str) -> None:
        self.table = table

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.table], {})

    def describe(self) -> str:
        return f"{self.table} is written by the platform alone"

    def forward(self) -> list[str]:
        return [
            f'ALTER TABLE "{self.table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{self.table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY read_by_all ON "{self.table}" FOR SELECT USING (true)',
            f'CREATE POLICY platform_scope ON "{self.table}" USING ({PLATFORM_ONCE}) WITH CHECK ({PLATFORM})',
        ]

    def backward(self) -> list[str]:
        return [
            f'DROP POLICY platform_scope ON "{self.table}"',
            f'DROP POLICY read_by_all ON "{self.table}"',
            f'ALTER TABLE "{self.table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{self.table}" DISABLE ROW LEVEL SECURITY',
        ]


class PlatformOnly(_Statements):
    """Row-level security with FORCE on `table`, which is the platform's: no tenant reads or writes it."""

    def __init__(self, table: str) -> None:
        self.table = table

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.table], {})

    def describe(self) -> str:
        return f"{self.table} is for the platform alone"

    def forward(self) -> list[str]:
        return [
            f'ALTER TABLE "{self.table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{self.table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY platform_scope ON "{self.table}" USING ({PLATFORM_ONCE}) WITH CHECK ({PLATFORM})',
        ]

    def backward(self) -> list[str]:
        return [
            f'DROP POLICY platform_scope ON "{self.table}"',
            f'ALTER TABLE "{self.table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{self.table}" DISABLE ROW LEVEL SECURITY',
        ]


class ReadSettingsOnce(_Statements):
    """Gives the policies that were made before `TENANT_ONCE` the form that reads the settings once."""

    def describe(self) -> str:
        return "Row-level security reads its settings once for a statement"

    def forward(self) -> list[str]:
        return [
            f"""
            DO $do$ DECLARE policy record; BEGIN
              FOR policy IN SELECT tablename, policyname, substring(qual FROM '^.([a-z_]+) = ') AS own
                              FROM pg_policies
                             WHERE schemaname = current_schema() AND qual NOT LIKE '%SELECT%'
                               AND policyname IN ('tenant_isolation', 'platform_scope')
              LOOP
                EXECUTE format(
                  'ALTER POLICY %I ON %I USING (%s)', policy.policyname, policy.tablename,
                  CASE policy.policyname WHEN 'platform_scope' THEN $sql${PLATFORM_ONCE}$sql$
                  ELSE format('%I = %s', policy.own, $sql${TENANT_ONCE}$sql$) END);
              END LOOP;
            END $do$
            """  # noqa: S608
        ]

    def backward(self) -> list[str]:
        return []


class CompositeForeignKey(_Statements):
    """`table (tenant_id, column)` references `to_table (tenant_id, id)`: never another tenant's row.

    Declare the Django field with ``db_constraint=False``: this is its constraint. Checked at commit,
    like Django's own. The unique index it needs on `to_table` is made when missing.
    """

    def __init__(self, table: str, column: str, to_table: str) -> None:
        self.table = table
        self.column = column
        self.to_table = to_table

    @property
    def name(self) -> str:
        return f"{self.table}_{self.column}_same_tenant"[:63]

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.table, self.column, self.to_table], {})

    def describe(self) -> str:
        return f"{self.table}.{self.column} references {self.to_table} of the same tenant"

    def forward(self) -> list[str]:
        index = f'"{self.to_table}_tenant_id_id" ON "{self.to_table}" (tenant_id, id)'
        key = f'FOREIGN KEY (tenant_id, "{self.column}") REFERENCES "{self.to_table}" (tenant_id, id)'
        return [
            f"CREATE UNIQUE INDEX IF NOT EXISTS {index}",
            f'ALTER TABLE "{self.table}" ADD CONSTRAINT "{self.name}" {key} DEFERRABLE INITIALLY DEFERRED',
        ]

    def backward(self) -> list[str]:
        return [f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.name}"']
