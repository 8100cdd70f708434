"""Addresses of the public API of webhooks, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.webhooks.api.views import DeliveryViewSet, EndpointViewSet, EventViewSet

router = SimpleRouter(trailing_slash=False)
router.register("webhooks/deliveries", DeliveryViewSet, basename="webhook-delivery")
router.register("webhooks/events", EventViewSet, basename="webhook-event")
router.register("webhooks", EndpointViewSet, basename="webhook")

urlpatterns = router.urls
