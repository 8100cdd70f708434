"""Agents and the knowledge bases that they answer from."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, Q

from apps.agents.checks import Remark
from apps.agents.models import AgentVersion
from apps.agents.selectors import list_agents
from apps.knowledge.models import KnowledgeBase
from apps.knowledge.selectors import known_bases
from media_workers.contract.agent import AgentConfig
from tenants.errors import Conflict
from tenants.ids import from_public

MOST_NAMED = 5


def knowledge_faults(config: AgentConfig) -> Iterator[Remark]:
    """The bases of `config` that the tenant in force does not have."""
    asked = [_row_id(public_id) for public_id in config.knowledge.bases]
    known = known_bases([row_id for row_id in asked if row_id]) if asked else {}
    for place, row_id in enumerate(asked):
        if row_id not in known:
            yield Remark(f"knowledge.bases.{place}", "unknown", "There is no such knowledge base.")


def keep_base(sender: object, base: KnowledgeBase, **_: object) -> None:
    """Receiver of `base_deleting`. Conflict while an agent's draft, or a version that takes its calls,
    answers from the base."""
    uses = {"knowledge": {"bases": [base.public_id]}}
    speaking = AgentVersion.objects.filter(
        Q(agent__published_version=F("pk")) | Q(agent__split_version=F("pk")), config__contains=uses
    )
    agents = list_agents().filter(Q(draft__contains=uses) | Q(pk__in=speaking.values("agent_id")))
    names = list(agents.values_list("name", flat=True)[: MOST_NAMED + 1])
    if names:
        told = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
        raise Conflict(f"Agents answer from it: {told}. Take it out of them first.", code="in_use")


def _row_id(public_id: str) -> UUID | None:
    try:
        return from_public(KnowledgeBase.id_prefix, public_id)
    except ValueError:
        return None
