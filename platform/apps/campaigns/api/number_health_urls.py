"""Addresses of caller numbers' health, under /api/v1/. Before those of numbers: "health" is no id."""

from __future__ import annotations

from django.urls import path

from apps.campaigns.api.number_health import NumberHealthViewSet

View = NumberHealthViewSet
HEALTH = "number-health"

urlpatterns = [
    path("numbers/health", View.as_view({"get": "list"}, basename=HEALTH), name="number-health-list"),
    path(
        "numbers/<str:id>/health",
        View.as_view({"get": "retrieve"}, basename=HEALTH),
        name="number-health-detail",
    ),
    path("numbers/<str:id>/rest", View.as_view({"post": "rest"}, basename=HEALTH), name="number-health-rest"),
]
