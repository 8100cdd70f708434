"""`calls/{id}/legs`: further legs of a call."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from apps.calls.api.internal.nodes import answer_with, node_endpoint, own, read
from apps.calls.services.legs import allow_leg, end_leg
from media_workers.contract.requests import LegOver, LegRequest
from telephony.edge.models import MediaNode


@node_endpoint("POST")
def legs(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """LegRequest -> LegAnswer."""
    wish = read(request, LegRequest)
    own(node, wish.node)
    return answer_with(allow_leg(node, call_id, wish))


@node_endpoint("POST")
def legs_over(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """LegOver -> 204."""
    told = read(request, LegOver)
    own(node, told.node)
    end_leg(node, call_id, told)
    return HttpResponse(status=204)
