"""How far a session reaches: one that a tenant's identity provider opened is good for that tenant only.

An identity provider is its tenant's to command: it can say to be anybody. What it says must not open the
doors of another tenant to which the same person belongs, nor the person's account itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from tenants.impersonation import HISTORY

PREFIX = "sso_"
"""What begins the name that allauth knows a tenant's identity provider by; the tenant's id follows."""

SSO_SESSION = "sso_session"
SSO_SESSION_TEXT = (
    "You came in by your company's single sign-on, which reaches its tenant only. Log out, and log in by "
    'password or passkey; a password can be set by "Forgot password".'
)

SSO_ADDRESS = "sso_address"
SSO_ADDRESS_TEXT = (
    "A tenant of yours wants people with your present address to log in by its single sign-on, so the "
    "address cannot be changed to one elsewhere. Leave that tenant first, or ask its owner."
)


def provider_id(tenant_id: UUID) -> str:
    """The name of a tenant's identity provider: stable, so that its callback address is."""
    return f"{PREFIX}{tenant_id.hex}"


def tenant_of_provider(name: str) -> UUID | None:
    """The tenant whose identity provider `name` is; None for Google, GitHub and nonsense."""
    if not name.startswith(PREFIX):
        return None
    try:
        tenant_id = UUID(hex=name.removeprefix(PREFIX))
    except ValueError:
        return None
    return tenant_id if provider_id(tenant_id) == name else None


def sso_tenant(session: Mapping[str, Any] | SessionBase) -> UUID | None:
    """The tenant whose identity provider opened (or helped to open) `session`; None in everyday life.

    Read from allauth's own record of how the person has authenticated, which lives and dies with the login.
    """
    for record in session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []:
        tenant_id = tenant_of_provider(str(record.get("provider", "")))
        if tenant_id is not None:
            return tenant_id
    return None


def is_impersonation(session: Mapping[str, Any] | SessionBase) -> bool:
    """Whether staff act as somebody in `session`: they cannot pass a customer's identity provider."""
    return bool(session.get(HISTORY))
