"""SIP requests outside of calls over UDP, TCP and TLS: sent, sent again, and matched with their response.

A client transaction as RFC 3261, 17.1.2, has it. Sockets of their own, so that thousands of registrations
do not need a place on a line.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast

from media_workers.contract.calls import Gateway, Transport
from media_workers.runtime.locate import Locator, NotLocated, public_only
from media_workers.sip.client.messages import Request, Response, Sender, read_response

T1_S: Final = 0.5
T2_S: Final = 4.0
CONNECT_S: Final = 5.0
IDLE_S: Final = 120.0
"""How long a connection without a request is kept."""

MAX_MESSAGE: Final = 65_536
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})", re.IGNORECASE)


class NoAnswer(Exception):
    """The request was not answered; the text says why, in words for a tenant."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: an address, and for TLS the name that the certificate must prove."""

    transport: Transport
    address: str
    port: int
    server_name: str = ""


async def places_of(gateway: Gateway, locator: Locator, *, allow_private: bool) -> list[Target]:
    """Where `gateway` is, the place to try first in front. Raises NoAnswer when nobody knows, or when it
    must not be asked there: a name that leads inside would show tenants what listens in our network."""
    try:
        found = await locator.locate(gateway)
        if not allow_private:
            found = public_only(gateway, found)
    except NotLocated as error:
        raise NoAnswer(str(error)) from None
    return [Target(place.transport, place.address, place.port, gateway.host) for place in found]


class Wire:
    """Sends requests from one address. Use as an async context manager, or close it."""

    def __init__(self, bind_address: str, public_address: str, *, tls: ssl.SSLContext | None = None) -> None:
        self._bind_address = bind_address
        self._public_address = f"[{public_address}]" if ":" in public_address else public_address
        self._tls = tls or client_context()
        self._waiting: dict[str, asyncio.Future[Response]] = {}
        self._datagrams: dict[socket.AddressFamily, _Datagrams] = {}
        self._streams: dict[Target, _Stream] = {}
        self._opening: dict[object, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __aenter__(self) -> Wire:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes every socket; requests that wait are not answered any more."""
        for datagrams in self._datagrams.values():
            datagrams.transport.close()
        for stream in self._streams.values():
            stream.close()

    async def sender(self, target: Target) -> Sender:
        """What a request to `target` says of where it comes from. Raises NoAnswer."""
        try:
            async with asyncio.timeout(CONNECT_S):
                port = await self._local_port(target)
        except TimeoutError:
            raise NoAnswer(
                f"{target.address}:{target.port} takes no {target.transport} connection."
            ) from None
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "TLS failed"
            raise NoAnswer(f"TLS with {target.server_name or target.address}: {reason}.") from error
        except OSError as error:
            raise NoAnswer(f"{target.address}:{target.port}/{target.transport}: {_words(error)}.") from error
        return Sender(sent_by=f"{self._public_address}:{port}", transport=target.transport)

    async def _local_port(self, target: Target) -> int:
        if target.transport == "udp":
            return (await self._datagrams_for(target)).port
        async with self._opening[target]:
            stream = self._streams.get(target)
            if stream is None or stream.closed:
                self._forget()
                context = self._tls if target.transport == "tls" else None
                stream = await _Stream.open(target, self._bind_address, context, self._received)
                self._streams[target] = stream
        return stream.port

    def _forget(self) -> None:
        """Connections that have closed, and the locks that nobody needs: targets come and go."""
        for target in [target for target, stream in self._streams.items() if stream.closed]:
            del self._streams[target]
        for key in [key for key, lock in self._opening.items() if not lock.locked()]:
            if key not in self._streams:
                del self._opening[key]

    async def ask(self, target: Target, request: Request, *, limit_s: float) -> Response:
        """The final response. Raises NoAnswer. `sender` was asked for the same target before."""
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting[request.branch] = future
        try:
            async with asyncio.timeout(limit_s):
                return await self._exchange(target, request, future)
        except TimeoutError:
            raise NoAnswer(f"No answer from {target.address}:{target.port} within {limit_s:g} s.") from None
        except OSError as error:
            raise NoAnswer(f"{target.address}:{target.port}/{target.transport}: {_words(error)}.") from error
        finally:
            self._waiting.pop(request.branch, None)

    async def _exchange(self, target: Target, request: Request, future: asyncio.Future[Response]) -> Response:
        data = request.text.encode()
        if target.transport != "udp":
            stream = self._streams.get(target)
            if stream is None:
                raise NoAnswer(f"{target.address}:{target.port} closed the connection.")
            stream.send(data)
            either: set[asyncio.Future[Any]] = {future, stream.over}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not future.done():
                raise NoAnswer(f"{target.address}:{target.port} closed the connection.")
            return future.result()
        pause = T1_S
        datagrams = await self._datagrams_for(target)
        while True:
            datagrams.transport.sendto(data, (target.address, target.port))
            await asyncio.wait({future}, timeout=pause)
            if future.done():
                return future.result()
            pause = min(pause * 2, T2_S)

    def _received(self, data: bytes) -> None:
        """Responses only: whoever has a request for us sends it to a line."""
        response = read_response(data.decode("utf-8", "replace"))
        if response is None or response.code < 200:
            return
        future = self._waiting.get(response.branch)
        if future is not None and not future.done():
            future.set_result(response)

    async def _datagrams_for(self, target: Target) -> _Datagrams:
        family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
        async with self._opening[family]:
            if family not in self._datagrams:
                self._datagrams[family] = await self._open_datagrams(family)
        return self._datagrams[family]

    async def _open_datagrams(self, family: socket.AddressFamily) -> _Datagrams:
        here = self._bind_address
        if (":" in here) != (family == socket.AF_INET6):
            here = "::" if family == socket.AF_INET6 else "0.0.0.0"
        _, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self._received), local_addr=(here, 0), family=family
        )
        return protocol


def _words(error: OSError) -> str:
    """asyncio puts the address, which the reader knows, where the reason should be."""
    return os.strerror(error.errno) if error.errno else type(error).__name__


def client_context() -> ssl.SSLContext:
    """TLS 1.2 and later; the server must prove its name."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes], None]) -> None:
        self._received = received
        self.transport: asyncio.DatagramTransport
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)  # 3.11's own is not one by name
        self.port = int(transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._received(data)

    def error_received(self, exc: Exception) -> None:
        """ICMP said something about one of many targets: the time-out will tell which."""


class _Stream:
    """A TCP or TLS connection, kept for the next request."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, received: Callable[[bytes], None]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._received = received
        self.port = int(writer.get_extra_info("sockname")[1])
        self.over: asyncio.Future[None] = asyncio.ensure_future(self._read())

    @classmethod
    async def open(
        cls,
        target: Target,
        bind_address: str,
        tls: ssl.SSLContext | None,
        received: Callable[[bytes], None],
    ) -> _Stream:
        same_family = (":" in bind_address) == (":" in target.address)
        reader, writer = await asyncio.open_connection(
            target.address,
            target.port,
            ssl=tls,
            server_hostname=(target.server_name or target.address) if tls else None,
            local_addr=(bind_address, 0) if same_family else None,
            limit=MAX_MESSAGE,
        )
        return cls(reader, writer, received)

    @property
    def closed(self) -> bool:
        return self.over.done() or self._writer.is_closing()

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    def close(self) -> None:
        self.over.cancel()
        self._writer.close()

    async def _read(self) -> None:
        with suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            while True:
                async with asyncio.timeout(IDLE_S):
                    head = await self._reader.readuntil(b"\r\n\r\n")
                    length = _LENGTH.search(head)
                    body = await self._reader.readexactly(min(int(length[1]), MAX_MESSAGE) if length else 0)
                self._received(head.lstrip(b"\r\n") + body)
        self._writer.close()
