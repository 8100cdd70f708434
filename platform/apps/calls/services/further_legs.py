"""Whom a call's caller was handed on to through a carrier of ours: that takes money as well."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import structlog
from django.db.models import Q

from apps.billing.models import RateOf
from apps.billing.prices import Tariff, telephony_line
from apps.billing.services.rates import rates_for, telephony_of
from apps.billing.values import Line
from apps.calls.models import Call, CallEvent, Direction
from apps.calls.services.plans import SANDBOX
from apps.numbers.models import BYOC

log = structlog.get_logger(__name__)

_DIALED = re.compile(r"INVITE sips?:(\+[0-9]{5,15})[@;>]")


def is_of_carrier(call: Call) -> bool:
    """Whether a carrier of the platform's has the call, and its further legs."""
    if call.test or call.trunk_id is not None or call.number is None:
        return False
    return call.number.carrier not in (SANDBOX, BYOC)


def lines_of_further_legs(call: Call, tariff: Tariff) -> Iterator[Line]:
    """One for each leg that was answered, of a call of a carrier's number; the rates are those of when the
    call began."""
    if not is_of_carrier(call):
        return
    assert call.number is not None  # noqa: S101  (a carrier's call is of its number)
    legs = list(_answered(call))
    if not legs:
        return
    rates = rates_for(
        carrier=call.number.carrier,
        direction=RateOf.OUTBOUND.value,
        numbers={e164 for e164, _ in legs},
        at=call.created_at,
    )
    for e164, duration_ms in legs:
        if e164 in rates:
            yield telephony_line(tariff, telephony_of(rates[e164]), duration_ms)
        else:
            log.error("leg_without_rate", call=call.public_id, carrier=call.number.carrier)


def _answered(call: Call) -> Iterator[tuple[str, int]]:
    """Whom each further leg called (E.164), and for how long, by what its INVITE and its media say."""
    dialed: dict[int, str] = {}
    lasted: dict[int, int] = defaultdict(int)
    told = Q(type="media") | Q(type="sip", body__first_line__startswith="INVITE ")
    events = CallEvent.objects.filter(told, call=call).order_by("seq")
    for kind, body in events.values_list("type", "body"):
        leg = body.get("leg", 0)
        if kind == "media":
            lasted[leg] = max(lasted[leg], body.get("at_ms") or 0)
        elif body.get("direction") == "out" and (found := _DIALED.match(body["first_line"])):
            dialed.setdefault(leg, found[1])
    answered = sorted(leg for leg, duration_ms in lasted.items() if duration_ms)
    # The call's own leg comes first: of a call that we place perhaps not at the first gateway.
    own = 0 if call.direction == Direction.INBOUND else next(iter(answered), 0)
    return ((dialed[leg], lasted[leg]) for leg in answered if leg != own and leg in dialed)
