"""What a local run is told: the environment, `.env`, and the `local.env` that `up` writes.

A variable of the real environment wins over `.env`, which wins over `local.env`; an empty one counts
as unset.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import StartError
from .lock import is_running

BASE_DIR = Path(__file__).resolve().parents[3]
LOCAL_ENV = "local.env"
# Only true while the servers run.
SERVER_VARIABLES = ("DATABASE_URL", "REDIS_URL")


def read_env_file(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of a file; `#` begins a comment line; quotes around a value are dropped."""
    values: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return values
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
            values[name.strip()] = value[1:-1] if quoted else value
    return values


def read_local_env(folder: Path) -> dict[str, str]:
    """The data folder's `local.env`; its servers only while an `up` runs there."""
    values = read_env_file(folder / LOCAL_ENV)
    if not is_running(folder):
        for name in SERVER_VARIABLES:
            values.pop(name, None)
    return values


def write_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Replaces the file in one step; only its owner can read it."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("# Written by `manage.py up`.\n")
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    draft.replace(path)


def given_environment(base_dir: Path = BASE_DIR) -> dict[str, str]:
    """The process's environment over `.env`, without the empty ones."""
    merged = read_env_file(base_dir / ".env") | dict(os.environ)
    return {name: value for name, value in merged.items() if value != ""}


@dataclass(frozen=True)
class LocalConfig:
    """The addresses and limits of one local run."""

    data_dir: Path
    web_host: str
    web_port: int
    sip_host: str
    sip_port: int
    sandbox_host: str
    sandbox_port: int
    media_lines: int
    browser_host: str
    browser_port: int
    node_name: str
    drain_limit_s: int
    edge: tuple[str, int] | None
    """Where the edge of this machine listens for the node, when there is to be one."""

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> LocalConfig:
        """Raises StartError naming a variable that is not the number it has to be."""
        sip_port = _number(env, "SIP_PORT", 5060, 1, 65535)
        return cls(
            data_dir=data_dir(env),
            web_host=env.get("WEB_HOST", "127.0.0.1"),
            web_port=_number(env, "WEB_PORT", 8000, 1, 65535),
            sip_host=env.get("SIP_HOST", "127.0.0.1"),
            sip_port=sip_port,
            sandbox_host=env.get("SANDBOX_HOST", "127.0.0.1"),
            sandbox_port=_number(env, "SANDBOX_PORT", 5090, 1, 65535),
            media_lines=_number(env, "MEDIA_LINES", 2, 1, 64),
            browser_host=env.get("BROWSER_HOST", "127.0.0.1"),
            browser_port=_number(env, "BROWSER_PORT", sip_port + 10, 1, 65535),
            node_name=env.get("NODE_NAME", "node-1"),
            drain_limit_s=_number(env, "DRAIN_LIMIT_S", 60, 0, 86400),
            edge=_edge(env),
        )

    @property
    def web_url(self) -> str:
        """Where this machine reaches web; a wildcard address is reached over loopback."""
        host = "127.0.0.1" if self.web_host in ("0.0.0.0", "::") else self.web_host
        return f"http://[{host}]:{self.web_port}" if ":" in host else f"http://{host}:{self.web_port}"

    @property
    def calls_come_to(self) -> str:
        """host:port to call: the edge, or the first line."""
        host, port = self.edge or (self.sip_host, self.sip_port)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def line_ports(self) -> list[int]:
        """The SIP port of each line: line 0 has SIP_PORT, line i after it SIP_PORT + 10 + i."""
        return [self.sip_port, *(self.sip_port + 10 + i for i in range(1, self.media_lines))]


def data_dir(env: Mapping[str, str], base_dir: Path = BASE_DIR) -> Path:
    """DATA_DIR; a relative one lies in the checkout, wherever the command was started."""
    return base_dir / env.get("DATA_DIR", "var")


def local_secrets(known: Mapping[str, str]) -> dict[str, str]:
    """The secrets of a local run: those already known, and new ones for the rest."""
    return {
        "SECRET_KEY": known.get("SECRET_KEY") or secrets.token_urlsafe(48),
        # A Fernet key is 32 random bytes in URL-safe base64.
        "FIELD_ENCRYPTION_KEYS": known.get("FIELD_ENCRYPTION_KEYS")
        or base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "NODE_TOKEN": known.get("NODE_TOKEN") or secrets.token_urlsafe(32),
    }


def _edge(env: Mapping[str, str]) -> tuple[str, int] | None:
    if env.get("EDGE", "false").lower() not in ("true", "1", "yes", "on"):
        return None
    listen = env.get("EDGE_NODE_LISTEN") or env.get("EDGE_LISTEN", "udp:127.0.0.1:5080")
    places = [text.strip().removeprefix("udp:") for text in listen.split(",") if "udp:" in text]
    host, colon, port = places[0].rpartition(":") if places else ("", "", "")
    if not colon or not port.isdigit():
        raise StartError("EDGE_LISTEN needs a UDP address, like udp:127.0.0.1:5080: the node speaks UDP.")
    return host.strip("[]"), int(port)


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise StartError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)
