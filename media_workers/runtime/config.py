"""What a media node is told by its environment. Anything missing or wrong names its variable."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from media_workers.runtime.capture import CaptureLimits
from media_workers.sip.types import Edge, LineConfig

PORTS_PER_LINE = 40
"""RTP ports a line needs at least: two a call, and room for those that a finished call still holds."""

NODE_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
EDGE_NAME = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
SIP_PORT = 5060
MEGABYTE = 1024 * 1024
EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})


class ConfigError(Exception):
    """The environment is wrong; the text names the variable and the remedy."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """One node. Durations in seconds."""

    name: str
    token: str
    control_url: str
    redis_url: str
    sip_host: str
    sip_port: int
    public_address: str
    rtp_ports: tuple[int, int]
    lines: int
    browser_host: str
    browser_port: int
    browser_url: str
    browser_calls: int
    data_dir: Path
    drain_limit_s: float
    sip_domain: str
    edge: Edge | None
    capture_call_bytes: int
    capture_node_bytes: int
    voice_path: Path | None
    hearing_path: Path | None
    turn_model_path: Path | None

    @property
    def browser_line(self) -> int:
        """Number of the process that carries browser calls: the one after the last telephone line."""
        return self.lines

    @property
    def spool(self) -> Path:
        """Where events and recordings wait until the control plane has them."""
        return self.data_dir / "spool" / self.name

    @property
    def captures(self) -> CaptureLimits:
        """How much captured RTP is kept on disk."""
        return CaptureLimits(self.spool, self.capture_call_bytes, self.capture_node_bytes)

    @property
    def reached_at(self) -> str:
        """host:port (or host) that calls to us go to: the edge's, or our first line's."""
        if self.edge is not None:
            return self.edge.name
        host = f"[{self.public_address}]" if ":" in self.public_address else self.public_address
        return f"{host}:{self.sip_port}"

    @property
    def sip_address(self) -> str:
        """`reached_at` with its port."""
        return self.reached_at if re.search(r":[0-9]+$", self.reached_at) else f"{self.reached_at}:{SIP_PORT}"

    def line_port(self, line: int) -> int:
        """SIP port of `line`: the first one is the public one."""
        return self.sip_port if line == 0 else self.sip_port + 10 + line

    def takes_jobs(self, line: int) -> bool:
        """Line 0 is kept for inbound calls when there are others to dial; behind an edge all do both."""
        return line > 0 or self.lines == 1 or self.edge is not None

    def line_config(self, line: int) -> LineConfig:
        """How the endpoint of `line` binds: an even share of the RTP ports, starting at an even one."""
        first, last = self.rtp_ports
        share = (last - first + 1) // self.lines // 2 * 2
        start = first + line * share
        return LineConfig(
            bind_address=self.sip_host,
            port=self.line_port(line),
            public_address=self.public_address,
            rtp_ports=(start, start + share - 1),
            edge=self.edge,
        )


def load(environ: Mapping[str, str]) -> NodeConfig:
    """The node's configuration. Raises `ConfigError`."""
    read = _Reader(environ)
    sip_host = read.address("SIP_HOST", "127.0.0.1")
    lines = read.number("MEDIA_LINES", 2, 1, 200)
    sip_port = read.number("SIP_PORT", 5060, 1, 65_535 - 10 - lines)
    public_address = _public_address(read, sip_host)
    browser_host = read.address("BROWSER_HOST", "127.0.0.1")
    browser_port = read.number("BROWSER_PORT", sip_port + 10, 1, 65_535)
    return NodeConfig(
        name=_node_name(read.text("NODE_NAME", "node-1")),
        token=read.required("NODE_TOKEN", "run `python manage.py ensure_node NAME` and set what it prints"),
        control_url=_control_url(read),
        redis_url=_redis_url(read.required("REDIS_URL", "set redis://host:port/0")),
        sip_host=sip_host,
        sip_port=sip_port,
        public_address=public_address,
        rtp_ports=_rtp_ports(read, lines),
        lines=lines,
        browser_host=browser_host,
        browser_port=browser_port,
        browser_url=_browser_url(read, browser_host, browser_port, public_address),
        browser_calls=read.number("BROWSER_CALLS", 16, 1, 1_000),
        data_dir=Path(read.text("DATA_DIR", "var")).resolve(),
        capture_call_bytes=read.number("CAPTURE_CALL_MB", 64, 1, 240) * MEGABYTE,
        capture_node_bytes=read.number("CAPTURE_NODE_MB", 1_024, 1, 1_000_000) * MEGABYTE,
        voice_path=read.file("TTS_VOICE_PATH"),
        hearing_path=read.folder("STT_MODEL_PATH"),
        turn_model_path=read.file("TURN_MODEL_PATH"),
        drain_limit_s=float(read.number("DRAIN_LIMIT_S", 60, 0, 86_400)),
        sip_domain=read.text("SIP_DOMAIN", "sip.localhost").lower().rstrip("."),
        edge=_edge(read),
    )


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def required(self, name: str, remedy: str) -> str:
        value = self.text(name, "")
        if not value:
            raise ConfigError(name, f"is not set; {remedy}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ConfigError(name, f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    def file(self, name: str) -> Path | None:
        """A file that is there; None: the variable is not set."""
        text = self.text(name, "")
        if text and not Path(text).is_file():
            raise ConfigError(name, f"{text!r} is no file")
        return Path(text).resolve() if text else None

    def folder(self, name: str) -> Path | None:
        """A folder that is there; None: the variable is not set."""
        text = self.text(name, "")
        if text and not Path(text).is_dir():
            raise ConfigError(name, f"{text!r} is no folder")
        return Path(text).resolve() if text else None

    def address(self, name: str, default: str) -> str:
        text = self.text(name, default)
        return _checked(name, text, ipaddress.ip_address, "is not an IP address")


def _checked(name: str, text: str, parse: Callable[[str], object], problem: str) -> str:
    try:
        parse(text)
    except ValueError:
        raise ConfigError(name, f"{text!r} {problem}") from None
    return text


def _node_name(name: str) -> str:
    """It becomes a folder, a Redis key and a consumer name; the control plane has the same rule."""
    if not NODE_NAME.fullmatch(name):
        raise ConfigError(
            "NODE_NAME", f"{name!r} must be up to 63 lower-case letters, digits, dots and dashes"
        )
    return name


def _public_address(read: _Reader, sip_host: str) -> str:
    if read.text("SIP_PUBLIC_ADDRESS", "") == "" and sip_host in EVERY_ADDRESS:
        raise ConfigError(
            "SIP_PUBLIC_ADDRESS",
            f"is not set, and SIP_HOST={sip_host} is not an address that peers can send to;"
            " set the address they reach this node at",
        )
    address = read.address("SIP_PUBLIC_ADDRESS", sip_host)
    if address in EVERY_ADDRESS:
        raise ConfigError("SIP_PUBLIC_ADDRESS", f"{address} is not an address that peers can send to")
    if (":" in sip_host or ":" in address) and address != sip_host:
        raise ConfigError("SIP_PUBLIC_ADDRESS", "over IPv6 it must be SIP_HOST, one address of this machine")
    return address


def _edge(read: _Reader) -> Edge | None:
    """The edge in front of the lines; names are looked up once, here."""
    places = [_place(text.strip()) for text in read.text("SIP_EDGE", "").split(",") if text.strip()]
    if not places:
        return None
    host, port = places[0]
    host = f"[{host}]" if ":" in host else host
    name = read.text("EDGE_PUBLIC_ADDRESS", host if port == SIP_PORT else f"{host}:{port}")
    if not EDGE_NAME.fullmatch(name):
        raise ConfigError("EDGE_PUBLIC_ADDRESS", f"{name!r} is not an address with or without a port")
    return Edge(tuple(places), name)


def _place(text: str) -> tuple[str, int]:
    parts = urlsplit(f"sip://{text}")
    try:
        host, port = parts.hostname, parts.port or SIP_PORT
        if not host or parts.path or parts.username is not None:
            raise ValueError
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (ValueError, OSError):
        raise ConfigError("SIP_EDGE", f"{text!r} is not an address that is found; write host:port") from None
    return str(found[0][4][0]), port


def _browser_url(read: _Reader, host: str, port: int, public_address: str) -> str:
    """Where web reaches the node's socket for browser calls."""
    host = public_address if host in EVERY_ADDRESS else host
    host = f"[{host}]" if ":" in host else host
    url = read.text("BROWSER_URL", f"ws://{host}:{port}")
    parts = urlsplit(url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ConfigError("BROWSER_URL", f"{url!r} is not a ws:// or wss:// address")
    return url.rstrip("/")


def _rtp_ports(read: _Reader, lines: int) -> tuple[int, int]:
    first = read.number("RTP_PORT_FIRST", 10_000, 1024, 65_534)
    last = read.number("RTP_PORT_LAST", 20_000, 1025, 65_535)
    if last - first + 1 < lines * PORTS_PER_LINE:
        raise ConfigError(
            "RTP_PORT_LAST",
            f"{first} to {last} are too few ports for MEDIA_LINES={lines}; a line needs {PORTS_PER_LINE}",
        )
    return first + first % 2, last


def _redis_url(url: str) -> str:
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ConfigError("REDIS_URL", "must begin with redis://, rediss:// or unix://")
    return url


def _control_url(read: _Reader) -> str:
    host = read.text("WEB_HOST", "127.0.0.1")
    host = "127.0.0.1" if host in EVERY_ADDRESS else host
    url = read.text("CONTROL_URL", f"http://{host}:{read.text('WEB_PORT', '8000')}")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError("CONTROL_URL", f"{url!r} is not an http:// or https:// address")
    return url.rstrip("/")
