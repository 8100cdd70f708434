"""The other side of a call asks in it not to be called again."""

from __future__ import annotations

from uuid import UUID

from apps.calls.models import Call, Direction
from apps.calls.selectors import tenant_of
from apps.campaigns.services import suppression
from apps.followups.services.other_party import call_of
from apps.numbers.e164 import parse_e164
from media_workers.contract.requests import Done, DoNotCallRequest
from media_workers.contract.simulation import TOLD_PHONE
from telephony.edge.models import MediaNode
from tenants.errors import InvalidInput
from tenants.scope import tenant_scope

NOTED = "The number is on the do-not-call list now. Say so, say goodbye, and end the call."
UNKNOWN = "The other side's number is not known, so that it cannot be put on the list. Say so."


def ask_not_to_call(node: MediaNode, call_id: UUID, wish: DoNotCallRequest) -> Done:
    """Puts the other side's number on the tenant's list; the answer's words are for the model.

    Outbound, that is the number dialed; inbound, the one the caller showed. Asking again does nothing more.
    Raises CallUnknown, Conflict (the call is another node's).
    """
    with tenant_scope(tenant_of(call_id)):
        call = call_of(node, call_id)
        number = _other_number(call)
        if number is None:
            return Done(ok=False, words=UNKNOWN, kind="do_not_call")
        # A test suite's caller has one telephone for all suites, which is to ring again.
        if number != TOLD_PHONE:
            suppression.opted_out(e164=number, campaign=None, call=call)
    return Done(ok=True, words=NOTED, kind="do_not_call")


def _other_number(call: Call) -> str | None:
    if call.direction == Direction.BROWSER:
        return None
    shown = call.to_number if call.direction == Direction.OUTBOUND else call.from_number
    try:
        return parse_e164(shown)
    except InvalidInput:
        return None
