"""The database role must not walk past row-level security."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def role_obeys_policies(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Error for each database whose role is a superuser or has BYPASSRLS."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            role, unbound = cursor.fetchone()
        if unbound:
            found.append(
                Error(
                    f"The database role {role!r} is a superuser or has BYPASSRLS: it would see every tenant.",
                    hint="Name a role made with NOSUPERUSER NOBYPASSRLS in DATABASE_URL.",
                    id="tenants.E001",
                )
            )
    return found
