"""What surrounds allauth's views: one transaction a request, answers of limits, no Redis."""

from __future__ import annotations

import json
from collections.abc import Callable

import structlog
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from redis.exceptions import RedisError

from tenants.audit.context import acting_for_visitor
from tenants.sso.logins import error_page
from tenants.sso.reach import SSO_SESSION, SSO_SESSION_TEXT, sso_tenant

log = structlog.get_logger(__name__)

HEADLESS = "/_allauth/"
LOGINS = ("/accounts/", "/sso/")
PREFIXES = (HEADLESS, *LOGINS)
OWN_ACCOUNT = (f"{HEADLESS}browser/v1/account/", f"{HEADLESS}browser/v1/auth/sessions")
# The windows of ACCOUNT_RATE_LIMITS; allauth does not tell how much of one is left.
RETRY_AFTER_S = 60
RETRY_AFTER_FAILED_LOGINS_S = 300
# Redirects to and from identity providers: each makes us fetch or keep something.
LOGIN_RATES = {"sso": "120/m/ip"}


class AccountRequestMiddleware:
    """Runs account requests in a transaction, outside every tenant's scope.

    Whatever such a request wrote is undone when it ends in a server error. Without Redis nothing can be
    counted, so nothing may be guessed: 503.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refusal = _refusal(request)
        if refusal is not None:
            return refusal
        if not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
        with acting_for_visitor(request), transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        if request.path_info.startswith(HEADLESS):
            return _limited(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path_info.startswith(PREFIXES) or isinstance(exception, Http404):
            return None
        if isinstance(exception, RedisError):
            log.error("accounts_without_cache", error=str(exception))
            return _error(503, "unavailable", "Try again in a moment.", {"Retry-After": "5"})
        if request.path_info.startswith(LOGINS):
            # Whatever an identity provider sends, or fails to send, is no fault of ours.
            log.error("identity_provider_failed", path=request.path_info, exc_info=exception)
            transaction.set_rollback(True)
            return error_page("sso_unknown_error")
        return None


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """An answer for requests that never reach their view."""
    if request.path_info.startswith(LOGINS):
        return _too_many_logins(request)
    if not request.user.is_authenticated or sso_tenant(request.session) is None:
        return None
    if request.user.is_staff:
        # Single sign-on admits no staff; who has become staff meanwhile comes in again by other means.
        logout(request)
        return HttpResponseRedirect(settings.LOGIN_URL)
    if request.path_info.startswith(OWN_ACCOUNT) and request.method not in ("GET", "HEAD"):
        return _error(403, SSO_SESSION, SSO_SESSION_TEXT)
    return None


def _too_many_logins(request: HttpRequest) -> HttpResponse | None:
    try:
        counted = ratelimit.consume(
            request, app="allauth.account", action="sso", config=LOGIN_RATES, limit_get=True
        )
    except RedisError as error:
        log.error("accounts_without_cache", error=str(error))
        return _error(503, "unavailable", "Try again in a moment.", {"Retry-After": "5"})
    if counted:
        return None
    return _error(429, "rate_limited", "Too many logins from your address.", {"Retry-After": "60"})


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JsonResponse:
    """In the form that allauth gives its own errors."""
    body = {"status": status, "errors": [{"code": code, "message": message}]}
    return JsonResponse(body, status=status, headers=headers)


def _limited(response: HttpResponse) -> HttpResponse:
    """The same answer for every limit that was reached: 429 with Retry-After (seconds).

    allauth calls too many failed logins a form error (400).
    """
    if response.status_code == 400 and b"too_many_login_attempts" in response.content:
        body = json.loads(response.content)
        return JsonResponse(
            {**body, "status": 429}, status=429, headers={"Retry-After": str(RETRY_AFTER_FAILED_LOGINS_S)}
        )
    if response.status_code == 429:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    return response
