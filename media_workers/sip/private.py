"""Addresses that mean something inside one network only."""

from __future__ import annotations

import ipaddress
from typing import Final

PRIVATE: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
)
"""RFC 1918, 6598 and 3927."""


def is_private(address: str) -> bool:
    """Whether `address` is one of these. A name is not."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in PRIVATE)
