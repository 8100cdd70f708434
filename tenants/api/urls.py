"""Addresses of accounts, teams and keys, under /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from tenants.api.account import JoinViewSet, MeViewSet, NewTenantViewSet
from tenants.api.views import (
    ApiKeyViewSet,
    InvitationViewSet,
    MemberViewSet,
    OwnTenantViewSet,
    RolesViewSet,
)

router = SimpleRouter(trailing_slash=False)
router.register("members", MemberViewSet, basename="member")
router.register("invitations", InvitationViewSet, basename="invitation")
router.register("api-keys", ApiKeyViewSet, basename="api-key")

urlpatterns = [
    path(
        "me",
        MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}, basename="me"),
        name="me",
    ),
    path("tenants", NewTenantViewSet.as_view({"post": "create"}, basename="new-tenant"), name="new-tenant"),
    path(
        "join/<str:token>",
        JoinViewSet.as_view({"get": "retrieve", "post": "create"}, basename="join"),
        name="join",
    ),
    path(
        "tenant",
        OwnTenantViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}, basename="tenant"
        ),
        name="tenant",
    ),
    path(
        "tenant/export",
        OwnTenantViewSet.as_view({"get": "export"}, basename="tenant"),
        name="tenant_export",
    ),
    path(
        "tenant/transfer",
        OwnTenantViewSet.as_view({"post": "transfer"}, basename="tenant"),
        name="tenant-transfer",
    ),
    path("roles", RolesViewSet.as_view({"get": "retrieve"}, basename="roles"), name="roles"),
    *router.urls,
]
