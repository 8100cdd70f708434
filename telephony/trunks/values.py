"""What a tenant types in about a trunk, each value on its own. How they fit together: `rules`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings

from media_workers.contract.addresses import is_public
from tenants.errors import InvalidFields, InvalidInput

Network = IPv4Network | IPv6Network

MAX_GATEWAYS = 20
MAX_ADDRESSES = 100
# Wider than this is a typing mistake, or lets strangers in.
WIDEST = {4: 16, 6: 32}
_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet")


@dataclass(frozen=True, slots=True)
class GatewayValues:
    """One gateway as given; the fields are those of `TrunkGateway`. Port None: looked up by RFC 3263."""

    host: str
    port: int | None = None
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
    return host.lower().rstrip(".")


def check_reachable(host: str) -> None:
    """InvalidInput when SIP must not be sent to `host`, in the form of `check_host`.

    Only what the text says: a name that leads into a private network is refused when it is dialed. Under
    our own domain are the phones of every tenant: each is called through its own trunk.
    """
    if f".{host.rstrip('.')}".endswith(f".{settings.SIP_DOMAIN.lower()}"):
        raise InvalidInput(
            "This name is the platform's own. Give the carrier's; phones and PBXs that register here are "
            "called through the trunk that they register to.",
            code="own_domain",
        )
    if settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES:
        return
    if is_private(host):
        raise InvalidInput(
            "This address is private: it cannot be reached from here. Give the public address or name.",
            code="private_address",
        )


def is_private(host: str) -> bool:
    """Whether `host` is an address outside the public internet, or a name that only a local network knows."""
    try:
        return not is_public(host)
    except ValueError:
        name = host.rstrip(".")
        return "." not in name or name.endswith(_LOCAL_NAMES)


def check_network(text: str) -> Network:
    """An address or a network in CIDR notation that is not too wide. InvalidInput otherwise."""
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise InvalidInput("Give an IP address or a network like 203.0.113.0/28.") from error
    if "/" in text and str(network.network_address) != text.partition("/")[0]:
        raise InvalidInput(f"The address has bits beyond its mask; the network is {network}.")
    if network.prefixlen < WIDEST[network.version]:
        raise InvalidInput(f"A network may be at most /{WIDEST[network.version]} wide.")
    return network


def check_gateways(gateways: Sequence[GatewayValues]) -> list[GatewayValues]:
    """The gateways with their hosts in normal form. InvalidFields names each that is wrong."""
    faults: list[InvalidInput] = []
    checked: list[GatewayValues] = []
    for i, gateway in enumerate(gateways):
        try:
            host = check_host(gateway.host)
            check_reachable(host)
        except InvalidInput as error:
            faults.append(InvalidInput(error.detail, field=f"gateways.{i}.host", code=error.code))
            continue
        checked.append(replace(gateway, host=host))
    places = [(g.host, g.port, g.transport) for g in checked]
    if len(set(places)) != len(places):
        faults.append(InvalidInput("Two gateways are the same.", field="gateways", code="duplicate"))
    if len(gateways) > MAX_GATEWAYS:
        faults.append(InvalidInput(f"At most {MAX_GATEWAYS} gateways.", field="gateways"))
    raise_all(faults)
    return checked


def check_registrar(registrar: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The registrar with its host in normal form. InvalidInput names the host."""
    if registrar is None:
        return None
    try:
        host = check_host(str(registrar["host"]))
        check_reachable(host)
    except InvalidInput as error:
        raise InvalidInput(error.detail, field="registrar.host", code=error.code) from error
    return {**registrar, "host": host}


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


def raise_all(faults: list[InvalidInput]) -> None:
    """InvalidFields when there are any."""
    if faults:
        raise InvalidFields(faults)
