"""Addresses of the public API of payments, under /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.payments.api import views

router = SimpleRouter(trailing_slash=False)
router.register("billing/payments", views.PaymentViewSet, basename="payment")

urlpatterns = [
    path(
        "billing/payment-settings",
        views.PaymentSettingsViewSet.as_view({"get": "retrieve"}, basename="payment-settings"),
        name="payment-settings",
    ),
    path(
        "billing/top-ups", views.TopUpViewSet.as_view({"post": "create"}, basename="top-up"), name="top-ups"
    ),
    path(
        "billing/card",
        views.CardViewSet.as_view({"post": "create", "delete": "destroy"}, basename="card"),
        name="card",
    ),
    path("billing/portal", views.PortalViewSet.as_view({"post": "create"}, basename="portal"), name="portal"),
    path(
        "billing/recharge",
        views.RechargeViewSet.as_view({"get": "retrieve", "put": "update"}, basename="recharge"),
        name="recharge",
    ),
    path(
        "billing/subscription",
        views.SubscriptionViewSet.as_view(
            {"get": "retrieve", "post": "create", "delete": "destroy"}, basename="subscription"
        ),
        name="subscription",
    ),
    *router.urls,
]
