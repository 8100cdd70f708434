"""How DRF learns who asks. `TenantRequestMiddleware` has found it out before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from tenants.principals import AuthenticationRefused, Person, Principal

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

Asker = Principal | Person


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer tl_live_...``. Refused credentials of either kind are told here, with 401."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        refusal: AuthenticationRefused | None = getattr(request._request, "refusal", None)
        if refusal is not None:
            raise AuthenticationFailed(refusal.detail, refusal.code)
        principal = _principal(request._request)
        if isinstance(principal, Principal) and principal.kind == "api_key":
            return principal, principal
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="trunkline"'


class SessionAuthentication(BaseAuthentication):
    """The cookie of someone who is logged in, for the browser; changes need the CSRF token.

    The principal is a member in their tenant, or, for views about the person, a `Person`.
    """

    def authenticate(self, request: Request) -> tuple[Asker, Asker] | None:
        principal = _principal(request._request)
        if principal is None or principal.kind != "session":
            return None
        self._enforce_csrf(request._request)
        return principal, principal

    @staticmethod
    def _enforce_csrf(request: HttpRequest) -> None:
        check = CSRFCheck(lambda _: None)  # type: ignore[arg-type]
        check.process_request(request)
        reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]
        if reason:
            raise PermissionDenied(f"CSRF check failed: {reason}", "csrf_failed")


def _principal(request: HttpRequest) -> Asker | None:
    return getattr(request, "principal", None)
