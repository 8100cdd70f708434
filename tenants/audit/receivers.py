"""Logins, failed ones too, and changes of how one logs in, reach the audit log of the person's tenants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from tenants.audit.context import acting, from_where
from tenants.audit.models import ActorKind
from tenants.audit.services import record_for_platform, record_for_tenants_of
from tenants.models import User
from tenants.selectors import NO_SESSION, Session


@receiver(user_logged_in, dispatch_uid="audit_login")
def note_login(sender: object, request: HttpRequest | None, user: User, **_: Any) -> None:
    """A login is noted; taking over an account as staff, or giving it back, is noted elsewhere."""
    if request is None or _is_impersonation(request):
        return
    with acting(request, actor=user.public_id, label=user.email, kind="user"):
        record_for_tenants_of(user, "login", session=request.session)


def note_failed_login(
    request: HttpRequest, user: User, reason: str, *, session: Session = NO_SESSION
) -> None:
    """Somebody could not show that they are `user`; `reason` says what was wrong. They may be anybody.

    The tenants of `user` read it; of somebody who has none, the platform's staff.
    """
    where = from_where(request)
    told: dict[str, Any] = {
        "actor_kind": ActorKind.SYSTEM,
        "actor_id": "",
        "actor_label": "Somebody",
        "after": {"reason": reason},
        "ip": where["ip"] or None,
        "user_agent": where["user_agent"],
    }
    if not record_for_tenants_of(user, "login_failed", session=session, **told):
        record_for_platform("login_failed", of=user, **told)


@receiver(mfa.authentication_failed, dispatch_uid="audit_second_factor_failed")
def note_wrong_code(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    note_failed_login(request, user, "second factor", session=request.session)


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
