"""A node looks something up in documents, in the middle of a call."""

from __future__ import annotations

from uuid import UUID

from apps.calls.errors import CallNotYours
from apps.calls.models import Call
from apps.calls.selectors import tenant_of
from apps.calls.states import ON_A_NODE
from apps.knowledge.services.searching import answer_query
from media_workers.contract.requests import KnowledgeAnswer, KnowledgeQuery
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope


def look_up(node: MediaNode, call_id: UUID, query: KnowledgeQuery) -> KnowledgeAnswer:
    """What the bases, of the call's tenant, hold on it. The call is not locked: its events go on coming.
    Raises CallUnknown and CallNotYours."""
    tenant_id = tenant_of(call_id)
    with tenant_scope(tenant_id):
        if not Call.objects.filter(pk=call_id, node=node, state__in=ON_A_NODE).exists():
            raise CallNotYours("This call is carried by another media node, or by none.")
    return answer_query(tenant_id, query)
