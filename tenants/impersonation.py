"""Staff acting as a customer's person, to see what they see: the rules.

What happens is in `tenants.accounts.impersonation`; django-hijack keeps who impersonates in the session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from tenants.models import User

LIMIT = timedelta(minutes=60)
UNTIL = "impersonation_until"
"""Our entry in the session: when it ends, ISO 8601."""
HISTORY = "hijack_history"
"""django-hijack's entry in the session: primary keys of those who impersonate, the last one now."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SECRETS = re.compile(r"/_allauth/browser/v1/account/authenticators/")
_CLOSED = re.compile(
    r"/_allauth/(?!browser/v1/auth/session$)"  # logging out is allowed
    r"|/accounts/"
    r"|/api/v1/(api-keys|sso|members|invitations|join|tenants|tenant/transfer)\b"
)


def impersonator_of(request: HttpRequest) -> User | None:
    """The staff member behind this session, when it is somebody else's; None in everyday life."""
    session = getattr(request, "session", None)
    return impersonator_in(session) if session is not None else None


def impersonator_in(session: Mapping[str, Any] | SessionBase) -> User | None:
    """The same for what has a session and no request, like a socket."""
    history = session.get(HISTORY)
    return User.objects.filter(pk=history[-1]).first() if history else None


def impersonation_is_over(session: Mapping[str, Any] | SessionBase, *, now: datetime) -> bool:
    """Whether `session` is somebody else's and has been for longer than `LIMIT`, or whoever acts in it is
    no longer among the staff who may."""
    if not session.get(HISTORY):
        return False
    until = session.get(UNTIL)
    if until is None or now >= datetime.fromisoformat(until):
        return True
    staff = impersonator_in(session)
    return staff is None or not is_impersonating_staff(staff)


def may_impersonate(*, hijacker: User, hijacked: User | None) -> bool:
    """Superusers, and staff with the permission ``tenants.impersonate``; never as other staff."""
    if hijacked is None or not hijacked.is_active or hijacked.is_staff or hijacked.is_superuser:
        return False
    return is_impersonating_staff(hijacker)


def is_impersonating_staff(user: User) -> bool:
    """Whether `user` is of the staff who may act as customers' people."""
    return user.is_active and user.is_staff and bool(user.has_perm("tenants.impersonate"))


def closed_to_impersonators(request: HttpRequest) -> bool:
    """Whether the request would let staff come back as this person: their login, keys, team, ownership.

    Also what would show a secret of theirs, like recovery codes.
    """
    path, method = request.path_info, request.method
    if _SECRETS.match(path):
        return True
    if method in _SAFE:
        return False
    return bool(_CLOSED.match(path)) or (path == "/api/v1/tenant" and method == "DELETE")
