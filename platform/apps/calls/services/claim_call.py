"""A line wants to dial a queued call. Exactly one gets it."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.utils import timezone

from apps.calls.live import publish_after_commit
from apps.calls.models import Call
from apps.calls.selectors import locked, tenant_of
from apps.calls.services.dialing import may_dial
from apps.calls.services.finish_call import finish_call
from apps.calls.services.plans import build_plan
from apps.calls.states import CallState
from media_workers.contract.calls import CallPlan, ClaimRequest
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)


def claim_call(node: MediaNode, call_id: UUID, wish: ClaimRequest) -> CallPlan | None:
    """`queued` -> `dialing` by this line, and the plan; None when the call is not to be dialed by it now.

    The same line asking twice gets None the second time: an answer that was lost must not make a
    phone ring twice. Such a call is not on the node's list, so the reconciler ends it. Raises
    CallUnknown.
    """
    with tenant_scope(tenant_of(call_id)):
        call = locked(call_id)
        now = timezone.now()
        if call.state != CallState.QUEUED or not may_dial(call, now=now):
            return None
        plan = build_plan(call)
        if plan.agent is None or plan.dial is None or not plan.dial.gateways or _trunk_is_gone(call):
            _give_up(call)
            return None
        call.move_to(CallState.DIALING, at=now)
        call.node = node
        call.line = wish.line
        call.save(update_fields=["state", "dialing_at", "node", "line", "updated_at"])
        publish_after_commit(call)
    return plan


def _trunk_is_gone(call: Call) -> bool:
    return call.trunk is not None and call.trunk.archived_at is not None


def _give_up(call: Call) -> None:
    """The agent or the trunk was taken away while the call waited."""
    detail = "The agent or the trunk was changed while the call waited, so that it cannot be dialed."
    finish_call(call, Ended(reason=EndReason.FAILED, detail=detail), at=timezone.now())
    publish_after_commit(call)
