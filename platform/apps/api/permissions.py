"""One permission class: the view names a permission for each action, the principal has it or not."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tenants.permissions import ALL_PERMISSIONS, Access
from tenants.principals import Person, Principal
from tenants.suspension import TenantSuspended


class HasRequiredPermission(BasePermission):
    """Checks `view.required_permissions[action]`; plain APIViews use the lower-case method instead.

    An action without an entry raises: an endpoint that nobody thought about is not served. In a
    suspended tenant nothing is written, whoever asks: TenantSuspended.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = request.auth
        method = str(request.method).lower()
        action = getattr(view, "action", method)
        if action is None or not hasattr(view, action):
            return principal is not None  # no such method here: DRF answers 405
        required = view.required_permissions.get(action)
        if required not in ALL_PERMISSIONS and required not in set(Access):
            raise ImproperlyConfigured(
                f"{type(view).__name__}.required_permissions names none for {action!r}"
            )
        if required == Access.ANYBODY:
            return True
        if required == Access.PERSON:
            self.message = "This is about a person's own account: log in. An API key has none."
            return isinstance(principal, Person)
        if not isinstance(principal, Principal):
            return False
        self.message = f"This needs the permission {required}, which {_who(principal)} does not have."
        if required != Access.MEMBER and not principal.may(required):
            return False
        if action in getattr(view, "in_person", ()) and principal.kind != "session":
            self.message = "This takes a person who is logged in: no API key may, whatever its scopes."
            self.code = "person_required"
            return False
        if principal.suspended and request.method not in SAFE_METHODS:
            raise TenantSuspended
        return True


def _who(principal: Principal) -> str:
    return "this API key" if principal.kind == "api_key" else "your role"
