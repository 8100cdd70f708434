"""Whose rows may be seen: every query on a tenant's data runs inside one of these two scopes.

A scope is a transaction, the setting that row-level security reads (transaction-local: the session
form would leak through the connection pool) and a context variable that the managers read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db import connection, transaction


class TenantScopeMissing(RuntimeError):
    """Tenant data was touched outside `tenant_scope` and `platform_scope`: a bug, never an input error."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope in force: one tenant, or (tenant_id None) the whole platform."""

    tenant_id: UUID | None


_current: ContextVar[Scope | None] = ContextVar("tenant_scope", default=None)


def current_scope() -> Scope:
    """The scope in force. TenantScopeMissing outside any."""
    scope = _current.get()
    if scope is None:
        raise TenantScopeMissing(
            "no tenant in force: run this inside tenant_scope(tenant_id), or platform_scope() for the "
            "platform's own work across tenants"
        )
    return scope


def current_tenant_id() -> UUID:
    """The tenant in force. TenantScopeMissing outside `tenant_scope`."""
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise TenantScopeMissing("the platform scope has no tenant: use tenant_scope(tenant_id)")
    return tenant_id


def tenant_of_new_row() -> UUID:
    """Default of `TenantModel.tenant`. In the platform scope it is None: the tenant must be given there."""
    return cast(UUID, current_scope().tenant_id)


@contextmanager
def tenant_scope(tenant_id: UUID, *, statement_timeout_s: int | None = None) -> Iterator[UUID]:
    """Run the block in a transaction as `tenant_id`. Entering another tenant's scope inside is refused.

    With `statement_timeout_s` PostgreSQL ends every statement of the transaction that takes longer.
    """
    outer = _current.get()
    if outer is not None and outer.tenant_id not in (None, tenant_id):
        raise RuntimeError("a tenant's scope cannot be entered from another tenant's")
    with _entered(Scope(tenant_id), statement_timeout_s):
        yield tenant_id


def statements_may_take(seconds: int) -> None:
    """For the rest of the transaction: what changes a million rows at somebody's word is no runaway query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])


@contextmanager
def platform_scope() -> Iterator[None]:
    """Run the block in a transaction that sees every tenant: the platform's own cross-tenant work only."""
    with _entered(Scope(None)):
        yield


@contextmanager
def _entered(scope: Scope, statement_timeout_s: int | None = None) -> Iterator[None]:
    outer = _current.get()
    nested = connection.in_atomic_block
    with transaction.atomic():
        _apply(scope, statement_timeout_s)
        token = _current.set(scope)
        try:
            yield
        finally:
            _current.reset(token)
        # The settings end with the transaction; an exception, or set_rollback(True), undoes them with
        # a subtransaction.
        if nested and not connection.needs_rollback:
            _apply(outer)


def _apply(scope: Scope | None, statement_timeout_s: int | None = None) -> None:
    tenant = str(scope.tenant_id) if scope and scope.tenant_id else ""
    platform = "on" if scope and scope.tenant_id is None else ""
    settings = {"app.tenant": tenant, "app.platform": platform}
    if statement_timeout_s is not None:
        settings["statement_timeout"] = f"{statement_timeout_s}s"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(settings)),
            [part for setting in settings.items() for part in setting],
        )
