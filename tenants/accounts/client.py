"""Where a request comes from."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The visitor's address; empty when there is none (a test, a Unix socket).

    Behind a proxy the web server (uvicorn) has already put the visitor's address here, if the proxy is one
    of FORWARDED_ALLOW_IPS: a header that anybody can send is never believed.
    """
    return as_address(str(request.META.get("REMOTE_ADDR", "")))


def as_address(text: str) -> str:
    """`text` in the usual form of an IP address; empty when it is none."""
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
