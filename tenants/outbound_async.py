"""As `tenants.outbound`, for many requests at once: to addresses that a customer wrote, never into our own
network."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from media_workers.contract.addresses import is_public

CONNECT_S = 5.0
IDLE_S = 5.0
"""Of a connection that is kept: less than servers keep theirs."""

_ADDRESSES = 3
"""Of one name, that are tried."""


def guarded_transport(*, allow_private: bool) -> httpx.AsyncHTTPTransport:
    """Connects to public addresses only, unless `allow_private`: a name is resolved once, all that it leads
    to is looked at, and one of these very addresses is connected to, whatever the name says a moment later.

    What is refused, or not found, is an `httpx.ConnectError` in words; either way within 5 s. Use it without
    a client (`handle_async_request`): that would keep cookies and follow redirects. As many connections as
    are asked for; kept for 5 s. No proxy of the environment is used: it would look the name up itself. Names
    are looked up in the loop's executor, where one that nobody answers for holds a thread for a while: give
    it enough.
    """
    transport = httpx.AsyncHTTPTransport(
        verify=trusted(),
        trust_env=False,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=200, keepalive_expiry=IDLE_S),
    )
    # The library's own argument for it is one of the pool's, which the transport does not hand on.
    transport._pool._network_backend = _Guarded(allow_private=allow_private)
    return transport


@functools.cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed, read once: it takes some 30 ms. `SSL_CERT_FILE` and `SSL_CERT_DIR`
    count."""
    return httpx.create_ssl_context()


async def addresses_of(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Where `host` is, in the order to try. Raises httpcore.ConnectError for a name that leads nowhere, or to
    any address that is not public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name cannot be resolved: {error}") from error
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    if not allow_private and not all(is_public(address) for address in addresses):
        raise httpcore.ConnectError("the address is not a public one")
    return addresses[:_ADDRESSES]


class _Guarded(httpcore.AsyncNetworkBackend):
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(min(timeout or CONNECT_S, CONNECT_S)):
                addresses = await addresses_of(host, port, allow_private=self._allow_private)
                return await self._first_of(addresses, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no connection in time") from error

    async def _first_of(self, addresses: list[str], port: int) -> httpcore.AsyncNetworkStream:
        for address in addresses[:-1]:
            try:
                return await self._backend.connect_tcp(address, port)
            except httpcore.ConnectError:  # such as IPv6 where there is none
                continue
        return await self._backend.connect_tcp(addresses[-1], port)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("the address is not a public one")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)
