"""Placing a call: what must be true of it, and its place in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import get_agent, version_for_call
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, Direction
from apps.calls.services.dialing import QUEUE_LIMIT, enqueue_after_commit, next_slot
from apps.calls.services.plans import SANDBOX
from apps.calls.states import CallState
from apps.numbers.e164 import parse_e164
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import answering_version, find_number
from telephony.trunks.models import Trunk
from telephony.trunks.selectors import gateways_for
from tenants.errors import InvalidInput, LimitReached, NotFound
from tenants.suspension import ensure_active


def place_call(
    *,
    from_number: str,
    to_number: str,
    agent_id: UUID | None = None,
    agent_version_id: UUID | None = None,
    variables: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    test: bool = False,
) -> Call:
    """Queues a call from one of the tenant's numbers and asks the lines to dial it after commit.

    Without an agent the number's own speaks. `test` keeps the call in the sandbox, whatever the
    number; numbers of the sandbox carrier never leave it. Raises InvalidInput naming the field, and
    LimitReached when the trunk's queue is full, TenantSuspended.
    """
    ensure_active()
    number = _number(from_number)
    to_number = parse_e164(to_number, field="to_number")
    version = _version(number, to_number, agent_id, agent_version_id)
    trunk = None if test or number.carrier == SANDBOX else _trunk(number)
    now = timezone.now()
    dial_at = next_slot(trunk, now=now)
    if dial_at - now > QUEUE_LIMIT:
        raise LimitReached(
            "More calls wait for this trunk than it can dial in ten minutes; place this one later.",
            code="queue_full",
            retry_after_s=60,
        )
    call = Call.objects.create(
        direction=Direction.OUTBOUND,
        state=CallState.QUEUED,
        test=trunk is None,
        from_number=number.e164,
        to_number=to_number,
        agent_id=version.agent_id,
        agent_version=version,
        number=number,
        trunk=trunk,
        variables=dict(variables or {}),
        metadata=dict(metadata or {}),
        queued_at=now,
        dial_at=dial_at,
    )
    publish_after_commit(call)
    enqueue_after_commit(call)
    return call


def _number(text: str) -> PhoneNumber:
    number = find_number(parse_e164(text, field="from_number"))
    if number is None:
        raise InvalidInput("This is not one of your numbers.", field="from_number", code="unknown")
    return number


def _version(
    number: PhoneNumber, to_number: str, agent_id: UUID | None, version_id: UUID | None
) -> AgentVersion:
    """Who speaks: the version named, else the named agent's own choice, else what the number answers with."""
    agent = number.agent if agent_id is None else _agent(agent_id)
    if agent is None:
        raise InvalidInput("Name an agent: the number has none of its own.", field="agent", code="required")
    if version_id is not None:
        version = AgentVersion.objects.filter(agent=agent, pk=version_id).first()
        if version is None:
            raise InvalidInput("The agent has no such version.", field="agent_version", code="unknown")
        return version
    if agent_id is None:
        answering = answering_version(number, to_number)
    else:
        answering = version_for_call(agent, to_number)
    if answering is None:
        raise InvalidInput("The agent has no published version.", field="agent", code="unpublished")
    return answering


def _agent(agent_id: UUID) -> Agent:
    try:
        return get_agent(agent_id)
    except NotFound as error:
        raise InvalidInput(error.detail, field="agent", code="unknown") from error


def _trunk(number: PhoneNumber) -> Trunk:
    trunk: Trunk | None = number.trunk
    if trunk is None:
        raise InvalidInput(f"Numbers of {number.carrier} cannot place calls.", field="from_number")
    if not trunk.sends_calls:
        raise InvalidInput(f"The number's trunk {trunk.name!r} takes no outbound calls.", field="from_number")
    if not gateways_for(trunk):
        raise InvalidInput(f"The number's trunk {trunk.name!r} has no enabled gateway.", field="from_number")
    return trunk
