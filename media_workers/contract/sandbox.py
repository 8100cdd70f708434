"""Where the phones of the sandbox are called."""

from __future__ import annotations

SANDBOX_LINES = 4
"""SIP endpoints of the sandbox, each a process of its own; on the ports from SANDBOX_PORT on."""


def sandbox_ports(first: int) -> range:
    """The SIP ports of all endpoints. Every phone answers at each of them; one that has no room for a call
    says 503, and the next may have some."""
    return range(first, first + SANDBOX_LINES)
