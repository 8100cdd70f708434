"""That the parts of a trunk fit together. Each rule yields what is wrong, by field, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import phonenumbers

from telephony.trunks.headers import check_headers_in, check_headers_out
from telephony.trunks.models import (
    CODECS,
    Auth,
    Direction,
    InboundAuth,
    NumberFormat,
    Registration,
    Srtp,
    Transport,
    Trunk,
)
from telephony.trunks.selectors import backups_of, strangers_at, trusted_at
from telephony.trunks.values import GatewayValues, Network, raise_all
from tenants.errors import InvalidInput

_TECH_PREFIX = re.compile(r"[0-9*#]{0,10}")
_INBOUND_PREFIX = re.compile(r"\+?[0-9]{0,15}")
_SIP_USER = re.compile(r"[^\s\x00-\x1f\x7f\"<>@:;,?]*")
_OUR_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Parts:
    """What belongs to a trunk beside its own columns."""

    gateways: Sequence[GatewayValues]
    networks: Sequence[Network]


Faults = Iterator[InvalidInput]


def check_trunk(trunk: Trunk, parts: Parts) -> None:
    """That the trunk can do what it says. InvalidFields names all that is wrong with it."""
    raise_all([fault for rule in _RULES for fault in rule(trunk, parts)])


def _name(trunk: Trunk, parts: Parts) -> Faults:
    if not trunk.name.strip():
        yield InvalidInput("Give the trunk a name.", field="name")


def _direction(trunk: Trunk, parts: Parts) -> Faults:
    inbound, outbound = trunk.direction != Direction.OUTBOUND, trunk.direction != Direction.INBOUND
    devices = trunk.registration == Registration.INBOUND
    if outbound and not parts.gateways and not devices:
        yield _missing("gateways", "An outbound trunk needs a gateway.")
    learned = trunk.registration == Registration.OUTBOUND  # from where the registration was taken
    if inbound and not parts.networks and not learned and trunk.inbound_auth == InboundAuth.IP:
        yield _missing("allowed_addresses", "An inbound trunk needs the addresses its calls come from.")
    for i, gateway in enumerate(parts.gateways):
        if gateway.transport not in Transport.values:
            yield InvalidInput(
                f"Choose one of {', '.join(Transport.values)}.", field=f"gateways.{i}.transport"
            )


def _credentials(trunk: Trunk, parts: Parts) -> Faults:
    if trunk.auth == Auth.DIGEST:
        yield from _needed(trunk, "Digest authentication needs it.", "username", "password")
    elif trunk.registration == Registration.OUTBOUND:
        yield from _needed(trunk, "A registration needs it.", "username", "password")
    if not _SIP_USER.fullmatch(trunk.username):
        yield InvalidInput("Only the user name: no domain, spaces or quotes.", field="username")
    for field in ("password", "inbound_password"):
        if _CONTROL.search(getattr(trunk, field)):
            yield InvalidInput("A password has no line breaks or control characters.", field=field)


def _inbound_credentials(trunk: Trunk, parts: Parts) -> Faults:
    if trunk.registration == Registration.INBOUND:
        why = "A phone or PBX registers with it."
        yield from _needed(trunk, why, "inbound_username", "inbound_password")
        if trunk.inbound_auth == InboundAuth.IP and trunk.direction != Direction.OUTBOUND:
            yield InvalidInput(
                "Whoever registers calls from changing addresses: choose digest or either.",
                field="inbound_auth",
            )
    elif trunk.inbound_auth != InboundAuth.IP:
        why = "Callers prove themselves with it."
        yield from _needed(trunk, why, "inbound_username", "inbound_password")
    if trunk.inbound_username and not _OUR_USER.fullmatch(trunk.inbound_username):
        yield InvalidInput(
            "Give 3 to 64 letters, digits, dots, - and _, the first a letter or digit.",
            field="inbound_username",
        )


def _registration(trunk: Trunk, parts: Parts) -> Faults:
    if trunk.registration == Registration.OUTBOUND and trunk.registrar is None and not parts.gateways:
        yield _missing("registrar", "Say where to register: a registrar, or a gateway.")


def _numbers(trunk: Trunk, parts: Parts) -> Faults:
    if trunk.country and trunk.country not in phonenumbers.SUPPORTED_REGIONS:
        yield InvalidInput("Give the two letters of a country (ISO 3166), like GB.", field="country")
    if trunk.number_format == NumberFormat.NATIONAL and not trunk.country:
        yield _missing("country", "National numbers need the country they are dialed in.")
    if not _TECH_PREFIX.fullmatch(trunk.tech_prefix):
        yield InvalidInput("At most 10 of the digits, * and #.", field="tech_prefix")
    if not _INBOUND_PREFIX.fullmatch(trunk.inbound_prefix):
        yield InvalidInput("At most 15 digits, with or without a + in front.", field="inbound_prefix")


def _headers(trunk: Trunk, parts: Parts) -> Faults:
    for check, headers in ((check_headers_out, trunk.headers_out), (check_headers_in, trunk.headers_in)):
        try:
            check(headers)
        except InvalidInput as error:
            yield error


def _media(trunk: Trunk, parts: Parts) -> Faults:
    if not trunk.codecs or set(trunk.codecs) - set(CODECS) or len(set(trunk.codecs)) != len(trunk.codecs):
        yield InvalidInput("Give pcmu, pcma or both, each once, the preferred one first.", field="codecs")
    clear = [g for g in parts.gateways if g.enabled and g.transport != "tls"]
    if trunk.srtp == Srtp.REQUIRED and trunk.direction != Direction.INBOUND and clear:
        yield InvalidInput(
            f"The keys of SRTP are in the SDP, so every gateway needs tls; {clear[0].host} has "
            f"{clear[0].transport}.",
            field="srtp",
            code="needs_tls",
        )


def _limits(trunk: Trunk, parts: Parts) -> Faults:
    if trunk.inbound_reserved > trunk.max_concurrent_calls:
        yield InvalidInput(
            f"At most the trunk's {trunk.max_concurrent_calls} concurrent calls.", field="inbound_reserved"
        )
    elif trunk.direction == Direction.OUTBOUND and trunk.inbound_reserved:
        yield InvalidInput("An outbound trunk takes no calls to reserve for.", field="inbound_reserved")
    elif trunk.direction == Direction.BOTH and trunk.inbound_reserved == trunk.max_concurrent_calls:
        yield InvalidInput("Leave at least one call for the outbound direction.", field="inbound_reserved")


def _backup(trunk: Trunk, parts: Parts) -> Faults:
    backup = trunk.backup_trunk
    if backup is None:
        return
    if trunk.direction == Direction.INBOUND:
        yield InvalidInput("An inbound trunk sends no calls to back up.", field="backup_trunk")
    if backup.pk == trunk.pk:
        yield InvalidInput("A trunk is no backup of itself.", field="backup_trunk", code="circle")
    elif any(b.pk == trunk.pk for b in backups_of(backup)):
        yield InvalidInput(
            f"This makes a circle: {backup.name} comes back to this trunk.",
            field="backup_trunk",
            code="circle",
        )
    if backup.direction == Direction.INBOUND:
        yield InvalidInput(f"{backup.name} takes no outbound calls.", field="backup_trunk")
    if trunk.srtp == Srtp.REQUIRED and backup.srtp != Srtp.REQUIRED:
        yield InvalidInput(
            f"This trunk requires SRTP; {backup.name} would send the audio in clear.", field="backup_trunk"
        )


def _strangers(trunk: Trunk, parts: Parts) -> Faults:
    """Two tenants may share a carrier's addresses; a number on the platform is one tenant's, so a call is
    told apart by what was dialed. That fails when they cut or complete dialed numbers differently."""
    if not trunk.matches_by_source:
        return
    mine = (trunk.inbound_strip, trunk.inbound_prefix)
    for network in strangers_at(parts.networks, read_otherwise_than=mine):
        where = parts.networks.index(network)
        yield InvalidInput(
            f"Another tenant takes calls from {network} and reads dialed numbers by another prefix rule, so "
            "calls could not be told apart. Choose digest for inbound_auth, or leave inbound_strip and "
            "inbound_prefix as the carrier's other customers have them.",
            field=f"allowed_addresses.{where}",
            code="overlap",
        )


def _trusted(trunk: Trunk, parts: Parts) -> Faults:
    """Every tenant's calls leave from our addresses: who is known by them alone would pay for the calls of
    whoever else names the same gateway."""
    if trunk.direction == Direction.INBOUND:
        return
    proving = trunk.auth == Auth.DIGEST or trunk.registration == Registration.OUTBOUND
    shared = trusted_at([gateway.host for gateway in parts.gateways], proving=proving)
    why = "is known to it by our address alone" if proving else "uses it"
    remedy = (
        "Name a gateway that the carrier has for you alone."
        if proving
        else "Choose digest for auth, with the carrier's user name and password for you."
    )
    for i, gateway in enumerate(parts.gateways):
        if gateway.host in shared:
            yield InvalidInput(
                f"Another tenant {why}, so the carrier could not tell whose calls are whose. {remedy}",
                field=f"gateways.{i}.host",
                code="shared",
            )


_RULES: tuple[Callable[[Trunk, Parts], Faults], ...] = (
    _name,
    _direction,
    _credentials,
    _inbound_credentials,
    _registration,
    _numbers,
    _headers,
    _media,
    _limits,
    _backup,
    _strangers,
    _trusted,
)


def _needed(trunk: Trunk, why: str, *fields: str) -> Faults:
    for field in fields:
        if not getattr(trunk, field):
            yield _missing(field, why)


def _missing(field: str, why: str) -> InvalidInput:
    return InvalidInput(why, field=field, code="required")
