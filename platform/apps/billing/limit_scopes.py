"""Whose limits there can be beside the tenant's own: each domain names its model."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.billing.models import LimitScope
from tenants.models import TenantModel

_models: dict[str, type[TenantModel]] = {}


def limited(scope: LimitScope, model: type[TenantModel]) -> None:
    """Rows of `model`, which have a `name`, may have limits of `scope`. Called as applications start."""
    _models[scope] = model


def prefix_of(scope: str) -> str:
    """Of the public ids; "" for the tenant itself, and for a scope that nobody has told of."""
    model = _models.get(scope)
    return model.id_prefix if model else ""


def name_of(scope: str, row_id: UUID) -> str | None:
    """Of the tenant in force; None when there is no such row."""
    rows: Any = _models[scope]._default_manager.filter(pk=row_id)
    name: str | None = rows.values_list("name", flat=True).first()
    return name
