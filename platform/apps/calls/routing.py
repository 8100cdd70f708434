"""Addresses of the live sockets."""

from __future__ import annotations

from django.urls import path

from apps.calls.api.sockets import CallsConsumer

websocket_urlpatterns = [path("ws/v1/calls/", CallsConsumer.as_asgi())]
