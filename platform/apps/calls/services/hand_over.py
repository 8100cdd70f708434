"""A call goes on with another agent of its tenant: with which configuration, and with whose keys."""

from __future__ import annotations

from uuid import UUID

from apps.agents.models import Agent
from apps.agents.selectors import agent_config_for_call, get_agent, version_for_call
from apps.calls.errors import CallNotYours
from apps.calls.models import Direction
from apps.calls.selectors import locked, tenant_of
from apps.calls.services.plans import credentials_of
from apps.calls.services.rules import heeding
from apps.calls.states import ON_A_NODE
from media_workers.contract.requests import AgentAnswer, AgentRequest
from telephony.edge.models import MediaNode
from tenants.errors import Conflict, NotFound
from tenants.ids import from_public
from tenants.scope import tenant_scope


class AgentUnpublished(Conflict):
    """An agent that has no version to take calls with."""

    code = "agent_unpublished"


def agent_for_call(node: MediaNode, call_id: UUID, wish: AgentRequest) -> AgentAnswer:
    """The agent `wish.agent` as it takes calls now, with secrets: for the node that carries the call only,
    never logged. The call keeps the agent it was admitted with. Raises CallUnknown, CallNotYours, NotFound
    and AgentUnpublished."""
    with tenant_scope(tenant_of(call_id)):
        call = locked(call_id)
        if call.node_id != node.pk or call.state not in ON_A_NODE:
            raise CallNotYours("This call is carried by another media node, or by none.")
        agent = get_agent(_id_of(wish.agent))
        other_party = call.from_number if call.direction == Direction.INBOUND else call.to_number
        version = version_for_call(agent, other_party)
        if version is None:
            raise AgentUnpublished("That agent has no published version.")
        config = heeding(call, agent_config_for_call(version))
        return AgentAnswer(
            agent=config,
            agent_name=agent.name,
            version=version.number,
            credentials=credentials_of(config),
        )


def _id_of(public_id: str) -> UUID:
    try:
        return from_public(Agent.id_prefix, public_id)
    except ValueError as error:
        raise NotFound("There is no such agent.") from error
