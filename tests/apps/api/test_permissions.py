from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from apps.api.permissions import HasRequiredPermission
from tenants.principals import Principal


class Plain(APIView):
    required_permissions = {"get": "calls.read", "put": "calls.typo"}

    def get(self, request: Request) -> Response:
        return Response()

    post = put = get


def allowed(method: str, *permissions: str) -> bool:
    request = Request(getattr(APIRequestFactory(), method)("/"))
    principal = Principal("api_key", uuid4(), uuid4(), frozenset(permissions), None)
    request._user, request._auth = principal, principal
    return HasRequiredPermission().has_permission(request, Plain())


def test_a_plain_view_asks_by_method() -> None:
    assert allowed("get", "calls.read")
    assert not allowed("get", "calls.place")


@pytest.mark.parametrize("method", ["post", "put"])
def test_a_method_nobody_thought_about_is_not_served(method: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=method):
        allowed(method, "calls.read")


def test_nobody_is_not_allowed() -> None:
    request = Request(APIRequestFactory().get("/"))
    request._user = request._auth = None

    assert not HasRequiredPermission().has_permission(request, Plain())
