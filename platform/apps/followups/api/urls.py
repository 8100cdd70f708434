"""Addresses of the public API of follow-ups, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.followups.api.views import CallbackViewSet, TextMessageViewSet

router = SimpleRouter(trailing_slash=False)
router.register("callbacks", CallbackViewSet, basename="callback")
router.register("messages", TextMessageViewSet, basename="message")

urlpatterns = router.urls
