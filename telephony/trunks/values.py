"""What a tenant types in about a trunk, checked: hosts, networks, and that the parts fit together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from telephony.trunks.models import Auth, Direction, Trunk
from tenants.errors import InvalidFields, InvalidInput

Network = IPv4Network | IPv6Network

MAX_GATEWAYS = 20
MAX_ADDRESSES = 100
# Wider than this is a typing mistake, or lets strangers in.
_WIDEST = {4: 16, 6: 32}
_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")


@dataclass(frozen=True, slots=True)
class GatewayValues:
    """One gateway as given; the fields are those of `TrunkGateway`."""

    host: str
    port: int = 5060
    transport: str = "udp"
    priority: int = 1
    weight: int = 1
    enabled: bool = True


def check_host(host: str) -> str:
    """An IP address or a host name (RFC 1123, 253 characters). InvalidInput otherwise."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if len(host) > 253 or not _HOSTNAME.fullmatch(host) or host.replace(".", "").isdigit():
        raise InvalidInput("Give an IP address or a host name, without sip: or a port.")
    return host.lower()


def check_network(text: str) -> Network:
    """An address or a network in CIDR notation that is not too wide. InvalidInput otherwise."""
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise InvalidInput("Give an IP address or a network like 203.0.113.0/28.") from error
    if "/" in text and str(network.network_address) != text.partition("/")[0]:
        raise InvalidInput(f"The address has bits beyond its mask; the network is {network}.")
    if network.prefixlen < _WIDEST[network.version]:
        raise InvalidInput(f"A network may be at most /{_WIDEST[network.version]} wide.")
    return network


def check_gateways(gateways: Sequence[GatewayValues]) -> list[GatewayValues]:
    """The gateways with their hosts in normal form. InvalidFields names each that is wrong."""
    faults: list[InvalidInput] = []
    checked: list[GatewayValues] = []
    for i, gateway in enumerate(gateways):
        try:
            host = check_host(gateway.host)
        except InvalidInput as error:
            faults.append(InvalidInput(error.detail, field=f"gateways.{i}.host"))
            continue
        checked.append(
            GatewayValues(
                host,
                gateway.port,
                gateway.transport,
                gateway.priority,
                gateway.weight,
                gateway.enabled,
            )
        )
    places = [(g.host, g.port, g.transport) for g in checked]
    if len(set(places)) != len(places):
        faults.append(InvalidInput("Two gateways are the same.", field="gateways", code="duplicate"))
    if len(gateways) > MAX_GATEWAYS:
        faults.append(InvalidInput(f"At most {MAX_GATEWAYS} gateways.", field="gateways"))
    raise_all(faults)
    return checked


def check_addresses(addresses: Iterable[str]) -> list[Network]:
    """The networks, each once. InvalidFields names each that is wrong."""
    faults: list[InvalidInput] = []
    networks: dict[Network, None] = {}
    for i, text in enumerate(addresses):
        try:
            networks[check_network(text)] = None
        except InvalidInput as error:
            faults.append(InvalidInput(error.detail, field=f"allowed_addresses.{i}"))
    if len(networks) > MAX_ADDRESSES:
        faults.append(InvalidInput(f"At most {MAX_ADDRESSES} networks.", field="allowed_addresses"))
    raise_all(faults)
    return list(networks)


def check_trunk(trunk: Trunk, *, gateways: int, addresses: int) -> None:
    """That the trunk can do what its direction says. InvalidFields names what is missing."""
    faults: list[InvalidInput] = []
    if not trunk.name.strip():
        faults.append(InvalidInput("Give the trunk a name.", field="name"))
    if trunk.direction != Direction.INBOUND and not gateways:
        faults.append(InvalidInput("An outbound trunk needs a gateway.", field="gateways", code="required"))
    if trunk.direction != Direction.OUTBOUND and not addresses:
        faults.append(
            InvalidInput(
                "An inbound trunk needs the addresses its calls come from.",
                field="allowed_addresses",
                code="required",
            )
        )
    if trunk.auth == Auth.DIGEST:
        for field in ("username", "password"):
            if not getattr(trunk, field):
                faults.append(InvalidInput("Digest authentication needs it.", field=field, code="required"))
    raise_all(faults)


def raise_all(faults: list[InvalidInput]) -> None:
    """InvalidFields when there are any."""
    if faults:
        raise InvalidFields(faults)
