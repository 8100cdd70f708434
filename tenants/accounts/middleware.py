"""What surrounds allauth's views: one transaction a request, answers of limits, no Redis."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from tenants.audit.context import acting, acting_for, acting_for_visitor
from tenants.principals import Person

log = structlog.get_logger(__name__)

HEADLESS = "/_allauth/"
PREFIXES = (HEADLESS, "/accounts/", "/sso/")
# The windows of ACCOUNT_RATE_LIMITS; allauth does not tell how much of one is left.
RETRY_AFTER_S = 60
RETRY_AFTER_FAILED_LOGINS_S = 300


class AccountRequestMiddleware:
    """Runs account requests in a transaction, outside every tenant's scope.

    Whatever such a request wrote is undone when it ends in a server error. Without Redis nothing can be
    counted, so nothing may be guessed: 503.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
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
        if not isinstance(exception, RedisError) or not request.path_info.startswith(PREFIXES):
            return None
        log.error("accounts_without_cache", error=str(exception))
        detail = {"status": 503, "errors": [{"code": "unavailable", "message": "Try again in a moment."}]}
        return JsonResponse(detail, status=503, headers={"Retry-After": "5"})


def _acting(request: HttpRequest) -> AbstractContextManager[object]:
    """Who the audit log says it was; before the login the address of the visitor is all there is."""
    if request.user.is_authenticated:
        return acting_for(request, Person(request.user))
    return acting(request, actor="", label="", kind="system")


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
