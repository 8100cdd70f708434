"""How the database is emptied after a test that really commits.

Django truncates every table, which makes hundreds of files anew, and then looks up every permission: the
better part of a second of computing. A test leaves a few rows, so these are deleted instead.
"""

from __future__ import annotations

from functools import cache

import pgtrigger
from django.db import connection
from django.test import TransactionTestCase

from tenants.scope import platform_scope

KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
"""Made by migrating; no test changes them."""


def empty_database(_case: TransactionTestCase) -> None:
    """In one transaction: all foreign keys are looked at when it ends, when nothing is left."""
    with pgtrigger.ignore(), platform_scope(), connection.cursor() as cursor:
        cursor.execute(_statements())


@cache
def _statements() -> str:
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    return ";".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)  # noqa: S608
