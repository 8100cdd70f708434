"""Reads of trunks, in the tenant's scope."""

from __future__ import annotations

import random
from ipaddress import IPv6Address, ip_address
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet

from media_workers.contract.calls import Gateway
from telephony.trunks.models import Direction, NumberFormat, Trunk, TrunkAddress, TrunkGateway
from tenants.errors import NotFound


def list_trunks() -> QuerySet[Trunk]:
    """The trunks that are not archived, with gateways and addresses."""
    return Trunk.objects.filter(archived_at=None).prefetch_related("gateways", "addresses")


def get_trunk(trunk_id: UUID, *, lock: bool = False) -> Trunk:
    """One of `list_trunks`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_trunks()
    if lock:
        rows = rows.select_for_update(no_key=True)
    trunk = rows.filter(pk=trunk_id).first()
    if trunk is None:
        raise NotFound("There is no such trunk.")
    return trunk


def gateways_for(trunk: Trunk, rng: random.Random | None = None) -> list[Gateway]:
    """Where to try a call, in order: by priority, and by weighted chance within one (as RFC 2782 does)."""
    rng = rng or random.SystemRandom()
    rows = sorted((g for g in trunk.gateways.all() if g.enabled), key=lambda g: g.priority)
    order: list[TrunkGateway] = []
    for _, group in groupby(rows, key=lambda g: g.priority):
        rest = list(group)
        while rest:
            chosen = rng.choices(rest, weights=[g.weight for g in rest])[0]
            rest.remove(chosen)
            order.append(chosen)
    return [Gateway.model_validate({"host": g.host, "port": g.port, "transport": g.transport}) for g in order]


def format_number(trunk: Trunk, e164: str) -> str:
    """`e164` as the trunk's carrier wants it in the Request-URI and From."""
    return e164 if trunk.number_format == NumberFormat.E164_PLUS else e164.removeprefix("+")


def allows_source(trunk: Trunk, address: str) -> bool:
    """Whether an INVITE from `address` may use this trunk; False for something that is no address."""
    if trunk.direction == Direction.OUTBOUND or trunk.archived_at is not None:
        return False
    try:
        source = ip_address(address)
    except ValueError:
        return False
    if isinstance(source, IPv6Address) and source.ipv4_mapped:  # an IPv4 peer on a dual-stack socket
        source = source.ipv4_mapped
    return TrunkAddress.objects.filter(trunk=trunk, network__holds=source).exists()
