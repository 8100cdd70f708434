"""A server that speaks the Model Context Protocol: the protocol's own library, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer

Receive = Callable[[], Awaitable[Any]]


class McpFake:
    """Knows a few tools. `requests` counts what came by the protocol's method; `authorization`: what the
    requests brought with them."""

    def __init__(self, *, key: str = "", json_response: bool = False) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.connections = 0
        self.authorization: set[str] = set()
        self._key = key
        self._json = json_response
        self.server = MCPServer("desk")
        self._offer()

    def _offer(self) -> None:
        server, calls = self.server, self.calls

        @server.tool(description="Looks an order up.")
        async def order_status(order: int) -> str:
            calls.append(("order_status", {"order": order}))
            return f"Order {order} is on its way."

        @server.tool()
        async def look_up(query: str) -> dict[str, Any]:
            calls.append(("look_up", {"query": query}))
            return {"hits": [query]}

        @server.tool()
        async def breaks() -> str:
            raise ValueError("the desk is closed")

        @server.tool()
        async def sleeps(seconds: float) -> str:
            await asyncio.sleep(seconds)
            return "awake"

        @server.tool(name="odd.name")
        async def odd() -> str:
            return "odd"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Gives the server's URL."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        app = self.server.streamable_http_app(json_response=self._json)
        config = uvicorn.Config(self._guarded(app), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        finally:
            server.should_exit = server.force_exit = True
            await task
            listener.close()

    def _guarded(self, app: Any) -> Any:
        async def guarded(scope: Any, receive: Receive, send: Any) -> None:
            if scope["type"] == "http":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                self.connections += 1
                self.authorization.add(headers.get("authorization", ""))
                if self._key and headers.get("authorization") != f"Bearer {self._key}":
                    await send({"type": "http.response.start", "status": 401, "headers": []})
                    await send({"type": "http.response.body", "body": b"no"})
                    return
            await app(scope, receive, send)

        return guarded
