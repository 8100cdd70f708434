"""Every model that pghistory tracks gets a trigger that writes the audit log. Nobody can forget it."""

from __future__ import annotations

import re
from functools import cache

import pgtrigger
from django.apps import apps
from django.db import models

from tenants.secrets import EncryptedText

NAME = "audit"
_NEVER = {"id", "tenant_id", "created_at", "updated_at"}


def watch_tracked_models() -> None:
    """Registers the trigger with each model under `pghistory.track`; `makemigrations` then installs it."""
    for model in tracked_models().values():
        pgtrigger.register(_trigger(model))(model)


@cache
def tracked_models() -> dict[str, type[models.Model]]:
    """The tracked models by the `object_type` of their entries."""
    return {object_type(m): m for m in apps.get_models() if getattr(m, "pgh_event_models", None)}


def object_type(model: type[models.Model]) -> str:
    """``phone_number`` for PhoneNumber."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", model.__name__).lower()


def _trigger(model: type[models.Model]) -> pgtrigger.Trigger:
    secrets = {str(f.column) for f in model._meta.concrete_fields if _is_secret(f)}
    hidden = (_untracked(model) | _NEVER) - secrets
    call = "audit_record_change(TG_OP, '{}', {}, {}, {}, {})"
    return pgtrigger.Trigger(
        name=NAME,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func="PERFORM "
        + call.format(
            object_type(model),
            "CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END",
            "CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END",
            _array(hidden),
            _array(secrets),
        )
        + "; RETURN NULL;",
    )


def _is_secret(field: models.Field) -> bool:  # type: ignore[type-arg]
    return isinstance(field, EncryptedText | models.BinaryField)


def _untracked(model: type[models.Model]) -> set[str]:
    """The columns that pghistory leaves out: noise, like `last_used_at`."""
    tracked: set[str] = set()
    for event_model in model.pgh_event_models.values():  # type: ignore[attr-defined]
        tracked |= {str(f.column) for f in event_model._meta.concrete_fields}
    return {str(f.column) for f in model._meta.concrete_fields} - tracked


def _array(names: set[str]) -> str:
    return "ARRAY[" + ", ".join(f"'{name}'" for name in sorted(names)) + "]::text[]"
