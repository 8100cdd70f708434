"""A media node wants to dial a queued call, or to carry a browser call. Exactly one gets it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.utils import timezone

from apps.calls import telling
from apps.calls.gates import Rate, Word, ask_gates
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, CallDraft, Direction
from apps.calls.selectors import locked, tenant_of
from apps.calls.services.dialing import enqueue_after_commit, may_dial
from apps.calls.services.finish_call import finish_call
from apps.calls.services.further_legs import is_of_carrier
from apps.calls.services.hooks import allowed, before_dial
from apps.calls.services.plans import build_plan
from apps.calls.services.pricing import unpaid
from apps.calls.services.rates import put_off_until
from apps.calls.states import CallState
from apps.webhooks.services.asking import Said, ask
from media_workers.contract.calls import CallPlan, ClaimRequest
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import MediaNode
from telephony.edge.tickets import BadTicket, check_call_ticket
from tenants.scope import tenant_scope
from tenants.suspension import is_suspended

log = structlog.get_logger(__name__)

CHANGED = "The agent or the trunk was changed while the call waited, so that it cannot be dialed."
GIVEN_BACK = "The number that it was to come from was given back while the call waited."


def claim_call(node: MediaNode, call_id: UUID, wish: ClaimRequest) -> CallPlan | None:
    """`queued` -> `dialing` by this line, and the plan; None when the call is not to be dialed by it now.

    The same line asking twice gets None the second time: an answer that was lost must not make a
    phone ring twice. Such a call is not on the node's list, so the reconciler ends it. Raises
    CallUnknown. The tenant's hook, if there is one, is asked in between, outside any transaction (`hooks`).
    """
    tenant_id = tenant_of(call_id)
    with tenant_scope(tenant_id):
        call, now = locked(call_id), timezone.now()
        word = _word(call, wish, now=now)
        question = before_dial(call, now=now) if word else None
        if word is None or question is None:
            return _dial(node, call, wish, word, now=now) if word else None
    said = ask(question.hook, question.body)
    with tenant_scope(tenant_id):
        call, now = locked(call_id), timezone.now()
        word = _word(call, wish, now=now)
        if word is None or not _is_allowed(call, said):
            return None
        return _dial(node, call, wish, word, now=now)


def _word(call: Call, wish: ClaimRequest, *, now: datetime) -> Word | None:
    """What the gates say of a call that may be dialed by this line now; None: it is not to be."""
    if call.state != CallState.QUEUED or not _may_have(call, wish, now=now):
        return None
    if is_suspended():
        _give_up(call, "The tenant was suspended while the call waited.")
        return None
    word = ask_gates(call, now=now) if call.direction == Direction.OUTBOUND else Word()
    if word.refused:
        _give_up(call, word.refused, EndReason.WITHDRAWN)
        return None
    return word


def _is_allowed(call: Call, said: Said) -> bool:
    """Whether the tenant's hook lets the call be dialed; what it said stands on the call from now on."""
    answer = allowed(said)
    call.hook = answer.hook
    call.variables = {**call.variables, **answer.variables}
    call.save(update_fields=["hook", "variables", "updated_at"])
    if answer.refused:
        _give_up(call, answer.refused, EndReason.WITHDRAWN)
    return not answer.refused


def _dial(node: MediaNode, call: Call, wish: ClaimRequest, word: Word, *, now: datetime) -> CallPlan | None:
    plan = build_plan(call)
    if not _can_begin(call, plan):
        _give_up(call, CHANGED)
        return None
    if _number_is_gone(call):
        _give_up(call, GIVEN_BACK)
        return None
    if why := unpaid(call, now=now):
        _give_up(call, why, EndReason.MONEY_ENDED)
        return None
    # Last: from here to the commit all other claims under these limits wait.
    if call.direction == Direction.OUTBOUND and _must_wait(call, word.rates, now=now):
        return None
    # The node has the keys of a draft's models now; nobody else needs them.
    CallDraft.objects.filter(call=call).update(api_keys="")
    call.move_to(CallState.DIALING, at=now)
    call.node = node
    call.line = wish.line
    call.save(update_fields=["state", "dialing_at", "node", "line", "updated_at"])
    telling.started(call)
    publish_after_commit(call)
    return plan


def _may_have(call: Call, wish: ClaimRequest, *, now: datetime) -> bool:
    """A browser call is for the node whose socket brought the ticket; any other waits for its trunk."""
    if call.direction != Direction.BROWSER:
        return may_dial(call, now=now)
    try:
        check_call_ticket(wish.ticket, call.pk)
    except BadTicket as error:
        log.warning("browser_call_not_given", call=call.public_id, error=str(error))
        return False
    return True


def _can_begin(call: Call, plan: CallPlan) -> bool:
    if plan.agent is None:
        return False
    if call.direction == Direction.BROWSER:
        return True
    return plan.dial is not None and bool(plan.dial.gateways) and not _trunk_is_gone(call)


def _trunk_is_gone(call: Call) -> bool:
    return call.trunk is not None and call.trunk.archived_at is not None


def _number_is_gone(call: Call) -> bool:
    """One of a carrier of ours may be another tenant's by now."""
    return is_of_carrier(call) and call.number is not None and call.number.archived_at is not None


def _must_wait(call: Call, rates: tuple[Rate, ...], *, now: datetime) -> bool:
    """Whether the rates put the call off; it is asked for again when its turn comes."""
    until = put_off_until(call, rates, now=now)
    if until is None:
        return False
    call.dial_at = until
    call.save(update_fields=["dial_at", "updated_at"])
    enqueue_after_commit(call)
    return True


def _give_up(call: Call, detail: str, reason: EndReason = EndReason.FAILED) -> None:
    finish_call(call, Ended(reason=reason, detail=detail), at=timezone.now())
    publish_after_commit(call)
