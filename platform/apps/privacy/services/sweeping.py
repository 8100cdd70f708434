"""What is left of a number anywhere: all tables of a tenant are looked through, found in Django's registry.

Where a number still stands in somebody else's rows (a caller said it, a webhook's receiver answered with it,
the audit log has it) it is blacked out. What people wrote into their own configuration is not changed: an
agent would say or dial something else. That is told, so that they can.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from apps.api.models import IdempotencyKey
from apps.calls.models import Call, TurnWord
from apps.privacy.models import PersonRequest
from apps.privacy.selectors import Holds, live_holds
from apps.privacy.services.erasing import erasing
from apps.privacy.services.works import delete_rows
from apps.privacy.spellings import Spelled
from tenants.ids import to_public
from tenants.scope import tenant_scope
from tenants.secrets import EncryptedText
from tenants.tables import is_history, tenant_models

PAGE = 200
TOLD = 100
"""Places of their own configuration that a report names."""

CONFIGURATION_APPS = frozenset({"agents", "knowledge", "numbers", "trunks", "vendors", "tenants", "edge"})
CONFIGURATION = frozenset(
    {
        "campaigns.Campaign",
        "suites.Suite",
        "suites.SuiteRun",
        "suites.Publication",
        "webhooks.Endpoint",
        "webhooks.CallHook",
    }
)
"""What people wrote, beside all of `CONFIGURATION_APPS`; and what histories keep of it."""

WHOLE: tuple[type[models.Model], ...] = (IdempotencyKey, TurnWord)
"""Rows that go whole, instead of being changed."""


def is_configuration(model: type[models.Model]) -> bool:
    """Whether a person of the tenant wrote what the rows of `model` hold."""
    if is_history(model):
        tracked = model._meta.get_field("pgh_obj").related_model
        return isinstance(tracked, type) and is_configuration(tracked)
    return model._meta.app_label in CONFIGURATION_APPS or model._meta.label in CONFIGURATION


def sweep(request: PersonRequest, number: Spelled) -> Iterator[tuple[str, int]]:
    """Blacks the number out wherever it may be; the name of each table as it is gone through, and in how many
    rows it stood."""
    for model in swept_models():
        if not is_configuration(model):
            yield model._meta.label, _sweep_table(request, number, model)


def left_in_configuration(request: PersonRequest, number: Spelled) -> list[dict[str, str]]:
    """Where people wrote the number themselves: [{"what": "agents.Agent", "id": "agt_..."}]."""
    places: list[dict[str, str]] = []
    for model in swept_models():
        if not is_configuration(model) or is_history(model):
            continue
        with tenant_scope(request.tenant_id):
            found = standing_in(model, number).values_list("pk", flat=True)[:TOLD]
            prefix = getattr(model, "id_prefix", "")
            places += [{"what": model._meta.label, "id": _public(prefix, pk)} for pk in found]
    return places[:TOLD]


def kept_by_holds(request: PersonRequest, number: Spelled) -> int:
    """Rows of held calls in which the number still stands: they are not touched."""
    with tenant_scope(request.tenant_id):
        holds = live_holds()
        if not holds.rows:
            return 0
        models_ = [m for m in swept_models() if not is_configuration(m)]
        return sum(standing_in(m, number).filter(_held(m, holds)).count() for m in models_)


def standing_in(model: type[models.Model], number: Spelled) -> QuerySet[Any]:
    """Rows of `model` that have the number in one of their texts; in the scope of the tenant in force."""
    columns = text_columns(model)
    casts = {f"{name}_as_text": Cast(name, TextField()) for name in columns}
    found = reduce(or_, [Q(**{f"{name}_as_text__regex": number.pattern}) for name in columns])
    rows: QuerySet[Any] = model._default_manager.alias(**casts).filter(found)
    return rows


@cache
def swept_models() -> tuple[type[models.Model], ...]:
    """Tables of tenants that have texts."""
    return tuple(model for model in tenant_models() if text_columns(model))


@cache
def text_columns(model: type[models.Model]) -> tuple[str, ...]:
    """Columns in which a number may stand: texts and JSON, not what is encrypted or computed from others."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return tuple(
        field.attname
        for field in model._meta.concrete_fields
        if not isinstance(field, EncryptedText)
        and (
            isinstance(field, kinds)
            or (isinstance(field, ArrayField) and isinstance(field.base_field, models.CharField))
        )
    )


def _sweep_table(request: PersonRequest, number: Spelled, model: type[models.Model]) -> int:
    changed = 0
    while True:
        with erasing(request.tenant_id):
            rows = _to_change(request, number, model)
            page = list(rows.order_by("pk").values_list("pk", flat=True)[:PAGE])
            if page and model in WHOLE:
                delete_rows(model._default_manager.filter(pk__in=page))
            else:
                mask_rows(model, page, number)
        changed += len(page)
        if len(page) < PAGE:
            return changed


def _to_change(request: PersonRequest, number: Spelled, model: type[models.Model]) -> QuerySet[Any]:
    rows = standing_in(model, number).exclude(_held(model, live_holds()))
    # The request itself is asked with the number until it has ended.
    return rows.exclude(pk=request.pk) if model is PersonRequest else rows


def _held(model: type[models.Model], holds: Holds) -> Q:
    """Rows of held calls."""
    if holds.everything:
        return Q(pk__isnull=False)
    if not holds.rows:
        return Q(pk__in=[])
    if model is Call:
        return holds.calls()
    names = [f.name for f in model._meta.concrete_fields if f.related_model is Call and not is_history(model)]
    return reduce(or_, [Q(**{f"{name}__in": holds.held_calls}) for name in names], Q(pk__in=[]))


def mask_rows(model: type[models.Model], page: list[Any], number: Spelled) -> None:
    for row in model._default_manager.filter(pk__in=page):
        values = {name: getattr(row, name) for name in text_columns(model)}
        masked = {name: number.masked(value) for name, value in values.items()}
        changes = {name: value for name, value in masked.items() if value != values[name]}
        model._default_manager.filter(pk=row.pk).update(**changes)


def _public(prefix: str, pk: Any) -> str:
    return to_public(prefix, pk) if hasattr(pk, "hex") else str(pk)
