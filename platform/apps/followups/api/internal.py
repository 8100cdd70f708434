"""What nodes ask in the middle of a call, under /internal/v1/."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.calls.api.internal.nodes import answer_with, node_endpoint, own, read
from apps.followups.services import ask_callback, ask_message
from media_workers.contract.requests import CallbackRequest, MessageRequest
from telephony.edge.models import MediaNode


@node_endpoint("POST")
def callbacks(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """CallbackRequest -> Done."""
    wish = read(request, CallbackRequest)
    own(node, wish.node)
    return answer_with(ask_callback(node, call_id, wish))


@node_endpoint("POST")
def messages(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """MessageRequest -> Done."""
    wish = read(request, MessageRequest)
    own(node, wish.node)
    return answer_with(ask_message(node, call_id, wish))


urlpatterns = [
    path("calls/<uuid:call_id>/callbacks", callbacks),
    path("calls/<uuid:call_id>/messages", messages),
]
