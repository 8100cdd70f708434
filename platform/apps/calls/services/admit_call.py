"""An INVITE has arrived: whose number is it, may this source call it, is there room."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.calls.live import publish_after_commit
from apps.calls.models import Call, Direction
from apps.calls.selectors import calls_at_once
from apps.calls.services.finish_call import finish_call
from apps.calls.services.plans import SANDBOX, build_plan
from apps.calls.states import CallState
from apps.numbers.e164 import dialed_e164
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import answering_version, find_inbound_number
from media_workers.contract.calls import InboundAnswer, InboundCall, Rejection
from media_workers.contract.events import Ended, EndReason
from telephony.carriers.registry import CARRIERS, carrier
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk
from telephony.trunks.selectors import allows_source
from tenants.ids import first_id_at
from tenants.scope import tenant_scope
from tenants.suspension import is_suspended

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 10
REFUSALS_KEPT = 10
"""Refused calls stored of one number in a minute; a flood of them must not fill the table."""

UNKNOWN = Rejection(sip_code=404, sip_reason="Not Found", detail="No tenant has this number.")
BLOCKED = Rejection(
    sip_code=403,
    sip_reason="Forbidden",
    detail="The source address is not one of the trunk's allowed addresses.",
)
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


def admit_call(node: MediaNode, inbound: InboundCall) -> InboundAnswer:
    """A plan for the call, or the SIP answer that refuses it. Asking twice for one INVITE admits once.

    A number whose agent cannot speak is still answered: the plan then has a problem and an apology.
    """
    inbound = _clean(inbound)
    e164 = dialed_e164(inbound.dialed_number)
    number = find_inbound_number(e164) if e164 else None
    if number is None:
        log.info("inbound_unknown_number", source=inbound.source_address)
        return InboundAnswer(rejection=UNKNOWN)
    with tenant_scope(number.tenant_id):
        call = _admitted(node, inbound, number)
        if call is None:
            rejection = _refusal(number, inbound)
            if rejection is not None:
                _remember_refusal(node, inbound, number, rejection)
                return InboundAnswer(rejection=rejection)
            call = _admit(node, inbound, number)
        return InboundAnswer(plan=build_plan(call)) if call else InboundAnswer(rejection=REPEATED)


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
    if not source_allowed(number, inbound.source_address, inbound.source_port):
        return BLOCKED
    if is_suspended():
        return SUSPENDED
    if number.trunk_id is None:
        return None
    # The lock makes calls that arrive together count each other; references take no such lock.
    trunk = Trunk.objects.select_for_update(no_key=True).get(pk=number.trunk_id)
    return BUSY if calls_at_once(trunk.pk) >= trunk.max_concurrent_calls else None


def source_allowed(number: PhoneNumber, address: str, port: int) -> bool:
    """Whether calls to `number` may come from this network address."""
    try:
        source = ip_address(address)
    except ValueError:
        return False
    if isinstance(source, IPv6Address) and source.ipv4_mapped is not None:
        source = source.ipv4_mapped
    if settings.DEMO_MODE and source.is_loopback:
        return True
    if number.trunk is not None:
        return allows_source(number.trunk, str(source))
    return number.carrier in CARRIERS and carrier(number.carrier).sends_from(str(source), port)


def _admit(node: MediaNode, inbound: InboundCall, number: PhoneNumber) -> Call | None:
    """The new call; None when the node carries another one with this Call-ID."""
    call = _create(node, inbound, number)
    if call is None:
        # The same question may have been asked again while the first one was being answered.
        return _admitted(node, inbound, number)
    publish_after_commit(call)
    return call


def _create(node: MediaNode, inbound: InboundCall, number: PhoneNumber) -> Call | None:
    """A ringing call; None when a call with this Call-ID is on the node, whoever's it is."""
    call = Call(
        direction=Direction.INBOUND,
        state=CallState.RINGING,
        test=number.carrier == SANDBOX,
        from_number=inbound.caller,
        to_number=number.e164,
        agent=number.agent,
        agent_version=answering_version(number),
        number=number,
        trunk=number.trunk,
        node=node,
        line=inbound.line,
        sip_call_id=inbound.sip_call_id,
        source_address=inbound.source_address,
        ringing_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError as error:
        if "calls_call_admitted_once" not in str(error):
            raise
        return None
    return call


def _remember_refusal(
    node: MediaNode, inbound: InboundCall, number: PhoneNumber, rejection: Rejection
) -> None:
    """Stores a refused call, so that its tenant sees why the phone does not ring."""
    reason = EndReason.NO_CAPACITY if rejection.sip_code == BUSY.sip_code else EndReason.BLOCKED
    minute_ago = first_id_at(timezone.now() - timedelta(minutes=1))
    recent = list(
        Call.objects.filter(number=number, pk__gt=minute_ago, end_reason=reason)
        .values_list("source_address", flat=True)
        .order_by("-pk")[:REFUSALS_KEPT]
    )
    log.info("inbound_refused", number=number.public_id, reason=reason, source=inbound.source_address)
    if inbound.source_address in recent or len(recent) >= REFUSALS_KEPT:
        return
    call = _create(node, inbound, number)
    if call is None:
        return
    end = Ended(
        reason=reason,
        sip_code=rejection.sip_code,
        sip_reason=rejection.sip_reason,
        detail=rejection.detail,
    )
    finish_call(call, end, at=timezone.now())
    publish_after_commit(call)
