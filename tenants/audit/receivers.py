"""Logins reach the audit log of every tenant the person belongs to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from tenants.audit.context import acting
from tenants.audit.services import record_for_tenants_of
from tenants.models import User


@receiver(user_logged_in, dispatch_uid="audit_login")
def note_login(sender: object, request: HttpRequest | None, user: User, **_: Any) -> None:
    """A login is noted; taking over an account as staff, or giving it back, is noted elsewhere."""
    if request is None or _is_impersonation(request):
        return
    with acting(request, actor=user.public_id, label=user.email, kind="user"):
        record_for_tenants_of(user, "login")


def _is_impersonation(request: HttpRequest) -> bool:
    match = getattr(request, "resolver_match", None)
    return match is not None and match.namespace == "hijack"
