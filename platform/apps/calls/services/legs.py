"""A call wants a further leg: somebody whom its caller is handed on to. May it, and how is it dialed?

What a leg takes of its trunk is on the call, by the leg's key: it is free again when the leg is over, and
with the end of the call in any case.
"""

from __future__ import annotations

import re
from urllib.parse import unquote
from uuid import UUID

import structlog
from django.utils import timezone

from apps.billing.errors import NotEnoughMoney
from apps.billing.prices import Telephony
from apps.calls.errors import CallNotYours
from apps.calls.models import Call, Direction
from apps.calls.selectors import locked, tenant_of
from apps.calls.services.further_legs import is_of_carrier
from apps.calls.services.plans import can_send, dial_target, direct_target, through_trunk
from apps.calls.services.pricing import NoRate, free_of_leg, hold_for_leg, leg_price
from apps.calls.states import ON_A_NODE
from media_workers.contract.calls import DialTarget, Rejection
from media_workers.contract.requests import NOT_BY_REFER, LegAnswer, LegOver, LegRequest
from telephony.carriers.registry import SELLERS
from telephony.edge.models import MediaNode
from telephony.trunks.selectors import limits_locked
from telephony.trunks.uris import SipAddress, read_sip_uri, sip_uri_refusal
from tenants.countries import refusal
from tenants.errors import InvalidInput, LimitReached
from tenants.scope import tenant_scope
from tenants.suspension import is_suspended

log = structlog.get_logger(__name__)

MOST_LEGS = 5
"""Of one call at a time."""

SANDBOX_ONLY = "A call of the sandbox reaches the sandbox's telephones only."
NO_LINE = "This call has no line to the telephone network: it cannot be handed on to a SIP address."
NOT_STRAIGHT = (
    "Calls of numbers that were bought here reach telephone numbers through their carrier, and SIP addresses "
    "of your own straight: give the transfer a number instead."
)
AS_NUMBER = "At the trunk's own gateway a telephone number begins with + and its country."
_BETWEEN = re.compile(r"[\s().\-]")
_DIALED = re.compile(r"\+[0-9*#A-Da-d]*|[0-9*#A-Da-d]{8,}")
"""What a carrier would call; extensions are shorter."""

SUSPENDED = "The tenant is suspended."
FULL = "The trunk carries as many calls as its limit allows, or cannot place any now."
NOT_REFERRED = "A carrier of ours is not asked to connect the caller: nobody would know how long they talk."
TOO_MANY = f"A call has at most {MOST_LEGS} further legs at a time."


class Refused(Exception):
    """No leg; why, in words, with the SIP code that says the same."""

    def __init__(self, detail: str, code: int = 403, reason: str = "Forbidden") -> None:
        super().__init__(detail)
        self.rejection = Rejection(sip_code=code, sip_reason=reason, detail=detail)


def allow_leg(node: MediaNode, call_id: UUID, wish: LegRequest) -> LegAnswer:
    """Whether the call, which `node` carries, may have this leg, and how it is placed. Asking again with the
    same key takes nothing twice. Raises CallUnknown and CallNotYours."""
    with tenant_scope(tenant_of(call_id)):
        call = _carried(node, call_id)
        try:
            return _answer(call, wish)
        except (NoRate, NotEnoughMoney, LimitReached) as unpaid:
            log.info("leg_not_paid", call=call.public_id, detail=unpaid.detail)
            return LegAnswer(rejection=Refused(unpaid.detail).rejection)
        except Refused as refused:
            log.info("leg_refused", call=call.public_id, detail=str(refused))
            return LegAnswer(rejection=refused.rejection)


def end_leg(node: MediaNode, call_id: UUID, told: LegOver) -> None:
    """The leg of that key is gone. Telling twice does no harm. Raises CallUnknown and CallNotYours."""
    with tenant_scope(tenant_of(call_id)):
        call = _carried(node, call_id, over_too=True)
        if told.key in call.legs:
            call.legs = [key for key in call.legs if key != told.key]
            call.save(update_fields=["legs", "updated_at"])
            free_of_leg(call, told.key, now=timezone.now())


def _carried(node: MediaNode, call_id: UUID, *, over_too: bool = False) -> Call:
    call = locked(call_id)
    if call.node_id != node.pk or not (over_too or call.state in ON_A_NODE):
        raise CallNotYours("This call is carried by another media node, or by none.")
    return call


def _answer(call: Call, wish: LegRequest) -> LegAnswer:
    if is_suspended():
        raise Refused(SUSPENDED)
    if wish.referred and is_of_carrier(call):
        raise Refused(NOT_REFERRED, NOT_BY_REFER, "Method Not Allowed")
    target = _target(call, wish)
    if wish.referred:
        return LegAnswer(refer_to=wish.sip_uri or _uri_of(target))
    price = leg_price(call, wish.number) if wish.number else None
    _take(call, wish.key, price)
    return LegAnswer(dial=target)


def _target(call: Call, wish: LegRequest) -> DialTarget:
    caller_id = _shown(call, wish.show_caller)
    if wish.number:
        if why := refusal(wish.number):
            raise Refused(why)
        target = dial_target(call, wish.number, caller_id, call.variables)
    else:
        target = _to_uri(call, wish.sip_uri, caller_id)
    if not target.gateways:
        raise Refused(FULL, 503, "Service Unavailable")
    return target


def _to_uri(call: Call, uri: str, caller_id: str) -> DialTarget:
    """Through the call's trunk when the URI names one of its gateways, else straight to its host. What a
    carrier of ours would do for money is asked of it by a number, which has a price."""
    try:
        address = read_sip_uri(uri)
    except InvalidInput as error:
        raise Refused(error.detail) from error
    if call.test:
        raise Refused(SANDBOX_ONLY)
    if call.trunk is None:
        if not is_of_carrier(call):
            raise Refused(NO_LINE)
        if _is_telephone(address.user) or address.host in _hosts_of_carriers():
            raise Refused(NOT_STRAIGHT)
    if _is_gateway(call, address):
        if why := _number_refusal(address.user):
            raise Refused(why)
        return through_trunk(call, address.user, caller_id)
    if why := sip_uri_refusal(uri):
        raise Refused(why)
    return direct_target(call, address, caller_id)


def _number_refusal(user: str) -> str:
    """Why the carrier is not to be asked for `user`, "" when it may: a telephone number is one however it is
    written, and our countries are for all of them."""
    if not _is_telephone(user):
        return ""
    digits = _BETWEEN.sub("", unquote(user))
    return refusal(digits) if digits.startswith("+") else AS_NUMBER


def _is_telephone(user: str) -> bool:
    return _DIALED.fullmatch(_BETWEEN.sub("", unquote(user))) is not None


def _hosts_of_carriers() -> set[str]:
    return {gateway.host for seller in SELLERS.values() for gateway in seller.gateways()}


def _is_gateway(call: Call, address: SipAddress) -> bool:
    trunk = call.trunk
    return trunk is not None and any(g.enabled and g.host == address.host for g in trunk.gateways.all())


def _shown(call: Call, show_caller: bool) -> str:
    """Our own number, or that of whom we talk to."""
    outbound = call.direction == Direction.OUTBOUND
    return call.to_number if show_caller == outbound else call.from_number


def _take(call: Call, key: str, price: Telephony | None) -> None:
    """Counts the leg on the call's trunk, and holds the money that it takes. Raises Refused, and what
    `hold_for_leg` does."""
    if key in call.legs:
        return
    if len(call.legs) >= MOST_LEGS:
        raise Refused(TOO_MANY)
    if call.trunk is not None:
        limits_locked(call.trunk.pk)
        if not can_send(call.trunk):
            raise Refused(FULL, 503, "Service Unavailable")
    hold_for_leg(call, key, price, now=timezone.now())
    call.legs = [*call.legs, key]
    call.save(update_fields=["legs", "updated_at"])


def _uri_of(target: DialTarget) -> str:
    """Where the carrier is to connect the caller: the number at the gateway that calls go out by."""
    gateway = target.gateways[0]
    host = f"[{gateway.host}]" if ":" in gateway.host else gateway.host
    port = f":{gateway.port}" if gateway.port else ""
    transport = f";transport={gateway.transport}" if gateway.transport != "udp" else ""
    return f"sip:{target.number}@{host}{port}{transport}"
