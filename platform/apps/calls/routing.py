"""Addresses of the live sockets."""

from __future__ import annotations

from django.urls import path

from apps.calls.api.sockets.calls import CallsConsumer
from apps.calls.api.sockets.listen import ListenConsumer
from apps.calls.api.sockets.take_over import TakeOverConsumer
from apps.calls.api.sockets.talk import TalkConsumer

websocket_urlpatterns = [
    path("ws/v1/calls/", CallsConsumer.as_asgi()),
    path("ws/v1/listen/", ListenConsumer.as_asgi()),
    path("ws/v1/take-over/", TakeOverConsumer.as_asgi()),
    path("ws/v1/talk/", TalkConsumer.as_asgi()),
]
