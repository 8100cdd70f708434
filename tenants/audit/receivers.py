"""Logins, and changes of how a person logs in, reach the audit log of every tenant they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
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


def _noting(action: str) -> Callable[..., None]:
    def note(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
        with acting(request, actor=user.public_id, label=user.email):
            record_for_tenants_of(user, action)

    return note


for _signal, _action in {
    account.password_set: "password_changed",
    account.password_changed: "password_changed",
    account.password_reset: "password_reset",
    account.email_changed: "email_changed",
    mfa.authenticator_added: "second_factor_added",
    mfa.authenticator_removed: "second_factor_removed",
    mfa.authenticator_reset: "recovery_codes_renewed",
}.items():
    _signal.connect(_noting(_action), weak=False, dispatch_uid=f"audit_{_action}")


def _is_impersonation(request: HttpRequest) -> bool:
    match = getattr(request, "resolver_match", None)
    return match is not None and match.namespace == "hijack"
