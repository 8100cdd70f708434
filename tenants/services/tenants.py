"""Writes of tenants themselves."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from tenants.audit.models import AuditEntry
from tenants.countries import checked
from tenants.errors import Conflict, InvalidInput, LimitReached
from tenants.models import Membership, Tenant, User
from tenants.permissions import Role
from tenants.scope import platform_scope
from tenants.signals import tenant_made

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SLUG_LENGTH = 63
A_DAY = 20
"""Tenants that a person may make in 24 hours: each may send mails to strangers (`invitations.A_DAY`)."""


def create_tenant(*, name: str, slug: str = "", owner: User | None = None) -> Tenant:
    """A new tenant, owned by `owner`; an empty slug is made from the name.

    InvalidInput for an empty name or a bad slug, Conflict for a slug that is taken, LimitReached beyond
    `A_DAY`.
    """
    name = _checked_name(name)
    if slug and not _SLUG.fullmatch(slug):
        raise InvalidInput("Use 1 to 63 lower-case letters, digits and hyphens.", field="slug")
    with platform_scope():
        if owner is not None:
            _check_not_too_many(owner)
        try:
            with transaction.atomic():
                tenant = Tenant.objects.create(name=name, slug=slug or _free_slug(name))
        except IntegrityError as error:
            raise Conflict(
                f"A tenant with the slug {slug!r} exists." if slug else "Please try again.", field="slug"
            ) from error
        if owner is not None:
            Membership.objects.create(tenant=tenant, user=owner, role=Role.OWNER)
        tenant_made.send(Tenant, tenant=tenant)
    return tenant


def rename_tenant(*, tenant: Tenant, name: str) -> Tenant:
    """Change the name that people see; the slug stays, because links hold it."""
    tenant.name = _checked_name(name)
    tenant.save(update_fields=["name", "updated_at"])
    return tenant


def allow_countries(*, tenant: Tenant, countries: Iterable[str], field: str = "allowed_countries") -> Tenant:
    """Where calls may go and callers be handed on to; none: the countries that the tenant has numbers and
    trunks in. InvalidInput names `field`."""
    tenant.allowed_countries = checked(countries, field=field)
    tenant.save(update_fields=["allowed_countries", "updated_at"])
    return tenant


def _check_not_too_many(owner: User) -> None:
    """Those that were deleted again count too. The lock keeps two requests from counting the same."""
    User.objects.select_for_update().get(pk=owner.pk)
    since = timezone.now() - timedelta(days=1)
    made = Membership.objects.filter(user=owner, role=Role.OWNER, created_at__gte=since).count()
    left = AuditEntry.objects.filter(
        tenant=None, action="tenant_leaving", actor_id=owner.public_id, at__gte=since
    ).count()
    if made + left >= A_DAY:
        raise LimitReached(f"At most {A_DAY} new tenants a day.", retry_after_s=3600)


def _checked_name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("Give the tenant a name.", field="name")
    return name.strip()


def _free_slug(name: str) -> str:
    """`name` as a slug; when that is taken, or nothing is left of it, with a few random letters."""
    slug = slugify(name)[: _SLUG_LENGTH - 7].replace("_", "-").strip("-")
    if slug and not Tenant.objects.filter(slug=slug).exists():
        return slug
    return f"{slug or 'tenant'}-{secrets.token_hex(3)}"
