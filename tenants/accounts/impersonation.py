"""Staff acting as a customer's person: begun on the person's page in the admin, visible, limited, noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from hijack.signals import hijack_ended, hijack_started
from hijack.views import AcquireUserView, ReleaseUserView

from tenants.audit.context import from_where
from tenants.audit.services import record_for_platform, record_for_tenants_of
from tenants.impersonation import (
    HISTORY,
    LIMIT,
    UNTIL,
    closed_to_impersonators,
    impersonation_is_over,
    impersonator_of,
)
from tenants.models import User

WORDS = "You act as somebody else: their login, keys, team and ownership are theirs alone to change."

urlpatterns = [
    path("acquire/", AcquireUserView.as_view(success_url="/"), name="acquire"),
    path("release/", ReleaseUserView.as_view(success_url="/admin/"), name="release"),
]


class ImpersonationMiddleware:
    """Ends an impersonation that has lasted an hour, and refuses what an impersonator may not do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The cookie first: a visitor without a session costs no query here.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.session.get(HISTORY):
            return self.get_response(request)
        if impersonation_is_over(request.session, now=timezone.now()):
            request.impersonation_expired = True  # type: ignore[attr-defined]
            logout(request)
        elif closed_to_impersonators(request):
            return _refusal()
        return self.get_response(request)


def _refusal() -> HttpResponse:
    problem = {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": WORDS,
        "code": "impersonating",
    }
    return JsonResponse(problem, status=403, content_type="application/problem+json")


@receiver(hijack_started, dispatch_uid="impersonation_started")
def note_start(sender: object, request: HttpRequest, hijacker: User, hijacked: User, **_: object) -> None:
    request.session[UNTIL] = (timezone.now() + LIMIT).isoformat()
    _note("impersonation_started", request, hijacker, hijacked)


@receiver(hijack_ended, dispatch_uid="impersonation_ended")
def note_end(sender: object, request: HttpRequest, hijacker: User, hijacked: User, **_: object) -> None:
    _note("impersonation_ended", request, hijacker, hijacked)


@receiver(user_logged_out, dispatch_uid="impersonation_logged_out")
def note_logout(sender: object, request: HttpRequest, user: User | None, **_: object) -> None:
    staff = impersonator_of(request)
    if staff is not None and user is not None:
        expired = getattr(request, "impersonation_expired", False)
        _note("impersonation_expired" if expired else "impersonation_ended", request, staff, user)


def _note(action: str, request: HttpRequest, staff: User, person: User) -> None:
    """In every tenant of the person, and for the platform's own staff."""
    told: dict[str, Any] = {
        "actor_kind": "staff",
        "actor_id": staff.public_id,
        "actor_label": staff.email,
        "impersonator": "",
        **from_where(request),
    }
    record_for_tenants_of(person, action, **told)
    record_for_platform(action, of=person, **told)
