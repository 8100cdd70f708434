"""What the edge is told by the settings (EDGE_*), checked before a word of it reaches kamailio.cfg."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

TRANSPORTS = ("udp", "tcp", "tls")
LONGEST_FOLDER = 86
"""The path of a Unix socket may have 107 bytes (unix(7))."""

ALGORITHMS = ("MD5", "SHA-256")
_LISTEN = re.compile(r"(udp|tcp|tls):([0-9.]+|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})")
_DOMAIN = re.compile(r"(?=.{1,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_PUBLIC = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]+\]")
_PATH = re.compile(r"/[A-Za-z0-9._/@+ -]*")


@dataclass(frozen=True, slots=True)
class Listen:
    """A socket of the edge."""

    transport: str
    address: IPv4Address | IPv6Address
    port: int

    @property
    def host(self) -> str:
        """As in a URI: IPv6 in brackets."""
        return f"[{self.address}]" if self.address.version == 6 else str(self.address)

    def __str__(self) -> str:
        return f"{self.transport}:{self.host}:{self.port}"


@dataclass(frozen=True)
class EdgeConfig:
    """One edge. `public_address` (host) stands in Via, Record-Route and Contact instead of the address it
    listens on; `node_listen` is a socket of its own for the media nodes, on their network. Unless
    `allow_private`, calls and registrations of lines go to the public internet alone."""

    name: str
    folder: Path
    sip_domain: str
    listen: tuple[Listen, ...]
    node_listen: Listen | None
    public_address: str
    tls_certificate: str
    tls_key: str
    tls_ca: str
    workers: int
    source_cps: int
    flood_requests: int
    digest_algorithm: str
    line_silence_ms: int
    allow_private: bool
    auth_secret: str
    mask_key: str

    @property
    def for_nodes(self) -> Listen:
        """The UDP socket that talks to the lines."""
        return self.node_listen or next(socket for socket in self.listen if socket.transport == "udp")

    @property
    def mask_address(self) -> str:
        """The host that outsiders see in every masked address."""
        return self.public_address or self.listen[0].host


def edge_config(**changes: Any) -> EdgeConfig:
    """The edge of this environment. Raises ImproperlyConfigured naming the variable."""
    folder = str(changes.pop("folder", settings.EDGE_DIR))
    values: dict[str, Any] = {
        "name": settings.EDGE_NAME,
        "folder": Path(_checked("DATA_DIR", folder, _PATH, "must be a plain absolute path")),
        "sip_domain": _checked("SIP_DOMAIN", settings.SIP_DOMAIN, _DOMAIN, "is not a domain name"),
        "listen": tuple(_listen("EDGE_LISTEN", text) for text in settings.EDGE_LISTEN),
        "node_listen": _listen("EDGE_NODE_LISTEN", settings.EDGE_NODE_LISTEN)
        if settings.EDGE_NODE_LISTEN
        else None,
        "public_address": re.sub(r":[0-9]+$", "", settings.EDGE_PUBLIC_ADDRESS),
        "tls_certificate": settings.EDGE_TLS_CERT,
        "tls_key": settings.EDGE_TLS_KEY,
        "tls_ca": settings.EDGE_TLS_CA,
        "workers": settings.EDGE_WORKERS,
        "source_cps": settings.EDGE_SOURCE_CPS,
        "flood_requests": settings.EDGE_FLOOD_REQUESTS,
        "digest_algorithm": settings.EDGE_DIGEST_ALGORITHM,
        "line_silence_ms": settings.EDGE_LINE_SILENCE_MS,
        "allow_private": settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES,
        "auth_secret": _derived("nonces"),
        "mask_key": _derived("masked addresses"),
    }
    config = EdgeConfig(**(values | changes))
    _check(config)
    return config


def config_to_run() -> EdgeConfig:
    """The edge of this environment, fit to be run in it. Raises ImproperlyConfigured naming the variable."""
    config = edge_config()
    if settings.PRODUCTION and config.node_listen is None:
        raise ImproperlyConfigured(
            "EDGE_NODE_LISTEN is not set: name a UDP socket of the network that edge and nodes share, like "
            "udp:10.0.0.9:5082, and the same address in the nodes' SIP_EDGE. Without it whoever forges a "
            "node's source address, on the public socket, is taken for that node."
        )
    return config


def _check(config: EdgeConfig) -> None:
    if len(str(config.folder)) > LONGEST_FOLDER:
        raise ImproperlyConfigured(f"DATA_DIR: {config.folder} is too long a path for the sockets in it.")
    if not any(socket.transport == "udp" for socket in config.listen):
        raise ImproperlyConfigured("EDGE_LISTEN needs a UDP address: the lines speak UDP with the edge.")
    if config.node_listen is not None and config.node_listen.transport != "udp":
        raise ImproperlyConfigured("EDGE_NODE_LISTEN must be a UDP address.")
    if config.public_address:
        _checked("EDGE_PUBLIC_ADDRESS", config.public_address, _PUBLIC, "is not an address")
    if config.digest_algorithm not in ALGORITHMS:
        raise ImproperlyConfigured(f"EDGE_DIGEST_ALGORITHM must be one of {', '.join(ALGORITHMS)}.")
    if any(socket.transport == "tls" for socket in config.listen):
        for name in ("EDGE_TLS_CERT", "EDGE_TLS_KEY"):
            path = config.tls_certificate if name == "EDGE_TLS_CERT" else config.tls_key
            _checked(name, path, _PATH, "must be the absolute path of a PEM file: EDGE_LISTEN names tls")
    if config.tls_ca:
        _checked("EDGE_TLS_CA", config.tls_ca, _PATH, "must be an absolute path")


def _listen(name: str, text: str) -> Listen:
    match = _LISTEN.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        address, port = ip_address(match[2].strip("[]")), int(match[3])
        if address.is_unspecified or not 0 < port < 65536:
            raise ValueError
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}: {text!r} is not udp, tcp or tls, an address of this machine and a port, with colons."
        ) from None
    return Listen(match[1], address, port)


def _checked(name: str, text: str, allowed: re.Pattern[str], problem: str) -> str:
    if not allowed.fullmatch(text):
        raise ImproperlyConfigured(f"{name}: {text!r} {problem}.")
    return text


def _derived(purpose: str) -> str:
    """A secret that every edge of the installation has, and that survives a restart."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"edge: {purpose}".encode(), hashlib.sha256).hexdigest()[:32]
