"""What the edge has to know of trunks and media nodes, read across all tenants."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from media_workers.contract.sandbox import sandbox_ports
from telephony.carriers.registry import CARRIERS
from telephony.edge.models import MediaNode
from telephony.edge.selectors import nodes_for_edge
from telephony.trunks.models import Direction, InboundAuth, Registration, Trunk, TrunkAddress
from tenants.scope import platform_scope

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A line that takes calls; `key` is another one in its next life."""

    key: str
    address: str
    capacity: int


@dataclass(frozen=True, slots=True)
class TrunkEntry:
    """What decides about a call or a registration to `slug`."""

    slug: str
    inbound_auth: str
    registration: str


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A user name that is asked for its password. `ha1`: H(username:realm:password), hexadecimal."""

    username: str
    slug: str
    ha1: str


@dataclass(frozen=True)
class EdgeContent:
    """Everything that is in the tables, sorted."""

    lines: tuple[LineEntry, ...] = ()
    nodes: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    """host:port of programs of ours that call like a carrier, maybe from a node's machine."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    trunks: tuple[TrunkEntry, ...] = ()
    users: tuple[UserEntry, ...] = ()


def read_content(algorithm: str) -> EdgeContent:
    """As it is now. `algorithm`: MD5 or SHA-256, for the HA1s."""
    nodes = list(nodes_for_edge())
    with platform_scope():
        trunks = list(_registrable() | _inbound())
        networks = set(
            TrunkAddress.objects.filter(
                trunk__in=_inbound().exclude(inbound_auth=InboundAuth.DIGEST)
            ).values_list("network", flat=True)
        )
    networks |= {network for carrier in CARRIERS.values() for network in carrier.networks()}
    return EdgeContent(
        lines=tuple(sorted(_lines(nodes), key=lambda line: line.key)),
        nodes=tuple(sorted({_host(line["address"]) for node in nodes for line in node.sip_lines})),
        carriers=tuple(f"{settings.SANDBOX_HOST}:{port}" for port in sandbox_ports(settings.SANDBOX_PORT)),
        networks=tuple(sorted(networks, key=lambda network: (network.version, network))),
        trunks=tuple(
            sorted(
                (TrunkEntry(t.slug, _auth(t), t.registration) for t in trunks), key=lambda entry: entry.slug
            )
        ),
        users=tuple(
            sorted(
                (_user(t, algorithm) for t in trunks if t.inbound_username and t.inbound_password),
                key=lambda entry: entry.username,
            )
        ),
    )


def fingerprint() -> tuple[Any, ...]:
    """Differs when the content may: much cheaper than reading it."""
    nodes = nodes_for_edge().order_by("pk").values_list("pk", "boot_id", "draining", "sip_lines")
    lines = [
        (pk, boot, draining, tuple((line["address"], line["capacity"], line.get("life")) for line in told))
        for pk, boot, draining, told in nodes
    ]
    with platform_scope():
        trunks = Trunk.objects.aggregate(Count("pk"), Max("updated_at"))
        addresses = TrunkAddress.objects.aggregate(Count("pk"), Max("created_at"))
    return (*lines, *_values(trunks), *_values(addresses))


def _values(row: dict[str, int | datetime | None]) -> tuple[Any, ...]:
    return tuple(row[name] for name in sorted(row))


def _inbound() -> Any:
    return Trunk.objects.filter(archived_at=None).exclude(direction=Direction.OUTBOUND)


def _registrable() -> Any:
    return Trunk.objects.filter(archived_at=None, registration=Registration.INBOUND)


def _auth(trunk: Trunk) -> str:
    """A trunk for outbound calls alone is known for the phones that register to it."""
    return "none" if trunk.direction == Direction.OUTBOUND else trunk.inbound_auth


def _user(trunk: Trunk, algorithm: str) -> UserEntry:
    text = f"{trunk.inbound_username}:{settings.SIP_DOMAIN}:{trunk.inbound_password}"
    return UserEntry(trunk.inbound_username, trunk.slug, HASHES[algorithm](text.encode()).hexdigest())


def _lines(nodes: list[MediaNode]) -> list[LineEntry]:
    """Those of the nodes that take new calls."""
    return [
        LineEntry(
            f"{node.boot_id}/{line.get('life', '')}/{line['address']}", line["address"], line["capacity"]
        )
        for node in nodes
        if not node.draining
        for line in node.sip_lines
        if line["capacity"] > 0
    ]


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")
