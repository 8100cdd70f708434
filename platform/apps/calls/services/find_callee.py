"""Whose number was dialed, and whether this call may reach it. Any tenant's: no scope is in force yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import numbers_of_anybody
from media_workers.contract.calls import InboundCall, Rejection
from telephony.carriers.registry import CARRIERS, carrier
from telephony.trunks.models import Trunk
from telephony.trunks.numbering import is_international, read_dialed
from telephony.trunks.selectors import InboundTrunk, inbound_trunks, source_address
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
        trunks = inbound_trunks(
            hint=inbound.trunk_hint,
            authenticated_as=inbound.authenticated_as,
            source=inbound.source_address,
        )
        read = {t.trunk.pk: read_dialed(inbound.dialed_number, t.trunk) for t in trunks}
        plain = read_dialed(inbound.dialed_number)
        numbers = {n.e164: n for n in numbers_of_anybody({*plain, *(e for r in read.values() for e in r)})}
    found = [(t, n) for t in trunks if (n := _number_of(t.trunk, read[t.trunk.pk], numbers)) is not None]
    if found:
        return _choose(found, plain if is_international(inbound.dialed_number) else [])
    number = next((numbers[e164] for e164 in plain if e164 in numbers), None)
    return None if number is None else Callee(number, _why_not(number, inbound, trunks))


def _number_of(trunk: Trunk, read: list[str], numbers: dict[str, PhoneNumber]) -> PhoneNumber | None:
    """The first of the numbers that the trunk reads and has."""
    return next((numbers[e] for e in read if e in numbers and numbers[e].trunk_id == trunk.pk), None)


def _choose(found: list[tuple[InboundTrunk, PhoneNumber]], exact: list[str]) -> Callee:
    """One meaning: what was dialed with its country code beats what a rule of some trunk makes of it."""
    found = [(t, n) for t, n in found if n.e164 in exact] or found
    found = [(t, n) for t, n in found if t.proven] or found
    trunk, number = found[0]
    if any(n.tenant_id != number.tenant_id for _, n in found):
        return Callee(number, AMBIGUOUS)
    return Callee(number, None if trunk.proven else _not_proven(trunk.trunk))


def _not_proven(trunk: Trunk) -> Rejection:
    if not trunk.takes_calls:
        return OUTBOUND_ONLY
    return BLOCKED if trunk.matches_by_source else UNPROVEN


def _why_not(number: PhoneNumber, inbound: InboundCall, trunks: list[InboundTrunk]) -> Rejection | None:
    """Of a number that no trunk of the call has: of the sandbox, or of a trunk the call is not for."""
    source = source_address(inbound.source_address)
    if source is not None and settings.DEMO_MODE and source.is_loopback:
        return None
    if number.trunk is not None:
        named = any(t.named for t in trunks)
        return OTHER_TRUNK if named else _not_proven(number.trunk)
    known = source is not None and number.carrier in CARRIERS
    if known and carrier(number.carrier).sends_from(str(source), inbound.source_port):
        return None
    return BLOCKED
