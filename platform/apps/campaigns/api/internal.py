"""What nodes ask in the middle of a call, under /internal/v1/."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.calls.api.internal.nodes import answer_with, node_endpoint, own, read
from apps.campaigns.services.opt_out import ask_not_to_call
from media_workers.contract.requests import DoNotCallRequest
from telephony.edge.models import MediaNode


@node_endpoint("POST")
def do_not_call(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """DoNotCallRequest -> Done."""
    wish = read(request, DoNotCallRequest)
    own(node, wish.node)
    return answer_with(ask_not_to_call(node, call_id, wish))


urlpatterns = [path("calls/<uuid:call_id>/do-not-call", do_not_call)]
