"""Which addresses and headers a tenant may give us for requests to its own servers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from telephony.trunks.values import is_private
from tenants.errors import InvalidInput

MOST_HEADERS = 20
LONGEST_URL = 2_000
LONGEST_VALUE = 1_000

_URL = re.compile(r"[!-~¡-\U0010ffff]+")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, 5.1
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")
_OURS = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect",
        "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
    }
)  # fmt: skip
_OUR_KINDS = ("webhook-", "proxy-")


def check_url(url: str, *, field: str = "url") -> str:
    """`url` without spaces around it. InvalidInput for what is no address of a web server, has credentials in
    it, or is private and may not be. Where a name leads is looked at with every request."""
    url = url.strip()
    if len(url) > LONGEST_URL or not _URL.fullmatch(url):
        raise InvalidInput(
            f"Give an address of at most {LONGEST_URL} characters, without spaces.", field=field
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except (ValueError, UnicodeError):
        raise InvalidInput("This is no address of a web server.", field=field) from None
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise InvalidInput("Give an address that begins with https:// or http://.", field=field)
    if "@" in parts.netloc:
        raise InvalidInput(
            "Leave user and password out: requests are signed, and a header can hold a secret.",
            field=field,
            code="credentials",
        )
    if not settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES and is_private(host):
        raise InvalidInput(
            "This address is private: it cannot be reached from here.", field=field, code="private_address"
        )
    return url.partition("#")[0]


def check_headers(headers: Mapping[str, str], *, field: str = "headers") -> dict[str, str]:
    """Headers that are sent along; their names may have any case, their values are secret. InvalidInput."""
    if len(headers) > MOST_HEADERS:
        raise InvalidInput(f"Give at most {MOST_HEADERS} headers.", field=field)
    known: set[str] = set()
    for name, value in headers.items():
        _check_header(name, value, f"{field}.{name[:100]}" if _NAME.fullmatch(name) else field)
        if name.lower() in known:
            raise InvalidInput(f"The header {name} is there twice.", field=f"{field}.{name}")
        known.add(name.lower())
    return dict(headers)


def _check_header(name: str, value: str, field: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput("A header's name has letters, digits and - only.", field=field)
    if name.lower() in _OURS or name.lower().startswith(_OUR_KINDS):
        raise InvalidInput(f"{name} is the connection's own: it cannot be set.", field=field, code="reserved")
    if len(value) > LONGEST_VALUE or not _VALUE.fullmatch(value):
        raise InvalidInput(
            f"Give a value of 1 to {LONGEST_VALUE} characters of ASCII, on one line.",
            field=field,
        )
