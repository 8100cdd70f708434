"""Reads of trunks. In the tenant's scope, except where the docstring says otherwise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import groupby
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from media_workers.contract.calls import Gateway
from telephony.trunks.models import Direction, InboundAuth, Registration, Trunk, TrunkAddress, TrunkGateway
from telephony.trunks.values import WIDEST, Network
from tenants.errors import NotFound
from tenants.scope import current_tenant_id, platform_scope

MAX_BACKUPS = 4
"""How long a chain of backup trunks may be: each is tried within the one attempt."""


def list_trunks() -> QuerySet[Trunk]:
    """The trunks that are not archived, with gateways, addresses and registration."""
    rows = Trunk.objects.filter(archived_at=None).select_related("registration_state__node")
    return rows.prefetch_related("gateways", "addresses")


def get_trunk(trunk_id: UUID, *, lock: bool = False) -> Trunk:
    """One of `list_trunks`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_trunks()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    trunk = rows.filter(pk=trunk_id).first()
    if trunk is None:
        raise NotFound("There is no such trunk.")
    return trunk


def gateways_for(
    trunk: Trunk, rng: random.Random | None = None, *, now: datetime | None = None
) -> list[Gateway]:
    """Where to try a call, in order: by priority, and by weighted chance within one (as RFC 2782 does).

    Gateways that rest are left out, unless all do: then a call that may fail beats one that must. To a
    trunk whose phones register here, calls go by its domain: the edge knows where they are.
    """
    registered = [Gateway(host=trunk.domain, port=None)] if trunk.registration == Registration.INBOUND else []
    rng = rng or random.SystemRandom()
    now = now or timezone.now()
    enabled = [g for g in trunk.gateways.all() if g.enabled]
    fit = [g for g in enabled if g.rests_until is None or g.rests_until <= now]
    rows = sorted(fit or enabled, key=lambda g: g.priority)
    order: list[TrunkGateway] = []
    for _, group in groupby(rows, key=lambda g: g.priority):
        rest = list(group)
        while rest:
            chosen = rng.choices(rest, weights=[g.weight for g in rest])[0]
            rest.remove(chosen)
            order.append(chosen)
    return registered + [
        Gateway.model_validate({"id": g.pk, "host": g.host, "port": g.port, "transport": g.transport})
        for g in order
    ]


def backups_of(trunk: Trunk) -> list[Trunk]:
    """`trunk` and the backups behind it, in the order to try; ends at one that was met before."""
    chain: list[Trunk] = []
    at: Trunk | None = trunk
    while at is not None and at not in chain and len(chain) <= MAX_BACKUPS:
        chain.append(at)
        at = at.backup_trunk
    return chain


def strangers_at(networks: Sequence[Network], *, read_otherwise_than: tuple[int, str]) -> list[Network]:
    """Those of `networks` from which another tenant's trunk takes calls, known by their source alone,
    and reads dialed numbers by another prefix rule (characters to cut, text to put before)."""
    if not networks:
        return []
    tenant_id = current_tenant_id()
    strip, prefix = read_otherwise_than
    overlapping = Q()
    for network in networks:
        overlapping |= Q(network__overlaps=network)
    with platform_scope():
        rows = TrunkAddress.objects.filter(overlapping, trunk__archived_at=None).exclude(
            Q(tenant_id=tenant_id)
            | Q(trunk__direction=Direction.OUTBOUND)
            | Q(trunk__inbound_auth=InboundAuth.DIGEST)
            | Q(trunk__inbound_strip=strip, trunk__inbound_prefix=prefix)
        )
        theirs: set[Network] = set(rows.values_list("network", flat=True))
    return [n for n in networks if any(n.version == t.version and n.overlaps(t) for t in theirs)]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class InboundTrunk:
    """A trunk that a call may be for. `named`: by its domain or user name, so that it is for no other;
    `proven`: the call has shown what the trunk asks for."""

    trunk: Trunk
    named: bool
    proven: bool


def inbound_trunks(*, hint: str, authenticated_as: str, source: str) -> list[InboundTrunk]:
    """Whose a call may be, in the platform scope: of the trunk whose domain it was sent to, else of the one
    whose user name it has proven, else of all that take calls from its source. Any tenant's, oldest first.
    """
    address = source_address(source)
    networks = _networks_around(address) if address else []
    from_there = TrunkAddress.objects.filter(trunk=OuterRef("pk"), network__in=networks)
    ids = TrunkAddress.objects.filter(network__in=networks).values("trunk")
    asked = Q(slug=hint) if hint else Q(pk__in=[])
    if authenticated_as:
        asked |= Q(inbound_username__iexact=authenticated_as)
    rows = (
        Trunk.objects.filter(asked | Q(pk__in=ids, inbound_auth__in=[InboundAuth.IP, InboundAuth.EITHER]))
        .filter(archived_at=None)
        .annotate(from_there=Exists(from_there))
        .order_by("pk")
    )
    found = list(rows)
    named = [t for t in found if hint and t.slug == hint] or [
        t for t in found if _has_user(t, authenticated_as)
    ]
    return [
        InboundTrunk(t, bool(named), t.takes_calls and _proven(t, authenticated_as)) for t in named or found
    ]


def _proven(trunk: Trunk, authenticated_as: str) -> bool:
    if trunk.inbound_auth != InboundAuth.DIGEST and trunk.from_there:  # type: ignore[attr-defined]
        return True
    return trunk.inbound_auth != InboundAuth.IP and _has_user(trunk, authenticated_as)


def _has_user(trunk: Trunk, name: str) -> bool:
    return bool(name) and trunk.inbound_username.lower() == name.lower()


def source_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that `text` is, an IPv4 peer on a dual-stack socket as IPv4; None for anything else."""
    try:
        source = ip_address(text)
    except ValueError:
        return None
    return source.ipv4_mapped or source if isinstance(source, IPv6Address) else source


def _networks_around(address: IPv4Address | IPv6Address) -> list[Network]:
    """Every network that an address may be allowed by."""
    lengths = range(WIDEST[address.version], address.max_prefixlen + 1)
    return [ip_network(f"{address}/{length}", strict=False) for length in lengths]
