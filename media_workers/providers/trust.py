"""Whose certificates are believed: read once a process, since it takes some 30 ms and the loop has calls."""

from __future__ import annotations

import functools
import ssl

import httpx2


@functools.cache
def context() -> ssl.SSLContext:
    """What httpx2 would make for each client anew. `SSL_CERT_FILE` and `SSL_CERT_DIR` count."""
    return httpx2.create_ssl_context()
