"""Writes of API keys.

A key belongs to the tenant, not to a person: when its maker leaves or gets a lower role it goes on
working (a campaign must not stop because somebody changed jobs) and is shown with the maker's name, so
that an owner can rotate or revoke it.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone

from tenants.errors import Conflict, InvalidInput, NotAllowed
from tenants.models import ApiKey, Tenant, User
from tenants.permissions import ALL_PERMISSIONS
from tenants.principals import Principal
from tenants.scope import tenant_scope
from tenants.selectors import digest_of, get_api_key, user_of

_ALPHABET = string.ascii_letters + string.digits


def create_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Collection[str],
    mode: Literal["live", "test"] = "live",
    expires_at: datetime | None = None,
    created_by: User | None = None,
    by: Principal | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown this once.

    `by` is whoever asks for it: NotAllowed when the key would do more than they may. InvalidInput for
    an empty name, bad scopes or a past expiry.
    """
    if not name.strip():
        raise InvalidInput("Say what the key is for.", field="name")
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
    if by is not None:
        _check_within(by, scopes, mode, expires_at)
        created_by = user_of(by)
    prefix = f"tl_{mode}_{_random(12)}"
    secret = f"{prefix}_{_random(32)}"
    with tenant_scope(tenant.pk):
        key = ApiKey.objects.create(
            name=name.strip(),
            mode=mode,
            prefix=prefix,
            digest=digest_of(secret),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
            created_by=created_by,
        )
    return key, secret


def rename_api_key(*, key: ApiKey, name: str) -> ApiKey:
    """Change what people call the key. InvalidInput for an empty name."""
    if not name.strip():
        raise InvalidInput("Say what the key is for.", field="name")
    key.name = name.strip()
    key.save(update_fields=["name", "updated_at"])
    return key


def rotate_api_key(*, key: ApiKey, by: Principal, expire_old_in_s: int = 0) -> tuple[ApiKey, str]:
    """A new key like `key` and its secret; the old one still works for `expire_old_in_s` seconds.

    Conflict when the old one is closed already, NotAllowed when it does more than `by` may or is not
    theirs to close.
    """
    _check_own(key, by)
    old = get_api_key(key.pk, lock=True)
    now = timezone.now()
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise Conflict("This key is closed already: make a new one.", code="key_closed")
    new, secret = create_api_key(
        tenant=old.tenant,
        name=old.name,
        scopes=old.scopes,
        mode="test" if old.mode == "test" else "live",
        expires_at=old.expires_at,
        by=by,
    )
    end = now + timedelta(seconds=expire_old_in_s)
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    old.save(update_fields=["expires_at", "updated_at"])
    return new, secret


def revoke_api_key(*, key: ApiKey, by: Principal | None = None) -> ApiKey:
    """Close `key` for good; revoking twice keeps the first time.

    NotAllowed when `by` may close their own keys only and this is somebody else's.
    """
    _check_own(key, by)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at", "updated_at"])
    return key


def _check_within(by: Principal, scopes: Collection[str], mode: str, expires_at: datetime | None) -> None:
    """Nobody hands on what they do not have."""
    beyond = sorted(set(scopes) - by.permissions)
    if beyond:
        raise NotAllowed(f"You do not have these permissions yourself: {', '.join(beyond)}.", field="scopes")
    if mode == "live" and by.mode == "test":
        raise NotAllowed("A test key cannot make a live key.", field="mode")
    if by.expires_at is not None and (expires_at is None or expires_at > by.expires_at):
        raise NotAllowed("A key cannot make one that outlives it.", field="expires_at")


def _check_own(key: ApiKey, by: Principal | None) -> None:
    """Who leads the team closes every key, others those they made (or whose maker made this key, too)."""
    if by is None or by.may("team.write") or by.id == key.pk:
        return
    if key.created_by_id is None or key.created_by_id != by.user_id:
        raise NotAllowed("Somebody else made this key: its maker, an admin or an owner can close it.")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
