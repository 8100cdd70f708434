"""Connections to addresses that a tenant has typed in, and answers of any size.

The control plane looks at what an address says; what a name leads to is only known when it is connected to,
and may have changed since. So the address that was looked at is the one that is connected to.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast
from urllib.parse import urlsplit

import httpcore2
import httpx2

from media_workers.contract.addresses import is_public
from media_workers.providers import trust

LOOKUP_LIMIT_S = 5.0
MOST_BYTES = 8_000_000
"""Of one answer: some thousand tokens, each in a message of its own, are a third of it."""


class PrivateAddress(OSError):
    """The name leads nowhere but into a private network. The text is for people."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is not on the public internet")
        self.strerror = f"{host} is not on the public internet"


async def public_addresses(host: str, port: int) -> list[str]:
    """Where `host` is, in the order to try. Raises `PrivateAddress`, `OSError` when it is not found or not in
    time."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(LOOKUP_LIMIT_S):
        found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    public = [address for address in addresses if is_public(address)]
    if not public:
        raise PrivateAddress(host)
    return public


async def pinned(url: str) -> str:
    """The IP address that `url` (http or websocket) is to be spoken to at. Raises as `public_addresses`."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme in {"https", "wss"} else 80)
    return (await public_addresses(parts.hostname or "", port))[0]


def pinned_channel(url: str, address: str) -> tuple[str, list[tuple[str, str | int]]]:
    """Target and options of a gRPC channel that stays with `address`, and knows the server by its name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme in {"https", "wss"} else 80)
    target = f"ipv6:[{address}]:{port}" if ":" in address else f"ipv4:{address}:{port}"
    options: list[tuple[str, str | int]] = [
        ("grpc.default_authority", parts.netloc),
        ("grpc.ssl_target_name_override", host),
        ("grpc.enable_http_proxy", 0),
    ]
    return target, options


class PublicBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections to the public internet only."""

    def __init__(self) -> None:
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            addresses = await public_addresses(host, port)
        except OSError as error:  # TimeoutError is one
            raise httpcore2.ConnectError(error.strerror or "its name cannot be looked up") from error
        return await self._backend.connect_tcp(
            addresses[0],
            port,
            timeout=timeout,
            local_address=local_address,
            socket_options=socket_options,
        )

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.ConnectError("is not on the public internet")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


def http_options(
    limits: httpx2.Limits, *, public_only: bool = False, most_bytes: int = MOST_BYTES
) -> dict[str, Any]:
    """Arguments of an `httpx2.AsyncClient` for vendors. A redirect is an error: a key and a caller's words go
    nowhere but where they were meant to go. Answers come as they are (what is packed may be of any size when
    it is unpacked) and end after `most_bytes`. With `public_only` no proxy of the environment is used: it
    would look the name up itself."""

    async def unpacked(request: httpx2.Request) -> None:
        request.headers["Accept-Encoding"] = "identity"

    async def bounded(response: httpx2.Response) -> None:
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise httpx2.DecodingError("the answer is packed, though that was not asked for")
        response.stream = _Bounded(cast(httpx2.AsyncByteStream, response.stream), most_bytes)

    options: dict[str, Any] = {
        "limits": limits,
        "verify": trust.context(),
        "follow_redirects": False,
        "event_hooks": {"request": [unpacked], "response": [bounded]},
    }
    if public_only:
        options |= {"transport": _public_transport(limits), "trust_env": False}
    return options


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise httpx2.RemoteProtocolError("the answer has no end")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _public_transport(limits: httpx2.Limits) -> httpx2.AsyncHTTPTransport:
    transport = httpx2.AsyncHTTPTransport(limits=limits, verify=trust.context(), trust_env=False)
    # The library's own argument for it is one of the pool's, which the transport does not hand on.
    transport._pool._network_backend = PublicBackend()
    return transport
