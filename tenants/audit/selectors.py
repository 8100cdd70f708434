"""Reads of the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from tenants.audit.models import AuditEntry
from tenants.audit.triggers import object_type, tracked_models
from tenants.ids import to_public

_ADDRESS = re.compile(r"[0-9a-fA-F.:]+")


@dataclass(frozen=True, slots=True)
class Change:
    """One field's values before and after, dotted inside JSON columns. A secret is "(secret)" or None."""

    field: str
    before: Any
    after: Any


def list_entries() -> QuerySet[AuditEntry]:
    """The entries of the tenant in force."""
    return AuditEntry.objects.all()


def last_entry_of(row: models.Model) -> AuditEntry | None:
    """The newest entry about `row`, of the tenant in force."""
    return list_entries().filter(object_id=row.pk).order_by("-id").first()


def searched(entries: QuerySet[AuditEntry], text: str) -> QuerySet[AuditEntry]:
    """Those entries in whose names `text` occurs, or that come from the address `text`."""
    found = Q(words__contains=text.lower())
    if _ADDRESS.fullmatch(text):
        found |= Q(ip__startswith=text)
    return entries.filter(found)


def changes_of(entry: AuditEntry) -> list[Change]:
    """What changed, by field; of a changed JSON column the parts that differ. References are public ids."""
    columns = sorted(entry.before.keys() | entry.after.keys())
    both = entry.before and entry.after
    return [change for column in columns for change in _of_column(entry, column, deep=bool(both))]


def object_public_id(entry: AuditEntry) -> str:
    """The object's id as the API shows it; empty when the entry is about none."""
    if entry.object_id is None:
        return ""
    return to_public(_prefixes().get(entry.object_type, ""), entry.object_id)


def _of_column(entry: AuditEntry, column: str, *, deep: bool) -> Iterator[Change]:
    before, after = entry.before.get(column), entry.after.get(column)
    name, prefix = _columns(entry.object_type).get(column, (column, None))
    if prefix is not None:
        yield Change(name, _reference(prefix, before), _reference(prefix, after))
    else:
        yield from _differences(name, before, after, deep=deep)


def _differences(name: str, before: Any, after: Any, *, deep: bool) -> Iterator[Change]:
    if deep and isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield from _differences(f"{name}.{key}", before.get(key), after.get(key), deep=True)
    else:
        yield Change(name, before, after)


def _reference(prefix: str, value: Any) -> Any:
    return to_public(prefix, UUID(value)) if isinstance(value, str) and value else value


@cache
def _columns(kind: str) -> dict[str, tuple[str, str | None]]:
    """For each foreign key's column the field's name and the prefix of the ids it holds."""
    model = tracked_models().get(kind)
    keys = [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)] if model else []
    return {f.column: (f.name, getattr(f.related_model, "id_prefix", None) or None) for f in keys}


@cache
def _prefixes() -> dict[str, str]:
    prefixes = {object_type(model): getattr(model, "id_prefix", "") for model in apps.get_models()}
    return prefixes | {"user": "usr_", "tenant": "ten_"}
