"""Address of the single sign-on, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from tenants.sso.api.views import SingleSignOnViewSet

urlpatterns = [
    path(
        "sso",
        SingleSignOnViewSet.as_view(
            {"get": "retrieve", "put": "update", "delete": "destroy"}, basename="sso"
        ),
        name="sso",
    ),
]
