"""Who is at the other end of a call, and whether they can be reached again."""

from __future__ import annotations

from uuid import UUID

from apps.calls.models import Call, Direction
from apps.calls.selectors import locked
from apps.calls.states import ON_A_NODE
from apps.numbers.e164 import parse_e164
from telephony.edge.models import MediaNode
from tenants.countries import refusal
from tenants.errors import Conflict, InvalidInput


class Unreachable(Exception):
    """Nobody can be called or written to; the text says why, for the model."""


def call_of(node: MediaNode, call_id: UUID) -> Call:
    """The call, locked, in the scope of its tenant. Raises CallUnknown, and Conflict when it is not this node
    that carries it now."""
    call = locked(call_id)
    if call.node_id != node.pk or call.state not in ON_A_NODE:
        raise Conflict("This call is not carried by you.", code="not_carried")
    return call


def other_party(call: Call) -> str:
    """Their number. Raises Unreachable."""
    number = call.to_number if call.direction == Direction.OUTBOUND else call.from_number
    if call.number is None:
        raise Unreachable("This call came by no telephone number.")
    try:
        found = parse_e164(number)
    except InvalidInput as error:
        raise Unreachable("The other side's number is not known.") from error
    # Whoever calls says themselves which number they have: one that earns from being called or written to.
    if call.direction == Direction.INBOUND and (why := refusal(found)):
        raise Unreachable(why)
    return found
