"""Placing calls: what must be true of them, and their places in the queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.agents.models import AgentVersion
from apps.calls.live import publish_new_after_commit
from apps.calls.models import Call, Direction
from apps.calls.selectors import without_files
from apps.calls.services.dialing import QUEUE_LIMIT, enqueue_all_after_commit, next_slots
from apps.calls.services.plans import SANDBOX
from apps.calls.states import CallState
from apps.numbers.models import PhoneNumber
from telephony.carriers.registry import CARRIERS
from telephony.trunks.models import Trunk
from telephony.trunks.selectors import gateways_for
from tenants.errors import InvalidInput, LimitReached
from tenants.ids import new_id


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A call from `number`, one of the tenant's, to `to_number` (E.164). `test` keeps it in the sandbox."""

    number: PhoneNumber
    to_number: str
    version: AgentVersion
    variables: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    test: bool = False
    id: UUID = field(default_factory=new_id)
    """Of the call to be."""


def place_calls(requests: Sequence[CallRequest], *, now: datetime) -> list[Call]:
    """Queues calls, in the order of `requests`; the lines are asked to dial them after commit.

    All or none. Gates are not asked here: whoever places many has to ask for many at once. Raises
    InvalidInput for a number that cannot place calls, LimitReached when a trunk's queue is full.
    """
    trunks = {request.number.pk: trunk_of(request.number, test=request.test) for request in requests}
    slots = _slots([trunks[request.number.pk] for request in requests], now=now)
    calls = [
        new_call(request, trunks[request.number.pk], now=now, dial_at=slot)
        for request, slot in zip(requests, slots, strict=True)
    ]
    Call.objects.bulk_create(calls)
    for call in calls:
        without_files(call)
    publish_new_after_commit(calls)
    enqueue_all_after_commit(calls)
    return calls


def trunk_of(number: PhoneNumber, *, test: bool) -> Trunk | None:
    """The tenant's trunk that carries a call from `number`; None: the sandbox, or the number's carrier.
    Raises InvalidInput when nothing can."""
    if test or is_carried(number):
        return None
    trunk: Trunk | None = number.trunk
    if trunk is None:
        raise InvalidInput(f"Numbers of {number.carrier} cannot place calls now.", field="from_number")
    if not trunk.sends_calls:
        raise InvalidInput(f"The number's trunk {trunk.name!r} takes no outbound calls.", field="from_number")
    if not gateways_for(trunk):
        raise InvalidInput(f"The number's trunk {trunk.name!r} has no enabled gateway.", field="from_number")
    return trunk


def is_carried(number: PhoneNumber) -> bool:
    """Whether a carrier of the platform's takes its calls: the sandbox, or one that is configured here."""
    return number.carrier in CARRIERS


def new_call(request: CallRequest, trunk: Trunk | None, *, now: datetime, dial_at: datetime) -> Call:
    """The call as it will be queued, not saved."""
    return Call(
        id=request.id,
        direction=Direction.OUTBOUND,
        state=CallState.QUEUED,
        test=request.test or request.number.carrier == SANDBOX,
        from_number=request.number.e164,
        to_number=request.to_number,
        agent=request.version.agent,
        agent_version=request.version,
        number=request.number,
        trunk=trunk,
        variables=dict(request.variables),
        metadata=dict(request.metadata),
        queued_at=now,
        dial_at=dial_at,
    )


def _slots(trunks: Sequence[Trunk | None], *, now: datetime) -> list[datetime]:
    """When each call may be dialed; the trunks' rows are locked in the order of their ids."""
    places: dict[UUID | None, list[int]] = defaultdict(list)
    by_id = {trunk.pk if trunk else None: trunk for trunk in trunks}
    for i, trunk in enumerate(trunks):
        places[trunk.pk if trunk else None].append(i)
    slots = [now] * len(trunks)
    for trunk_id in sorted(places, key=str):
        times = next_slots(by_id[trunk_id], len(places[trunk_id]), now=now)
        if times[-1] - now > QUEUE_LIMIT:
            raise LimitReached(
                "More calls wait for this trunk than it can dial in ten minutes; place this one later.",
                code="queue_full",
                retry_after_s=60,
            )
        for i, time in zip(places[trunk_id], times, strict=True):
            slots[i] = time
    return slots
