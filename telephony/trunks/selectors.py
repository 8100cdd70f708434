"""Reads of trunks. In the tenant's scope, except where the docstring says otherwise."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import groupby
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from media_workers.contract.calls import Gateway
from telephony.trunks.models import (
    Auth,
    Direction,
    InboundAuth,
    Registration,
    Trunk,
    TrunkAddress,
    TrunkGateway,
)
from telephony.trunks.numbering import ReadingRule
from telephony.trunks.values import WIDEST, Network
from tenants.errors import NotFound
from tenants.scope import current_tenant_id, platform_scope

MAX_BACKUPS = 4
"""How long a chain of backup trunks may be: each is tried within the one attempt."""


def list_trunks() -> QuerySet[Trunk]:
    """The trunks that are not archived, with gateways, addresses and registration."""
    rows = Trunk.objects.filter(archived_at=None).select_related("registration_state__node")
    return rows.prefetch_related("gateways", "addresses")


def countries_of_trunks() -> set[str]:
    """The countries that the tenant in force has trunks in."""
    return set(Trunk.objects.filter(archived_at=None).exclude(country="").values_list("country", flat=True))


def get_trunk(trunk_id: UUID, *, lock: bool = False) -> Trunk:
    """One of `list_trunks`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_trunks()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    trunk = rows.filter(pk=trunk_id).first()
    if trunk is None:
        raise NotFound("There is no such trunk.")
    return trunk


def limits_locked(trunk_id: UUID) -> Trunk:
    """How many calls the trunk may carry, its row locked until the end of the transaction: calls that are
    decided together count each other. References take no such lock."""
    rows = Trunk.objects.select_for_update(no_key=True)
    return rows.only("max_concurrent_calls", "max_calls_per_second", "inbound_reserved").get(pk=trunk_id)


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
    return [n for n in networks if any(n.version == t.version and n.overlaps(t) for t in theirs)]


def trusted_at(hosts: Collection[str], *, proving: bool) -> set[str]:
    """Those of the gateway `hosts` where another tenant's trunk proves nothing but our address; unless we
    are `proving` ourselves, those too where another's does. Locked: until the end of the transaction nobody
    else is answered about them."""
    tenant_id = current_tenant_id()
    with platform_scope():
        with connection.cursor() as cursor:
            for host in sorted(set(hosts)):
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"gateway {host}"])
        theirs = TrunkGateway.objects.filter(host__in=hosts, trunk__archived_at=None).exclude(
            Q(tenant_id=tenant_id) | Q(trunk__direction=Direction.INBOUND)
        )
        if proving:
            theirs = theirs.filter(trunk__auth=Auth.IP).exclude(trunk__registration=Registration.OUTBOUND)
        return set(theirs.values_list("host", flat=True))


def named_trunk(*, hint: str, authenticated_as: str) -> Trunk | None:
    """The trunk whose domain was called (`hint`: its first label), else the one whose user name the call has
    proven; whoever's it is, in the platform scope. Known by its name, a call is for no other trunk."""
    if not hint and not authenticated_as:
        return None
    asked = Q(slug=hint) if hint else Q(pk__in=[])
    if authenticated_as:
        asked |= Q(inbound_username=authenticated_as)
    found = list(Trunk.objects.filter(asked, archived_at=None))
    return next((t for t in found if t.slug == hint), found[0] if found else None)


_RULES = """
SELECT DISTINCT inbound_strip, inbound_prefix, country
  FROM trunks_trunkaddress address JOIN trunks_trunk trunk ON trunk.id = address.trunk_id
 WHERE address.network = ANY(%s::cidr[]) AND trunk.archived_at IS NULL AND trunk.inbound_auth <> 'digest'
"""
_HOLDS = "EXISTS (SELECT FROM trunks_trunkaddress WHERE trunk_id = {trunk} AND network = ANY(%s::cidr[]))"


def rules_at(source: str) -> list[ReadingRule]:
    """How the trunks that take calls from `source` read dialed numbers, each way once; in the platform
    scope. Tenants of one carrier are many, their ways few."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [_networks_around(source)])
        return [ReadingRule(*row) for row in cursor.fetchall()]


def holds_source(trunk: str, source: str) -> RawSQL:
    """Whether the allowed addresses of the trunk in the column `trunk` hold `source`; for a query in the
    platform scope."""
    return RawSQL(_HOLDS.format(trunk=trunk), [_networks_around(source)], BooleanField())  # noqa: S611


def is_proven(trunk: Trunk, *, authenticated_as: str, from_there: bool) -> bool:
    """Whether a call has shown what the trunk asks for: its source, or a name that the edge has checked."""
    if not trunk.takes_calls:
        return False
    if trunk.inbound_auth != InboundAuth.DIGEST and from_there:
        return True
    named = bool(authenticated_as) and trunk.inbound_username == authenticated_as
    return trunk.inbound_auth != InboundAuth.IP and named


def source_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that `text` is, an IPv4 peer on a dual-stack socket as IPv4; None for anything else."""
    try:
        source = ip_address(text)
    except ValueError:
        return None
    return source.ipv4_mapped or source if isinstance(source, IPv6Address) else source


def _networks_around(source: str) -> list[str]:
    """Every network that an address may be allowed by; none for what is no address."""
    address = source_address(source)
    if address is None:
        return []
    lengths = range(WIDEST[address.version], address.max_prefixlen + 1)
    return [str(ip_network(f"{address}/{length}", strict=False)) for length in lengths]
