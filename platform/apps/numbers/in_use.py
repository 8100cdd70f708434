"""Numbers hold on to the agents and trunks they need."""

from __future__ import annotations

from apps.agents.models import Agent
from apps.numbers.models import PhoneNumber
from telephony.trunks.models import Trunk
from tenants.errors import Conflict


def keep_agent(sender: object, agent: Agent, **_: object) -> None:
    """Receiver of `agent_archiving`. Conflict while a number reaches the agent."""
    _refuse("agent", list(PhoneNumber.objects.filter(agent=agent, archived_at=None)[:3]))


def keep_trunk(sender: object, trunk: Trunk, **_: object) -> None:
    """Receiver of `trunk_archiving`. Conflict while a number uses the trunk."""
    _refuse("trunk", list(PhoneNumber.objects.filter(trunk=trunk, archived_at=None)[:3]))


def _refuse(what: str, numbers: list[PhoneNumber]) -> None:
    if numbers:
        some = ", ".join(n.e164 for n in numbers)
        raise Conflict(f"Numbers need this {what}: {some}. Point them elsewhere first.", code="in_use")
