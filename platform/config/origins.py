"""Which pages may open our sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host

_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"ws": "http", "wss": "https"}

Origin = tuple[str, str, int]
"""Scheme, host, port (RFC 6454)."""


class BrowserOrigins:
    """Other sites' pages may not open our sockets with a visitor's cookie. Programs send no Origin.

    Ours are the pages of PUBLIC_URL, and those that came from the very scheme, host and port that the
    socket is asked for, if the host is one of ALLOWED_HOSTS.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        given = _header(scope, b"origin")
        if given is not None and not _ours(given, scope):
            return await WebsocketDenier()(scope, receive, send)
        return await self._application(scope, receive, send)


def _ours(given: str, scope: Mapping[str, Any]) -> bool:
    origin = _origin_of(given)
    if origin is None:
        return False
    if origin == _origin_of(settings.PUBLIC_URL):
        return True
    scheme = _SCHEMES.get(scope.get("scheme", "ws"), "")
    asked = _origin_of(f"{scheme}://{_header(scope, b'host') or ''}")
    return origin == asked and validate_host(_in_brackets(origin[1]), settings.ALLOWED_HOSTS)


def _origin_of(address: str) -> Origin | None:
    """None for what is no address of a web page, like ``null``."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None or parts.scheme not in _PORTS:
        return None
    return parts.scheme, parts.hostname, port


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _header(scope: Mapping[str, Any], wanted: bytes) -> str | None:
    found = [value for name, value in scope["headers"] if name.lower() == wanted]
    return found[-1].decode("latin-1") if found else None
