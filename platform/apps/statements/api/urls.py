"""Addresses of the public API of usage and invoices, under /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.statements.api.views import InvoiceViewSet, StatementSettingsViewSet, UsageViewSet

router = SimpleRouter(trailing_slash=False)
router.register("billing/invoices", InvoiceViewSet, basename="invoice")

_usage = UsageViewSet.as_view({"get": "retrieve"}, basename="usage")
_csv = UsageViewSet.as_view({"get": "csv"}, basename="usage")
_settings = StatementSettingsViewSet.as_view(
    {"get": "retrieve", "put": "update"}, basename="statement-settings"
)

urlpatterns = [
    path("billing/usage", _usage, name="usage"),
    path("billing/usage.csv", _csv, name="usage-csv"),
    path("billing/statement-settings", _settings, name="statement-settings"),
    *router.urls,
]
