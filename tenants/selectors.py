"""Reads: who stands behind a credential, and what belongs to a tenant."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from types import MappingProxyType, SimpleNamespace
from typing import Any, TypeVar
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from tenants.errors import NotFound
from tenants.ids import from_public
from tenants.impersonation import impersonation_is_over
from tenants.models import ApiKey, Invitation, Membership, Tenant, User
from tenants.permissions import LIVE_ONLY, Role, permissions_of
from tenants.principals import AuthenticationRefused, Principal
from tenants.scope import current_tenant_id, platform_scope
from tenants.sso.reach import SSO_SESSION, SSO_SESSION_TEXT, is_impersonation, sso_tenant
from tenants.sso.selectors import must_use_sso, tenants_that_claim

M = TypeVar("M", bound=Model)
Session = Mapping[str, Any] | SessionBase
NO_SESSION: Session = MappingProxyType({})
"""For who did not come by a cookie."""

_KEY = re.compile(r"(?P<prefix>tl_(?:live|test)_[A-Za-z0-9]{12})_[A-Za-z0-9]{32}")
LAST_USED_STEP = timedelta(minutes=1)


def split_key(secret: str) -> str:
    """The stored prefix of an API key. AuthenticationRefused for anything of another form."""
    key = _KEY.fullmatch(secret)
    if key is None:
        raise AuthenticationRefused("This is not an API key: one begins with tl_live_ or tl_test_.")
    return key["prefix"]


def digest_of(secret: str) -> bytes:
    """SHA-256: enough for a secret of 190 random bits, and fast on every request."""
    return hashlib.sha256(secret.encode()).digest()


def principal_for_api_key(secret: str) -> Principal:
    """Whoever holds `secret`. AuthenticationRefused when it is unknown, revoked or expired."""
    prefix = split_key(secret)
    with platform_scope():
        key = ApiKey.objects.select_related("tenant").filter(prefix=prefix).first()
        known = key is not None and key.tenant.deleting_at is None
        if key is None or not known or not hmac.compare_digest(bytes(key.digest), digest_of(secret)):
            raise AuthenticationRefused("This API key does not exist.")
        now = timezone.now()
        if key.revoked_at is not None:
            raise AuthenticationRefused("This API key was revoked.", "key_revoked")
        if key.expires_at is not None and key.expires_at <= now:
            raise AuthenticationRefused("This API key has expired.", "key_expired")
        if key.last_used_at is None or now - key.last_used_at >= LAST_USED_STEP:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now.replace(second=0, microsecond=0))
    return Principal(
        kind="api_key",
        id=key.pk,
        tenant_id=key.tenant_id,
        permissions=frozenset(key.scopes) - (LIVE_ONLY if key.mode == "test" else frozenset()),
        user_id=key.created_by_id,
        mode="test" if key.mode == "test" else "live",
        label=str(key),
        suspended=key.tenant.suspended,
        expires_at=key.expires_at,
    )


def principal_for_user(user: User, tenant: str = "", *, session: Session = NO_SESSION) -> Principal:
    """`user` in the tenant named by the public id `tenant`, or in their only one that `session` reaches.

    AuthenticationRefused when they are not a member, have several tenants and name none, or must come in
    by the tenant's single sign-on and have not.
    """
    memberships = memberships_of(user, session=session)
    if tenant:
        memberships = {k: m for k, m in memberships.items() if k == _tenant_id(tenant)}
    if not memberships:
        if sso_tenant(session):
            raise AuthenticationRefused(SSO_SESSION_TEXT, SSO_SESSION)
        raise AuthenticationRefused("You are not a member of this tenant.", "not_a_member")
    if len(memberships) > 1:
        raise AuthenticationRefused(
            "You belong to several tenants: name one in the X-Tenant header.", "tenant_required"
        )
    tenant_id, membership = memberships.popitem()
    if membership.needs_sso and sso_tenant(session) != tenant_id and not is_impersonation(session):  # type: ignore[attr-defined]
        raise AuthenticationRefused("This tenant wants you to log in by its single sign-on.", "sso_required")
    return Principal(
        kind="session",
        id=user.pk,
        tenant_id=tenant_id,
        permissions=permissions_of(membership.role),
        user_id=user.pk,
        role=membership.role,
        suspended=membership.tenant.suspended,
    )


def memberships_of(user: User, *, session: Session = NO_SESSION) -> dict[UUID, Membership]:
    """The memberships of `user` by tenant id, with their tenants; none of someone who was deactivated.

    `session` may reach but one of them. `needs_sso` on each: it opens by single sign-on only. Owners come
    in by other means too, so that a broken identity provider locks nobody's tenant up.
    """
    with platform_scope():
        rows = (
            Membership.objects.filter(user=user, user__is_active=True, tenant__deleting_at=None)
            .select_related("tenant")
            .annotate(needs_sso=must_use_sso(user.email) & ~Q(role=Role.OWNER))
        )
        only = sso_tenant(session)
        return {row.tenant_id: row for row in rows if only is None or row.tenant_id == only}


def escapes_sso(user: User, email: str) -> bool:
    """Whether a tenant insists on its single sign-on for `user`, and would no longer with `email`."""
    bound = {tenant_id for tenant_id, row in memberships_of(user).items() if row.needs_sso}  # type: ignore[attr-defined]
    if not bound:
        return False
    with platform_scope():
        return bound != set(
            tenants_that_claim(email).filter(tenant__in=bound).values_list("tenant_id", flat=True)
        )


def live_session(session_key: str, user: User) -> SessionBase | None:
    """The session of a cookie while it still logs `user` in: neither logged out nor revoked nor expired, no
    new password since, the person not deactivated; nor staff who act as them for longer than they may. For
    what outlives a request, like a socket.
    """
    session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if impersonation_is_over(session, now=timezone.now()):
        return None
    found = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    return session if found.is_authenticated and found.pk == user.pk else None


def _tenant_id(public_id: str) -> UUID | None:
    try:
        return from_public("ten_", public_id)
    except ValueError:
        return None


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The token of an ``Authorization: Bearer`` header (RFC 6750), or None when there is no such header."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def user_of(principal: Principal) -> User | None:
    """The person behind `principal`: for an API key the one who made it, if they are still here."""
    return User.objects.filter(pk=principal.user_id).first() if principal.user_id else None


def verified_emails(user: User) -> set[str]:
    """The addresses, in lower case, that `user` has shown to be theirs."""
    rows = EmailAddress.objects.filter(user=user, verified=True)
    return {address.lower() for address in rows.values_list("email", flat=True)}


def second_factors() -> QuerySet[Authenticator]:
    """TOTP applications and passkeys; recovery codes alone are no second factor."""
    rows: QuerySet[Authenticator] = Authenticator.objects.all()
    return rows.exclude(type=Authenticator.Type.RECOVERY_CODES)


def account_of(user: User) -> User:
    """`user` with `email_verified` and `mfa_enabled`."""
    user.email_verified = user.email.lower() in verified_emails(user)  # type: ignore[attr-defined]
    user.mfa_enabled = second_factors().filter(user=user).exists()  # type: ignore[attr-defined]
    return user


def own_memberships(user: User, *, session: Session = NO_SESSION) -> list[Membership]:
    """The memberships of `user` that `session` reaches, with their tenants, by the tenant's name."""
    rows = memberships_of(user, session=session).values()
    return sorted(rows, key=lambda m: (m.tenant.name.casefold(), m.tenant.slug))


def current_tenant() -> Tenant:
    """The tenant in force."""
    return Tenant.objects.get(pk=current_tenant_id())


def list_members() -> QuerySet[Membership]:
    """The members of the tenant in force with their users; `mfa_enabled` on each."""
    return Membership.objects.select_related("user").annotate(
        mfa_enabled=Exists(second_factors().filter(user=OuterRef("user")))
    )


def get_member(pk: UUID) -> Membership:
    """One member as `list_members` has them. NotFound when the tenant has no such member."""
    return _found(list_members(), pk, "member")


def list_invitations() -> QuerySet[Invitation]:
    """All invitations of the tenant in force, whatever became of them."""
    return Invitation.objects.select_related("invited_by", "tenant")


def open_invitations() -> QuerySet[Invitation]:
    """Those that were neither accepted nor revoked."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None)


def get_invitation(pk: UUID, *, lock: bool = False) -> Invitation:
    """One invitation. NotFound when the tenant has no such invitation."""
    rows = list_invitations()
    return _found(rows.select_for_update(of=("self",)) if lock else rows, pk, "invitation")


def invitation_by_token(token: str) -> Invitation:
    """The invitation whose link bears `token`, of any tenant. NotFound when there is none."""
    with platform_scope():
        found = list_invitations().filter(token_digest=digest_of(token)).first()
    if found is None:
        raise NotFound("This invitation does not exist; the link may be cut off, or a newer one was sent.")
    return found


def list_api_keys() -> QuerySet[ApiKey]:
    """All keys of the tenant in force, closed ones too."""
    return ApiKey.objects.select_related("created_by", "tenant")


def get_api_key(pk: UUID, *, lock: bool = False) -> ApiKey:
    """One key. NotFound when the tenant has no such key."""
    rows = list_api_keys()
    return _found(rows.select_for_update(of=("self",)) if lock else rows, pk, "API key")


def _found(rows: QuerySet[M], pk: UUID, what: str) -> M:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(f"There is no such {what}.")
    return row
