"""Addresses of the public API of calls, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.calls.api.views import CallViewSet

router = SimpleRouter(trailing_slash=False)
router.register("calls", CallViewSet, basename="call")

urlpatterns = router.urls
