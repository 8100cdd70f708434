"""`calls/{id}/knowledge`: what the agent's documents hold on a question."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from apps.calls.api.internal.nodes import answer_with, node_endpoint, own, read
from apps.calls.services.look_up import look_up
from media_workers.contract.requests import KnowledgeQuery
from telephony.edge.models import MediaNode


@node_endpoint("POST")
def knowledge(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """KnowledgeQuery -> KnowledgeAnswer."""
    query = read(request, KnowledgeQuery)
    own(node, query.node)
    return answer_with(look_up(node, call_id, query))
