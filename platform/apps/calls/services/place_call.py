"""Placing one call, as people and the API ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import get_agent, version_for_call
from apps.calls.gates import ask_gates
from apps.calls.models import Call
from apps.calls.outbound_gate import note_refusal
from apps.calls.services.place_calls import CallRequest, new_call, place_calls, trunk_of
from apps.calls.services.pricing import hold_for
from apps.numbers.e164 import parse_e164
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import answering_version, find_number
from tenants.errors import InvalidInput, NotFound
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
    LimitReached when the trunk's queue is full or a spend limit has no room, NotEnoughMoney, TenantSuspended.
    What a gate refuses, or has no price, is of `to_number`.
    """
    ensure_active()
    number = _number(from_number)
    to_number = parse_e164(to_number, field="to_number")
    version = _version(number, to_number, agent_id, agent_version_id)
    request = CallRequest(number, to_number, version, dict(variables or {}), dict(metadata or {}), test)
    now = timezone.now()
    _ask_gates(request, now=now)
    with transaction.atomic():
        [call] = place_calls([request], now=now)
        hold_for(call, now=now)
    return call


def _ask_gates(request: CallRequest, *, now: datetime) -> None:
    trunk = trunk_of(request.number, test=request.test)
    word = ask_gates(new_call(request, trunk, now=now, dial_at=now), now=now)
    if word.refused:
        note_refusal(word)
        raise InvalidInput(word.refused, field="to_number", code=word.code)


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
