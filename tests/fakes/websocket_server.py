"""The far end of a vendor's websocket on a real socket, whatever the vendor.

A fake is a `WebSocketServer` with `serve`: what it does with one connection. Faults are the same for all:
`refuse` (HTTP instead of a websocket), `Connection.cut`, `Connection.send` of anything.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

PATIENCE_S = 30.0


@dataclass
class Connection:
    """One client. `received` holds what it sent; `closed` is set when it is gone."""

    socket: ServerConnection
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    received: list[str | bytes] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The texts among `received`, as JSON."""
        return [json.loads(message) for message in self.received if isinstance(message, str)]

    @property
    def audio(self) -> bytes:
        """The binary messages among `received`."""
        return b"".join(message for message in self.received if isinstance(message, bytes))

    async def until(self, holds: Callable[[Connection], bool]) -> None:
        """Waits for what `received` must come to hold."""
        async with self.changed, asyncio.timeout(PATIENCE_S):
            await self.changed.wait_for(lambda: holds(self))

    async def send(self, message: dict[str, Any] | str | bytes) -> None:
        """Says it unless the client has left."""
        try:
            await self.socket.send(json.dumps(message) if isinstance(message, dict) else message)
        except ConnectionClosed:
            return

    async def close(self, code: int, reason: str = "") -> None:
        await self.socket.close(code, reason)

    def cut(self) -> None:
        """The network breaks."""
        self.socket.transport.abort()


class WebSocketServer:
    """Use as an async context manager. `url` is what a credential's `base_url` holds. `refuse`: the HTTP
    status and body that connections get instead. `key`: what the fake lets in (`_key_of` finds it)."""

    key = "secret-key"
    subprotocols: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.refuse: tuple[int, str] | None = None
        self.connections: list[Connection] = []
        self.url = ""
        self._server: Server | None = None
        self._arrived = asyncio.Condition()

    async def connection(self, number: int = 1) -> Connection:
        """The connection of that number (from 1), as soon as it is there."""
        async with self._arrived, asyncio.timeout(PATIENCE_S):
            await self._arrived.wait_for(lambda: len(self.connections) >= number)
        return self.connections[number - 1]

    def reset(self) -> None:
        """Forgets connections and faults, for the next test of a module."""
        self.refuse = None
        self.connections.clear()

    async def __aenter__(self) -> WebSocketServer:
        self._server = await serve(
            self._connected,
            "127.0.0.1",
            0,
            process_request=self._admit,
            close_timeout=0.2,
            ping_interval=None,
            compression=None,
        )
        port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.close(code=1001)
            await self._server.wait_closed()

    # --- what a vendor's fake says ----------------------------------------------------------------

    def _key_of(self, request: Request) -> str:
        """The key in a request, wherever the vendor wants it."""
        raise NotImplementedError

    def _unknown_key(self) -> tuple[int, str]:
        """How the vendor refuses a key."""
        return 401, json.dumps({"error": {"message": "Invalid credentials."}})

    async def serve(self, connection: Connection) -> None:
        """Speaks with one client; `async for message in self.heard(connection)` is what it says."""
        raise NotImplementedError

    # --- the connection -----------------------------------------------------------------------------

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        refusal = self.refuse
        if refusal is None and self._key_of(request) != self.key:
            refusal = self._unknown_key()
        if refusal is None:
            return None
        return socket.respond(HTTPStatus(refusal[0]), refusal[1])

    async def _connected(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        parts = urlsplit(socket.request.path)
        headers = {name.lower(): value for name, value in socket.request.headers.raw_items()}
        connection = Connection(socket, parts.path, parse_qs(parts.query), headers)
        async with self._arrived:
            self.connections.append(connection)
            self._arrived.notify_all()
        try:
            await self.serve(connection)
        except ConnectionClosed:
            pass
        finally:
            connection.closed.set()
            async with connection.changed:
                connection.changed.notify_all()

    async def heard(self, connection: Connection) -> Any:
        """What the client says, noted in `received` before it is handed out."""
        async for message in connection.socket:
            async with connection.changed:
                connection.received.append(message)
                connection.changed.notify_all()
            yield message
