"""One permission class: the view names a permission for each action, the principal has it or not."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.permissions import ALL_PERMISSIONS
from tenants.principals import Principal


class HasRequiredPermission(BasePermission):
    """Checks `view.required_permissions[action]`; plain APIViews use the lower-case method instead.

    An action without an entry raises: an endpoint that nobody thought about is not served.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = request.auth
        if not isinstance(principal, Principal):
            return False
        method = str(request.method).lower()
        action = getattr(view, "action", method)
        if action is None or not hasattr(view, action):
            return True  # no such method here: DRF answers 405
        required = view.required_permissions.get(action)
        if required not in ALL_PERMISSIONS:
            raise ImproperlyConfigured(
                f"{type(view).__name__}.required_permissions names none for {action!r}"
            )
        self.message = f"This needs the permission {required}, which {_who(principal)} does not have."
        return principal.may(required)


def _who(principal: Principal) -> str:
    return "this API key" if principal.kind == "api_key" else "your role"
