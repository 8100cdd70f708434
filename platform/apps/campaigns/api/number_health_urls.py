"""Addresses of caller numbers' health, under /api/v1/. Before those of numbers: "health" is no id."""

from __future__ import annotations

from django.urls import path

from apps.campaigns.api.number_health import NumberHealthViewSet


def _view(**actions: str) -> object:
    return NumberHealthViewSet.as_view(actions, basename="number-health")


urlpatterns = [
    path("numbers/health", _view(get="list"), name="number-health-list"),
    path("numbers/<str:id>/health", _view(get="retrieve"), name="number-health-detail"),
    path("numbers/<str:id>/rest", _view(post="rest"), name="number-health-rest"),
]
