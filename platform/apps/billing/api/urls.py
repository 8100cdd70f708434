"""Addresses of the public API of money, under /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.billing.api.entries import EntryViewSet
from apps.billing.api.limits import CountriesViewSet, OutboundStopViewSet, SpendLimitViewSet
from apps.billing.api.plans import PlanViewSet
from apps.billing.api.views import WalletViewSet

router = SimpleRouter(trailing_slash=False)
router.register("billing/limits", SpendLimitViewSet, basename="spend-limit")
router.register("billing/stops", OutboundStopViewSet, basename="outbound-stop")

urlpatterns = [
    path(
        "billing/wallet",
        WalletViewSet.as_view({"get": "retrieve"}, basename="wallet"),
        name="wallet",
    ),
    path(
        "billing/entries",
        EntryViewSet.as_view({"get": "list"}, basename="billing-entry"),
        name="billing-entries",
    ),
    path(
        "billing/entries.csv",
        EntryViewSet.as_view({"get": "csv"}, basename="billing-entry", detail=False, pagination_class=None),
        name="billing-entries-csv",
    ),
    path(
        "billing/countries",
        CountriesViewSet.as_view({"get": "retrieve", "put": "update"}, basename="countries"),
        name="countries",
    ),
    path(
        "billing/plans",
        PlanViewSet.as_view({"get": "offered"}, basename="plan", detail=False, pagination_class=None),
        name="billing-plans",
    ),
    path(
        "billing/plan",
        PlanViewSet.as_view({"get": "own"}, basename="plan", detail=False, pagination_class=None),
        name="billing-plan",
    ),
    *router.urls,
]
