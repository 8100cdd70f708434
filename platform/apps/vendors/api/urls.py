"""Addresses of the public API of vendors, under /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.vendors.api.views import CatalogViewSet, VendorKeyViewSet

router = SimpleRouter(trailing_slash=False)
router.register("catalog", CatalogViewSet, basename="catalog")
router.register("vendor-keys", VendorKeyViewSet, basename="vendor-key")

urlpatterns = router.urls
