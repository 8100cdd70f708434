"""Addresses of the live sockets of campaigns."""

from __future__ import annotations

from django.urls import path

from apps.campaigns.api.sockets import CampaignsConsumer

websocket_urlpatterns = [path("ws/v1/campaigns/", CampaignsConsumer.as_asgi())]
