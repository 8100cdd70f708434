"""A websocket to a vendor: connecting, sending in order, and what goes wrong in words for people.

`connect` gives a bare connection; `VendorSocket` runs one for an adapter that is spoken to from callbacks:
messages are put into it without waiting and sent by one task, answers are handed out by another.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as _websocket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from media_workers.providers import outside
from media_workers.providers.base import ProviderError
from media_workers.providers.refusals import refusal, scrub

CONNECT_LIMIT_S = 5.0
CLOSE_LIMIT_S = 0.4
WAITING_BYTES = 2_000_000
"""What may wait to be sent (a minute of audio with its wrapping): then the vendor takes nothing any more."""

Message = str | bytes
Query = Mapping[str, str | int | float | bool | Sequence[str]]


def websocket_url(base: str, path: str, query: Query | None = None) -> str:
    """`base` (http, https, ws or wss, with a path of its own or not) and `path` as a websocket's address.
    Lists in `query` are given several times, None is no value, True is `true`."""
    parts = urlsplit(base)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    values = {name: _word(value) for name, value in (query or {}).items()}
    where = parts.path.rstrip("/") + path
    return urlunsplit((scheme, parts.netloc, where, urlencode(values, doseq=True), ""))


def _word(value: str | int | float | bool | Sequence[str]) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class _NoDetours(_websocket):
    """A redirect is an error: a key goes nowhere but where it was meant to go."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@functools.cache
def _trust() -> ssl.SSLContext:
    """Reading the system's certificates takes some 20 ms: once a process."""
    return ssl.create_default_context()


async def connect(
    url: str,
    *,
    component: str,
    vendor: str,
    headers: Mapping[str, str] | None = None,
    subprotocols: Sequence[str] = (),
    secret: str = "",
    public_only: bool = False,
) -> ClientConnection:
    """A connection that is up; with `public_only` to the public internet. Raises `ProviderError`, in whose
    text `secret` does not occur."""
    try:
        return await _NoDetours(
            url,
            additional_headers=dict(headers or {}),
            user_agent_header="Trunkline",
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            # Audio does not get smaller, and deflate costs 64 KB and much time a connection.
            compression=None,
            open_timeout=CONNECT_LIMIT_S,
            close_timeout=CLOSE_LIMIT_S,
            ssl=_trust() if url.startswith("wss:") else None,
            **(await _outside(url) if public_only else {}),
        )
    except InvalidStatus as error:
        response = error.response
        raise refusal(component, vendor, response.status_code, bytes(response.body), secret) from None
    except TimeoutError:
        raise ProviderError(component, vendor, f"no connection within {CONNECT_LIMIT_S:.0f} s") from None
    except (InvalidURI, ValueError):
        raise ProviderError(component, vendor, "its address is no address", retryable=False) from None
    except (InvalidHandshake, EOFError):
        raise ProviderError(component, vendor, "does not speak websocket there") from None
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ProviderError(component, vendor, f"cannot be reached: {scrub(detail, secret)}") from None


async def _outside(url: str) -> dict[str, Any]:
    """What has the address that was looked at be the one that is connected to. Raises `OSError`."""
    return {"host": await outside.pinned(url), "proxy": None}


def broken(component: str, vendor: str, closed: ConnectionClosed, secret: str = "") -> ProviderError:
    """What the end of a connection that should have stayed means. 1008: what we sent is against its rules."""
    close = closed.rcvd
    if close is None:
        return ProviderError(component, vendor, "the connection broke")
    said = f": {scrub(close.reason, secret)}" if close.reason else ""
    detail = f"closed the connection ({close.code}){said}"
    return ProviderError(component, vendor, detail, retryable=close.code not in {1003, 1007, 1008, 1009})


class VendorSocket:
    """A connection with its two tasks. On the loop only. `on_message` gets what arrives and may raise
    `ProviderError`; `on_broken` is called once, when the connection ends without `close`, when the vendor
    takes no more, or with what `on_message` raised."""

    def __init__(
        self,
        connection: ClientConnection,
        *,
        component: str,
        vendor: str,
        on_message: Callable[[Message], None],
        on_broken: Callable[[ProviderError], None],
        secret: str = "",
    ) -> None:
        self._connection = connection
        self._component = component
        self._vendor = vendor
        self._secret = secret
        self._on_message = on_message
        self._on_broken = on_broken
        self._waiting: deque[Message] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._over = False
        loop = asyncio.get_running_loop()
        self._clock = loop.time
        self.sent_at = loop.time()
        self._tasks = (loop.create_task(self._write()), loop.create_task(self._read()))

    def put(self, message: Message) -> None:
        """Sends `message` after those put before it. Returns at once."""
        if self._over:
            return
        self._waiting.append(message)
        self._waiting_bytes += len(message)
        self.sent_at = self._clock()
        self._wake.set()
        if self._waiting_bytes > WAITING_BYTES:
            self.fail(ProviderError(self._component, self._vendor, "takes no more audio"))

    def fail(self, error: ProviderError) -> None:
        """The connection is of no use any more: tells of it, once."""
        if not self._over:
            self._over = True
            self._on_broken(error)

    async def close(self, *last: Message) -> None:
        """Sends what waits and `last`, and closes; within a second, whatever the vendor does."""
        for message in last:
            self.put(message)
        self._over = True
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._flush()
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_LIMIT_S):
                await self._connection.close()
        await asyncio.wait(self._tasks)

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._flush()
        except ConnectionClosed:
            return  # the reader tells of it

    async def _flush(self) -> None:
        while self._waiting:
            message = self._waiting.popleft()
            self._waiting_bytes -= len(message)
            await self._connection.send(message)

    async def _read(self) -> None:
        try:
            while True:
                self._on_message(await self._connection.recv())
        except ConnectionClosed as closed:
            self.fail(broken(self._component, self._vendor, closed, self._secret))
        except ProviderError as error:
            self.fail(error)
