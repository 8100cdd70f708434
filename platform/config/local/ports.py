"""Free ports, and whose port is taken."""

from __future__ import annotations

import errno
import socket

from media_workers.contract.sandbox import sandbox_ports

from .environment import LocalConfig
from .errors import StartError


def free_port(preferred: int = 0) -> int:
    """`preferred` when nobody listens there, else a TCP port of the kernel's choice, on loopback."""
    if preferred and is_free("127.0.0.1", preferred, socket.SOCK_STREAM):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    """Whether a server could bind there now. Raises StartError for an address that is not ours."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=kind)[0]
    except socket.gaierror as error:
        raise StartError(f"{host} is not an address of this machine: use an IP address.") from error
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            # As servers do: connections of an earlier run that linger are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError as error:
            raise StartError(f"Port {port} needs root: choose one from 1024 on.") from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise StartError(f"{host} is not an address of this machine.") from error
            return False
    return True


def check_ports(config: LocalConfig, *, sandbox: bool) -> None:
    """Raises StartError naming the first port that another program holds, and its variable."""
    _check("web", config.web_host, config.web_port, "WEB_PORT", socket.SOCK_STREAM)
    for index, port in enumerate(config.line_ports):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            _check(f"SIP, line {index}", config.sip_host, port, "SIP_PORT", kind)
    _check("browser calls", config.browser_host, config.browser_port, "BROWSER_PORT", socket.SOCK_STREAM)
    if config.edge is not None:
        _check("SIP edge", *config.edge, "EDGE_LISTEN", socket.SOCK_DGRAM)
    if sandbox:
        for port in sandbox_ports(config.sandbox_port):
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                _check("sandbox phones", config.sandbox_host, port, "SANDBOX_PORT", kind)


def _check(what: str, host: str, port: int, variable: str, kind: socket.SocketKind) -> None:
    if not is_free(host, port, kind):
        transport = "TCP" if kind == socket.SOCK_STREAM else "UDP"
        raise StartError(
            f"{transport} port {port} on {host} ({what}) is in use by another program: "
            f"stop that program, or set {variable} to a free port."
        )
