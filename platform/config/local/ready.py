"""How `up` sees that a process does its work: it asks from outside, as others will."""

from __future__ import annotations

import http.client
import secrets
import socket
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from .errors import StartError

EVERY_ADDRESS = ("0.0.0.0", "::")


def web_answers(url: str) -> bool:
    """Whether web's health check says that all is well."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def sip_answers(host: str, port: int, *, source: str = "") -> bool:
    """Whether somebody answers an OPTIONS over UDP (RFC 3261, 11), with whatever status. `source`: the
    address it is sent from, for those who answer nobody else."""
    host = "127.0.0.1" if host in EVERY_ADDRESS else host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        try:
            if source and source not in EVERY_ADDRESS:
                probe.bind((source, 0))
            probe.connect((host, port))
            probe.send(_options(probe.getsockname(), host, port))
            return probe.recv(2048).startswith(b"SIP/2.0 ")
        except OSError:
            return False


def node_registered(database_url: str, name: str) -> Callable[[], bool]:
    """A check that is true once the control plane has heard from the node since now.

    Raises StartError when the database cannot be asked.
    """
    import psycopg  # costs 100 ms, which web spends on its own start meanwhile

    try:
        before = _last_heartbeat(database_url, name)
    except psycopg.Error as error:
        raise StartError(f"The database cannot be asked for media nodes: {error}.") from error

    def check() -> bool:
        try:
            return _last_heartbeat(database_url, name) != before
        except psycopg.Error:
            return False

    return check


def _last_heartbeat(database_url: str, name: str) -> datetime | None:
    import psycopg

    with psycopg.connect(database_url, connect_timeout=5) as connection:
        row = connection.execute(
            "SELECT last_heartbeat_at FROM edge_medianode WHERE name = %s", (name,)
        ).fetchone()
    return row[0] if row else None


def _options(ours: tuple[str, int], host: str, port: int) -> bytes:
    tag = secrets.token_hex(8)
    address = f"{ours[0]}:{ours[1]}"
    return "\r\n".join(
        (
            f"OPTIONS sip:{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {address};rport;branch=z9hG4bK{tag}",
            f"From: <sip:up@{address}>;tag={tag}",
            f"To: <sip:{host}:{port}>",
            f"Call-ID: {tag}",
            "CSeq: 1 OPTIONS",
            f"Contact: <sip:up@{address}>",
            "Max-Forwards: 70",
            "Content-Length: 0",
            "\r\n",
        )
    ).encode()
