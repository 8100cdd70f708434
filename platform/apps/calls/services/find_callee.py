"""Whose number was dialed, and whether this call may reach it. Any tenant's: no scope is in force yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import numbers_called
from media_workers.contract.calls import InboundCall, Rejection
from telephony.carriers.registry import CARRIERS, carrier
from telephony.trunks.models import Trunk
from telephony.trunks.numbering import is_international, read_dialed, rule_of
from telephony.trunks.selectors import (
    is_proven,
    named_trunk,
    rules_at,
    source_address,
)
from tenants.scope import platform_scope

UNKNOWN = Rejection(sip_code=404, sip_reason="Not Found", detail="No tenant has this number.")
BLOCKED = Rejection(
    sip_code=403,
    sip_reason="Forbidden",
    detail="The source address is not one of the trunk's allowed addresses.",
)
UNPROVEN = Rejection(
    sip_code=403,
    sip_reason="Forbidden",
    detail="The trunk asks its callers for a user name and a password, and the call has shown none.",
)
OTHER_TRUNK = Rejection(
    sip_code=404,
    sip_reason="Not Found",
    detail="The number belongs to another trunk than the one that was called.",
)
OUTBOUND_ONLY = Rejection(
    sip_code=403, sip_reason="Forbidden", detail="The number's trunk is for outbound calls only."
)
AMBIGUOUS = Rejection(
    sip_code=485,
    sip_reason="Ambiguous",
    detail="The dialed number may be those of two tenants who share this source; dial it with + and country "
    "code, or call the trunk's own domain.",
)


@dataclass(frozen=True, slots=True)
class Callee:
    """A number that was dialed; `rejection` when this call may not reach it."""

    number: PhoneNumber
    rejection: Rejection | None = None


def find_callee(inbound: InboundCall) -> Callee | None:
    """Whom the call is for; None when nobody has the number. Two queries.

    The trunk is known by its own domain, by its user name or by the source, and reads the number its way.
    """
    with platform_scope():
        named = named_trunk(hint=inbound.trunk_hint, authenticated_as=inbound.authenticated_as)
        rules = [rule_of(named)] if named else rules_at(inbound.source_address)
        read = [e164 for rule in rules for e164 in read_dialed(inbound.dialed_number, rule)]
        plain = read_dialed(inbound.dialed_number)
        called = numbers_called({*read, *plain}, source=inbound.source_address)
    numbers = [number for number, _ in called]
    from_there = {n.trunk_id for n, is_from_there in called if n.trunk_id is not None and is_from_there}
    found = [n for n in numbers if _is_for(n, named, from_there) and _reads(n, inbound.dialed_number)]
    if found:
        return _choose(found, inbound, from_there)
    by_e164 = {n.e164: n for n in numbers}
    number = next((by_e164[e164] for e164 in plain if e164 in by_e164), None)
    return None if number is None else Callee(number, _why_not(number, inbound, named))


def _is_for(number: PhoneNumber, named: Trunk | None, from_there: set[UUID]) -> bool:
    """Whether the call may be for the number's trunk: the one it names, else any that its source is of."""
    trunk = number.trunk
    if trunk is None:
        return False
    return trunk == named if named else trunk.pk in from_there and trunk.matches_by_source


def _reads(number: PhoneNumber, dialed: str) -> bool:
    return number.trunk is not None and number.e164 in read_dialed(dialed, rule_of(number.trunk))


def _choose(found: list[PhoneNumber], inbound: InboundCall, from_there: set[UUID]) -> Callee:
    """One meaning: what was dialed with its country code beats what a rule of some trunk makes of it."""
    exact = read_dialed(inbound.dialed_number) if is_international(inbound.dialed_number) else []
    found = [n for n in found if n.e164 in exact] or found
    number = min(found, key=lambda n: read_dialed(inbound.dialed_number, rule_of(n.trunk)).index(n.e164))
    if any(n.tenant_id != number.tenant_id for n in found):
        return Callee(number, AMBIGUOUS)
    known = is_proven(
        number.trunk,
        authenticated_as=inbound.authenticated_as,
        from_there=number.trunk_id in from_there,
    )
    return Callee(number, None if known or _in_demo(inbound) else _not_proven(number.trunk))


def _not_proven(trunk: Trunk) -> Rejection:
    if not trunk.takes_calls:
        return OUTBOUND_ONLY
    return BLOCKED if trunk.matches_by_source else UNPROVEN


def _why_not(number: PhoneNumber, inbound: InboundCall, named: Trunk | None) -> Rejection | None:
    """Of a number that the call does not reach through a trunk: one of the sandbox, or another trunk's."""
    if _in_demo(inbound):
        return None
    if number.trunk is not None:
        return OTHER_TRUNK if named else _not_proven(number.trunk)
    source = source_address(inbound.source_address)
    known = source is not None and number.carrier in CARRIERS
    if known and carrier(number.carrier).sends_from(str(source), inbound.source_port):
        return None
    return BLOCKED


def _in_demo(inbound: InboundCall) -> bool:
    """In demo mode any phone on this machine may call any number."""
    source = source_address(inbound.source_address)
    return bool(settings.DEMO_MODE) and source is not None and source.is_loopback
