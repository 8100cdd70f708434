"""Staff acting as a customer's person, to see what they see: django-hijack, within our limits."""

from __future__ import annotations

from django.http import HttpRequest

from tenants.models import User

HISTORY = "hijack_history"
"""django-hijack's entry in the session: primary keys of those who impersonate, the last one now."""


def impersonator_of(request: HttpRequest) -> User | None:
    """The staff member behind this session, when it is somebody else's; None in everyday life."""
    session = getattr(request, "session", None)
    history = session.get(HISTORY) if session is not None else None
    return User.objects.filter(pk=history[-1]).first() if history else None


def may_impersonate(*, hijacker: User, hijacked: User) -> bool:
    """Superusers, and staff with the permission ``tenants.impersonate``; never other staff, never oneself."""
    if hijacked is None or not hijacked.is_active or hijacked.is_staff or hijacked.is_superuser:
        return False
    if not (hijacker.is_active and hijacker.is_staff):
        return False
    return bool(hijacker.has_perm("tenants.impersonate"))
