"""Which addresses of ours a message used: pjsip's log names the peer's only."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from media_workers.sip.types import LineConfig

EVERY_ADDRESS = ("", "0.0.0.0", "::")


def own_address(config: LineConfig, port: int) -> str:
    """host:port of our SIP port, as peers know it when it is bound to every address."""
    anywhere = config.bind_address in EVERY_ADDRESS
    return at(config.public_address if anywhere else config.bind_address, port)


def connection_to(peer: str) -> str | None:
    """Our end (host:port) of this process's TCP connection to `peer` (host:port); None without one."""
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if not str(link.readlink()).startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(link.name))) as connection:
                internet = connection.family in (socket.AF_INET, socket.AF_INET6)
                if (
                    internet
                    and connection.type == socket.SOCK_STREAM
                    and at(*connection.getpeername()[:2]) == peer
                ):
                    return at(*connection.getsockname()[:2])
    return None


def at(host: str, port: int) -> str:
    """host:port, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
