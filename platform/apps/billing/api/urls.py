"""Addresses of the public API of money, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.billing.api.views import WalletViewSet

urlpatterns = [
    path(
        "billing/wallet",
        WalletViewSet.as_view({"get": "retrieve"}, basename="wallet"),
        name="wallet",
    )
]
