"""Writes: tenants, people, memberships, keys."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Collection
from datetime import datetime
from typing import Literal

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from tenants.errors import Conflict, InvalidInput
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.permissions import ALL_PERMISSIONS, Role
from tenants.scope import platform_scope, tenant_scope
from tenants.selectors import digest_of

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ALPHABET = string.ascii_letters + string.digits


def create_tenant(*, name: str, slug: str, owner: User | None = None) -> Tenant:
    """A new tenant, owned by `owner`. InvalidInput for a bad slug, Conflict for one that is taken."""
    if not name.strip():
        raise InvalidInput("Give the tenant a name.", field="name")
    if not _SLUG.fullmatch(slug):
        raise InvalidInput("Use 1 to 63 lower-case letters, digits and hyphens.", field="slug")
    with platform_scope():
        if Tenant.objects.filter(slug=slug).exists():
            raise Conflict(f"A tenant with the slug {slug!r} exists.", field="slug")
        tenant = Tenant.objects.create(name=name.strip(), slug=slug)
        if owner is not None:
            Membership.objects.create(tenant=tenant, user=owner, role=Role.OWNER)
    return tenant


def create_user(*, email: str, password: str | None = None, full_name: str = "") -> User:
    """A new user. InvalidInput for a bad address or a weak password, Conflict for a taken address."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput("This is not an e-mail address.", field="email") from error
    if password is not None:
        try:
            validate_password(password)
        except ValidationError as error:
            raise InvalidInput(" ".join(error.messages), field="password") from error
    with transaction.atomic():
        if User.objects.filter(email__iexact=email).exists():
            raise Conflict("A user with this e-mail address exists.", field="email")
        return User.objects.create_user(email, password, full_name=full_name)


def add_member(*, tenant: Tenant, user: User, role: str) -> Membership:
    """Make `user` a member, or change the role they have. InvalidInput for an unknown role."""
    if role not in set(Role):
        raise InvalidInput(f"Choose one of {', '.join(Role)}.", field="role")
    with tenant_scope(tenant.pk):
        membership, _ = Membership.objects.update_or_create(user=user, defaults={"role": role})
    return membership


def create_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Collection[str],
    mode: Literal["live", "test"] = "live",
    expires_at: datetime | None = None,
    created_by: User | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown this once. InvalidInput: bad scopes or a past expiry."""
    unknown = sorted(set(scopes) - ALL_PERMISSIONS)
    if unknown or not scopes:
        raise InvalidInput(
            f"Unknown scopes: {', '.join(unknown) or 'none given'}. Choose among "
            f"{', '.join(sorted(ALL_PERMISSIONS))}.",
            field="scopes",
        )
    if mode not in ("live", "test"):
        raise InvalidInput("Choose live or test.", field="mode")
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput("The expiry must lie in the future.", field="expires_at")
    prefix = f"tl_{mode}_{_random(12)}"
    secret = f"{prefix}_{_random(32)}"
    with tenant_scope(tenant.pk):
        key = ApiKey.objects.create(
            name=name,
            mode=mode,
            prefix=prefix,
            digest=digest_of(secret),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
            created_by=created_by,
        )
    return key, secret


def revoke_api_key(*, key: ApiKey) -> ApiKey:
    """Close `key` for good; revoking twice keeps the first time."""
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at", "updated_at"])
    return key


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
