"""From where a request comes, right behind a proxy too."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"


def client_ip(request: HttpRequest) -> str:
    """The client's address. TRUSTED_PROXIES says how many proxies of ours append to X-Forwarded-For.

    Only what those appended is believed: the rest of the header is the client's own word. A request that
    passed fewer proxies than that came straight to us, and counts by its own address.
    """
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if 0 < settings.TRUSTED_PROXIES <= len(forwarded):
        address = _address(forwarded[-settings.TRUSTED_PROXIES])
        if address:
            return address
    return _address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def _address(text: str) -> str:
    """`text` without a port, if it is an IP address."""
    for candidate in (text, text.rpartition(":")[0]):
        try:
            return str(ipaddress.ip_address(candidate.strip("[]")))
        except ValueError:
            continue
    return ""
