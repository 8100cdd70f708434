"""A suspended tenant: its members see everything and change nothing, and no call begins.

Three places ask: the permission class of the REST API, and the services that admit, place and claim
calls. Calls in progress go on to their end.
"""

from __future__ import annotations

from django.utils import timezone

from tenants.errors import InvalidInput, NotAllowed
from tenants.models import Tenant
from tenants.scope import current_tenant_id, platform_scope

WORDS = "This tenant is suspended: everything can be read, nothing changed, no call begins. Ask support."


class TenantSuspended(NotAllowed):
    """The tenant in force is suspended."""

    code = "tenant_suspended"

    def __init__(self) -> None:
        super().__init__(WORDS)


def is_suspended() -> bool:
    """Whether the tenant in force is."""
    return Tenant.objects.filter(pk=current_tenant_id(), suspended_at__isnull=False).exists()


def ensure_active() -> None:
    """TenantSuspended when the tenant in force is."""
    if is_suspended():
        raise TenantSuspended


def suspend(*, tenant: Tenant, reason: str) -> Tenant:
    """Stop `tenant`, for a reason that its members may read; again, to change the reason."""
    if not reason.strip():
        raise InvalidInput("Say why: the members of the tenant read it.", field="reason")
    with platform_scope():
        fresh = Tenant.objects.select_for_update().get(pk=tenant.pk)
        fresh.suspended_at = fresh.suspended_at or timezone.now()
        fresh.suspended_reason = reason.strip()[:300]
        fresh.save(update_fields=["suspended_at", "suspended_reason", "updated_at"])
    return fresh


def unsuspend(*, tenant: Tenant) -> Tenant:
    """Let `tenant` work again."""
    with platform_scope():
        fresh = Tenant.objects.select_for_update().get(pk=tenant.pk)
        fresh.suspended_at, fresh.suspended_reason = None, ""
        fresh.save(update_fields=["suspended_at", "suspended_reason", "updated_at"])
    return fresh
