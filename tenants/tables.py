"""Which tables hold a tenant's rows: found in Django's registry, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import IO, Any
from uuid import UUID

import pghistory.models
from django.apps import apps
from django.db import models

from tenants.ids import to_public
from tenants.models import Tenant
from tenants.secrets import EncryptedText
from tenants.signals import tenant_files


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Something a tenant has outside the database.

    `name` is its place in an export, empty for what has none; `open` raises FileNotFoundError when it is
    gone; `delete` may be called twice.
    """

    name: str
    open: Callable[[], IO[bytes]]
    delete: Callable[[], None]


def stored_files(tenant: Tenant) -> Iterator[StoredFile]:
    """What the domains keep of `tenant` outside the database. Outside any scope."""
    for _, files in tenant_files.send(Tenant, tenant=tenant):
        yield from files or ()  # type: ignore[misc]


def tenant_models() -> list[type[models.Model]]:
    """Every model with rows of a tenant, but the tenant itself."""
    return [m for m in apps.get_models() if m is not Tenant and _tenant_column(m) and not m._meta.proxy]


def tenant_column(model: type[models.Model]) -> str:
    """The column of `model` that holds the tenant's id."""
    return "id" if model is Tenant else (_tenant_column(model) or "")


def is_history(model: type[models.Model]) -> bool:
    """Whether pghistory writes the rows: copies of other rows as they once were."""
    return issubclass(model, pghistory.models.Event)


@cache
def shown_fields(model: type[models.Model]) -> list[models.Field]:  # type: ignore[type-arg]
    """The columns that an export may hold: no secrets, no digests."""
    hidden, never = (EncryptedText, models.BinaryField), {"tenant", "digest"}
    return [f for f in model._meta.concrete_fields if not isinstance(f, hidden) and f.name not in never]


def shown_row(row: models.Model) -> dict[str, Any]:
    """A row as exports hold it: `shown_fields` by name, ids as the API shows them, the rest as JSON."""
    return {field.name: _shown(field, row) for field in shown_fields(type(row))}


def _shown(field: models.Field, row: models.Model) -> Any:  # type: ignore[type-arg]
    value = getattr(row, field.attname)
    owner = field.related_model if isinstance(field, models.ForeignKey) else type(row)
    if isinstance(value, UUID) and (field.primary_key or isinstance(field, models.ForeignKey)):
        return to_public(getattr(owner, "id_prefix", ""), value)
    plain = value is None or isinstance(value, str | int | float | bool | list | dict)
    return value if plain or hasattr(value, "isoformat") else str(value)


def referred_to(among: list[type[models.Model]]) -> set[type[models.Model]]:
    """Those models that others of them refer to."""
    fields = [field for model in among if not is_history(model) for field in model._meta.concrete_fields]
    return {f.related_model for f in fields if isinstance(f, models.ForeignKey)} & set(among)


def _tenant_column(model: type[models.Model]) -> str | None:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model is Tenant:
            return field.column
    return None
