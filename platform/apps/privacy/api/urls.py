"""Addresses of the public API of privacy, under /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.privacy.api.views import HoldViewSet, PurgeViewSet, RequestViewSet, RetentionViewSet

router = SimpleRouter(trailing_slash=False)
router.register("privacy/holds", HoldViewSet, basename="legal-hold")
router.register("privacy/purges", PurgeViewSet, basename="purge")
router.register("privacy/requests", RequestViewSet, basename="person-request")

_retention = RetentionViewSet.as_view({"get": "retrieve", "put": "update"}, basename="retention")

urlpatterns = [path("privacy/retention", _retention, name="retention"), *router.urls]
