"""Entries for acts that no trigger sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from tenants.audit.context import actor_now
from tenants.audit.models import AuditEntry
from tenants.audit.triggers import object_type
from tenants.models import User
from tenants.scope import current_tenant_id, platform_scope
from tenants.selectors import NO_SESSION, Session, memberships_of

LABEL_CHARS = 300


def record(
    action: str,
    *,
    of: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **actor: Any,
) -> AuditEntry:
    """Notes that `action` happened, to the object `of`, in the tenant in force.

    Who acts is taken from the context; `actor` overrides its columns. `before` and `after` hold the
    changed fields, JSON values, never a secret.
    """
    told = _entry(action, of, before, after) | actor
    return AuditEntry.objects.create(tenant_id=current_tenant_id(), **told)


def record_for_tenants_of(
    user: User,
    action: str,
    *,
    session: Session = NO_SESSION,
    after: Mapping[str, Any] | None = None,
    **actor: Any,
) -> int:
    """Notes an act of a person (a login) in every tenant they belong to, and nowhere else: in how many.

    With a `session` of single sign-on, only in the tenant that it reaches.
    """
    acting = {"actor_kind": "user", "actor_id": user.public_id, "actor_label": user.email}
    entry = _entry(action, user, None, after) | acting | actor
    with platform_scope():
        tenants = memberships_of(user, session=session)
        AuditEntry.objects.bulk_create(AuditEntry(tenant_id=pk, **entry) for pk in tenants)
    return len(tenants)


def record_for_platform(action: str, *, of: models.Model, label: str = "", **actor: Any) -> None:
    """Notes something for the platform's own staff; no tenant sees it."""
    entry = _entry(action, of, None, None) | ({"object_label": label[:LABEL_CHARS]} if label else {})
    with platform_scope():
        AuditEntry.objects.create(tenant=None, **entry | actor)


def _entry(
    action: str, of: models.Model | None, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> dict[str, Any]:
    about = {
        "object_type": object_type(of._meta.model) if of is not None else "",
        "object_id": of.pk if of is not None else None,
        "object_label": str(of)[:LABEL_CHARS] if of is not None else "",
    }
    changes = {"before": dict(before or {}), "after": dict(after or {})}
    return actor_now() | about | changes | {"action": action}
