"""An INVITE has arrived: whose number is it, may this source call it, is there room."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.billing.errors import NotEnoughMoney
from apps.calls import telling
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, Direction
from apps.calls.selectors import usage_of, without_files
from apps.calls.services.find_callee import UNKNOWN, find_callee
from apps.calls.services.finish_call import finish_call
from apps.calls.services.hooks import Question, Taken, before_answer, taken
from apps.calls.services.plans import FORWARD, SANDBOX, build_plan
from apps.calls.services.pricing import NoRate, hold_for, hold_for_leg, leg_price
from apps.calls.services.rates import plan_has_room
from apps.calls.states import CallState
from apps.numbers.models import PhoneNumber
from apps.webhooks.services.asking import Said, ask
from media_workers.contract.calls import CallPlan, InboundAnswer, InboundCall, Rejection
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import MediaNode
from telephony.trunks.headers import variables_from
from telephony.trunks.models import Srtp
from telephony.trunks.numbering import read_caller
from telephony.trunks.selectors import limits_locked
from tenants.errors import LimitReached
from tenants.ids import first_id_at
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 10
REFUSALS_KEPT = 10
"""Refused calls stored of one number in a minute; a flood of them must not fill the table."""

REFUSALS_OF_HOOK_KEPT = 200
"""The same of calls that the tenant's hook rejects: they came from the tenant's own carrier."""

REPEATED = Rejection(
    sip_code=482,
    sip_reason="Loop Detected",
    detail="Another call with this Call-ID goes on (RFC 3261, section 8.2.2.2).",
)
SUSPENDED = Rejection(
    sip_code=480,
    sip_reason="Temporarily Unavailable",
    detail="The tenant that has this number is suspended.",
)
BUSY = Rejection(
    sip_code=503,
    sip_reason="Service Unavailable",
    detail="The trunk carries as many calls as its limit allows.",
    retry_after_s=RETRY_AFTER_S,
)
TOO_FAST = Rejection(
    sip_code=503,
    sip_reason="Service Unavailable",
    detail="More new calls came in this second than the trunk's limit of calls per second allows.",
    retry_after_s=1,
)
PLAN_FULL = Rejection(
    sip_code=503,
    sip_reason="Service Unavailable",
    detail="The tenant has as many calls at a time as its plan allows.",
    retry_after_s=RETRY_AFTER_S,
)
CLEAR_AUDIO = Rejection(
    sip_code=488,
    sip_reason="Not Acceptable Here",
    detail="The trunk requires SRTP, and the call offered none (RTP/SAVP with a=crypto, RFC 4568).",
)


_END_REASONS = {402: EndReason.MONEY_ENDED, 488: EndReason.NO_CODEC, 503: EndReason.NO_CAPACITY}


def admit_call(node: MediaNode, inbound: InboundCall) -> InboundAnswer:
    """A plan for the call, or the SIP answer that refuses it. Asking twice for one INVITE admits once.

    A number whose agent cannot speak is still answered: the plan then has a problem and an apology. The
    tenant's hook, if there is one, is asked in between, outside any transaction (`hooks`).
    """
    inbound = _clean(inbound)
    callee = find_callee(inbound)
    if callee is None:
        log.info("inbound_unknown_number", source=inbound.source_address)
        return InboundAnswer(rejection=UNKNOWN)
    with tenant_scope(callee.number.tenant_id):
        rejection = callee.rejection or _refusal(callee.number, inbound)
        question = None if rejection else _question(node, inbound, callee.number)
        if question is None:
            return _decide(node, inbound, callee.number, rejection)
    said = ask(question.hook, question.body)
    # Meanwhile the number may have gone to somebody else, and the trunk may have filled.
    again = find_callee(inbound)
    if again is None or again.number.pk != callee.number.pk:
        return InboundAnswer(rejection=UNKNOWN)
    with tenant_scope(again.number.tenant_id):
        rejection = again.rejection or _refusal(again.number, inbound)
        return _decide(node, inbound, again.number, rejection, said)


def _question(node: MediaNode, inbound: InboundCall, number: PhoneNumber) -> Question | None:
    """What the tenant's hook is asked; None: nothing, or the INVITE is admitted already."""
    question = before_answer(number, inbound)
    return None if question is None or _admitted(node, inbound, number) else question


def _decide(
    node: MediaNode,
    inbound: InboundCall,
    number: PhoneNumber,
    rejection: Rejection | None,
    said: Said | None = None,
) -> InboundAnswer:
    way = taken(number, read_caller(inbound.caller, number.trunk), None if rejection else said)
    rejection = rejection or way.rejection
    # Asked again, an INVITE that was admitted is not refused for the room that it takes itself.
    call = _admitted(node, inbound, number) if rejection else _admit(node, inbound, number, way)
    if isinstance(call, Rejection):
        call, rejection = None, call
    if call is not None:
        plan = build_plan(call)
        if plan.forward is not None and FORWARD not in call.legs:
            plan = _with_forward(call, plan, plan.forward.number)
        return InboundAnswer(plan=plan)
    if rejection is None:
        return InboundAnswer(rejection=REPEATED)
    refused = _remember_refusal(node, inbound, number, rejection, way)
    told = {"call_id": refused.pk if refused else None}
    return InboundAnswer(rejection=rejection.model_copy(update=told))


def _clean(inbound: InboundCall) -> InboundCall:
    """What a stranger wrote, made fit to be stored: no NUL, no more than the columns hold."""
    limits = {"caller": 128, "dialed_number": 128, "sip_call_id": 255, "source_address": 64}
    return inbound.model_copy(
        update={name: getattr(inbound, name).replace("\x00", "")[:limit] for name, limit in limits.items()}
    )


def _admitted(node: MediaNode, inbound: InboundCall, number: PhoneNumber) -> Call | None:
    """The call that this INVITE has become already: a Call-ID alone could be a stranger's copy."""
    calls = Call.objects.select_related("agent_version").exclude(state=CallState.ENDED)
    return calls.filter(
        node=node, sip_call_id=inbound.sip_call_id, source_address=inbound.source_address, number=number
    ).first()


def _refusal(number: PhoneNumber, inbound: InboundCall) -> Rejection | None:
    if number.tenant.suspended_at is not None:
        return SUSPENDED
    if number.trunk is None:
        return None
    if number.trunk.srtp == Srtp.REQUIRED and not inbound.srtp_offered:
        return CLEAR_AUDIO
    trunk = limits_locked(number.trunk.pk)
    used = usage_of(trunk.pk)
    if used.inbound + used.outbound >= trunk.max_concurrent_calls:
        return BUSY
    return TOO_FAST if used.new_inbound >= trunk.max_calls_per_second else None


def _with_forward(call: Call, plan: CallPlan, number: str) -> CallPlan:
    """The leg to the fallback number is counted and paid for; without a price or money there is none."""
    try:
        hold_for_leg(call, FORWARD, leg_price(call, number), now=timezone.now())
    except (NoRate, NotEnoughMoney, LimitReached) as error:
        log.info("forward_not_paid", call=call.public_id, detail=error.detail)
        return plan.model_copy(update={"forward": None})
    call.legs = [*call.legs, FORWARD]
    call.save(update_fields=["legs", "updated_at"])
    return plan


class _PlanFull(Exception):
    """The call that was made is one too many."""


def _admit(node: MediaNode, inbound: InboundCall, number: PhoneNumber, way: Taken) -> Call | Rejection | None:
    """The new call, or why it has no money or no room; None when the node carries another one with this
    Call-ID."""
    now = timezone.now()
    try:
        with transaction.atomic():
            call = _create(node, inbound, number, way)
            if call is not None:
                hold_for(call, now=now)
                if not plan_has_room(call, now=now):
                    raise _PlanFull
    except (NotEnoughMoney, LimitReached) as error:
        return Rejection(sip_code=402, sip_reason="Payment Required", detail=error.detail)
    except _PlanFull:
        return PLAN_FULL
    if call is None:
        # The same question may have been asked again while the first one was being answered.
        return _admitted(node, inbound, number)
    telling.started(call)
    publish_after_commit(call)
    return call


def _create(node: MediaNode, inbound: InboundCall, number: PhoneNumber, way: Taken) -> Call | None:
    """A ringing call; None when a call with this Call-ID is on the node, whoever's it is."""
    given = variables_from(inbound.headers, number.trunk.headers_in) if number.trunk else {}
    call = Call(
        direction=Direction.INBOUND,
        state=CallState.RINGING,
        test=number.carrier == SANDBOX,
        from_number=read_caller(inbound.caller, number.trunk),
        to_number=number.e164,
        agent=way.agent,
        agent_version=way.version,
        number=number,
        trunk=number.trunk,
        variables={**given, **way.variables},
        hook=way.hook,
        node=node,
        line=inbound.line,
        sip_call_id=inbound.sip_call_id,
        source_address=inbound.source_address,
        ringing_at=timezone.now(),
    )
    without_files(call)
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError as error:
        if "calls_call_admitted_once" not in str(error):
            raise
        return None
    return call


def _remember_refusal(
    node: MediaNode, inbound: InboundCall, number: PhoneNumber, rejection: Rejection, way: Taken
) -> Call | None:
    """Stores a refused call, so that its tenant sees why the phone does not ring; None: there are enough."""
    by_hook = rejection is way.rejection
    reason = EndReason.BLOCKED if by_hook else _END_REASONS.get(rejection.sip_code, EndReason.BLOCKED)
    most = REFUSALS_OF_HOOK_KEPT if by_hook else REFUSALS_KEPT
    minute_ago = first_id_at(timezone.now() - timedelta(minutes=1))
    recent = list(
        Call.objects.filter(number=number, pk__gt=minute_ago, end_reason=reason)
        .values_list("source_address", flat=True)
        .order_by("-pk")[:most]
    )
    log.info("inbound_refused", number=number.public_id, reason=reason, source=inbound.source_address)
    if len(recent) >= most or (inbound.source_address in recent and not by_hook):
        return None
    call = _create(node, inbound, number, way)
    if call is None:
        return None
    end = Ended(
        reason=reason,
        sip_code=rejection.sip_code,
        sip_reason=rejection.sip_reason,
        detail=rejection.detail,
    )
    finish_call(call, end, at=timezone.now())
    publish_after_commit(call)
    return call
