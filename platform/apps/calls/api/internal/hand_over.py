"""`calls/{id}/agent`: another agent goes on with a call."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from apps.calls.api.internal.nodes import answer_with, node_endpoint, own, read
from apps.calls.services.hand_over import agent_for_call
from media_workers.contract.requests import AgentRequest
from telephony.edge.models import MediaNode


@node_endpoint("POST")
def agent(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """AgentRequest -> AgentAnswer."""
    wish = read(request, AgentRequest)
    own(node, wish.node)
    return answer_with(agent_for_call(node, call_id, wish))
