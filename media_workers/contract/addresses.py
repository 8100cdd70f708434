"""Which IP addresses are the public internet's: the one rule for everything that a tenant may name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address stands in its last 32 bits."""


def is_public(address: str) -> bool:
    """Whether `address` is one of the public internet's; of an IPv6 address that stands for an IPv4 address
    (mapped, 6to4, NAT64), whether that one is. ValueError when it is no IP address."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = _ipv4_in(found) or found
    return found.is_global and not found.is_multicast


def _ipv4_in(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
