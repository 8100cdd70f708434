"""One request, one tenant, one transaction."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from apps.api import idempotency
from apps.api.afterwards import Afterwards
from apps.api.problems import BODY_TOO_LARGE, database_trouble, problem_response
from tenants.audit.context import acting_as_staff, acting_for
from tenants.principals import AuthenticationRefused, Person, Principal
from tenants.rest import PersonViewSet
from tenants.scope import platform_scope, tenant_scope
from tenants.selectors import bearer_token, principal_for_api_key, principal_for_user
from tenants.sso.reach import SSO_SESSION, SSO_SESSION_TEXT, sso_tenant

log = structlog.get_logger(__name__)


class TenantRequestMiddleware:
    """Finds out who asks before the view runs, and runs the view in the scope of their tenant.

    An answer of 400 or more undoes everything the view wrote. Without credentials, or with bad ones,
    the view runs outside any scope: DRF answers 401, and public views (schema, docs) still work. Views
    about the person who is logged in (`PersonViewSet`) run in a transaction without a scope, whatever
    tenants they belong to. The staff's admin pages run in the platform scope.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            return self._api(request)
        if (
            request.path_info.startswith("/admin/")
            and request.user.is_authenticated
            and request.user.is_staff
        ):
            return self._admin(request)
        return self.get_response(request)

    def _api(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self._answer(request, self._identify(request))
        except RequestDataTooBig:
            return problem_response(413, BODY_TOO_LARGE, "body_too_large")
        except OperationalError as error:
            log.exception("database_failed", error=str(error))
            trouble = database_trouble(error)
            wait = {"Retry-After": str(trouble.retry_after_s)}
            return problem_response(503, trouble.detail, trouble.code, wait)
        _add_rate_limit(request, response)
        return response

    def _answer(self, request: HttpRequest, principal: Principal | Person | None) -> HttpResponse:
        if isinstance(principal, Principal):
            return self._as_tenant(request, principal)
        if isinstance(principal, Person):
            return self._as_person(request, principal)
        return self.get_response(request)

    @staticmethod
    def _identify(request: HttpRequest) -> Principal | Person | None:
        request.principal = request.refusal = None  # type: ignore[attr-defined]
        try:
            request.principal = _principal_of(request)  # type: ignore[attr-defined]
        except AuthenticationRefused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
        return request.principal  # type: ignore[attr-defined, no-any-return]

    def _as_tenant(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        structlog.contextvars.bind_contextvars(tenant_id=str(principal.tenant_id), actor=principal.public_id)
        limit_s = settings.WEB_STATEMENT_TIMEOUT_S
        with acting_for(request, principal), tenant_scope(principal.tenant_id, statement_timeout_s=limit_s):
            response = idempotency.answer(request, principal, self.get_response)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response.made() if isinstance(response, Afterwards) else response  # type: ignore[return-value]

    def _as_person(self, request: HttpRequest, person: Person) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS") and sso_tenant(request.session):
            return problem_response(403, SSO_SESSION_TEXT, SSO_SESSION)
        structlog.contextvars.bind_contextvars(actor=person.public_id)
        with acting_for(request, person), transaction.atomic():
            response = idempotency.answer(request, person, self.get_response)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def _admin(self, request: HttpRequest) -> HttpResponse:
        with acting_as_staff(request), platform_scope():
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response


def _principal_of(request: HttpRequest) -> Principal | Person | None:
    """Whoever the request's credentials name; None without any. AuthenticationRefused for bad ones."""
    token = bearer_token(request.headers)
    if token is not None:
        return principal_for_api_key(token)
    if "Authorization" in request.headers:
        raise AuthenticationRefused("Use `Authorization: Bearer` with an API key.")
    if request.user.is_authenticated:
        if _is_about_the_person(request):
            return Person(request.user)
        return principal_for_user(request.user, _tenant_of(request), session=request.session)
    return None


def _tenant_of(request: HttpRequest) -> str:
    """The tenant that a session names: in a header, or, where a browser's element reads, in the address."""
    named = request.headers.get("X-Tenant", "")
    if not named and request.method in ("GET", "HEAD"):
        return request.GET.get("tenant", "")
    return named


def _is_about_the_person(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return issubclass(getattr(view, "cls", object), PersonViewSet)


def _add_rate_limit(request: HttpRequest, response: HttpResponse) -> None:
    """RateLimit headers as the IETF draft (httpapi-ratelimit-headers, version 03 to 07) names them."""
    limit = getattr(request, "rate_limit", None)
    if limit is not None:
        for name, value in zip(("Limit", "Remaining", "Reset"), limit, strict=True):
            response[f"RateLimit-{name}"] = str(value)
