"""Servers that speak the Model Context Protocol over streamable HTTP, one session for each call.

https://modelcontextprotocol.io/specification
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import httpx2

from media_workers.contract.tools import McpServer
from media_workers.providers import sharing
from media_workers.providers.base import Tool
from media_workers.providers.outside import http_options
from media_workers.providers.tools import schema
from media_workers.providers.tools.http import Around, filled_headers, filled_url
from media_workers.providers.tools.outcome import Outcome, failure
from media_workers.providers.tools.web import AGENT, NoAnswer

KEPT_S = 60.0
"""How long the list of a server's tools counts, for all calls of the process with the same headers."""

MOST_PAGES = 20
MOST_TOOLS = 128
LONGEST_DESCRIPTION = 4_000
LONGEST_SCHEMA = 20_000
MOST_BYTES = 8_000_000
LIMITS = httpx2.Limits(max_connections=8, keepalive_expiry=60.0)
CLOSE_LIMIT_S = 2.0
NO_ARGUMENTS: dict[str, object] = {"type": "object", "properties": {}}


@dataclass(frozen=True, slots=True)
class _Listing:
    tools: tuple[Tool, ...]
    until_s: float


class McpSession:
    """One server, for one call. Connected at the first use; again when the server has forgotten us."""

    def __init__(self, server: McpServer, around: Around, *, public_only: bool) -> None:
        self.server = server
        self._around = around
        self._public_only = public_only
        self._limit_s = server.timeout_ms / 1000
        self._held: _Held | None = None

    async def tools(self) -> list[Tool]:
        """Those that the agent wants, by the server's own names. Raises `NoAnswer`."""
        url, headers = self._address()
        listings: dict[str, _Listing] = sharing.shared("mcp listings", dict)
        key = hashlib.sha256(json.dumps([url, sorted(headers.items())]).encode()).hexdigest()
        found = listings.get(key)
        if found is None or found.until_s < time.monotonic():
            async with self._answered():
                tools = await _listed(await self._client())
            found = listings[key] = _Listing(tuple(tools), time.monotonic() + KEPT_S)
            _forget_old(listings)
        return [tool for tool in found.tools if not self.server.only or tool.name in self.server.only]

    async def call(self, tool: Tool, arguments: Mapping[str, object]) -> Outcome:
        """Raises nothing."""
        wrong = schema.faults(tool.parameters, arguments)
        if wrong:
            return failure(f"the arguments do not fit: {'; '.join(wrong)}. Mend them and call it again")
        try:
            async with self._answered():
                result = await self._call(tool.name, dict(arguments))
        except NoAnswer as error:
            return failure(str(error))
        text = self._around.hide(_text(result))
        if result.is_error:
            return Outcome(
                f"Error: {text or 'the tool has failed'}", "the server says that the tool has failed"
            )
        return Outcome(text or "Done.")

    async def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await held.close()

    async def _call(self, name: str, arguments: dict[str, object]) -> Any:
        from mcp.shared.exceptions import MCPError

        client = await self._client()
        try:
            return await client.call_tool(name, arguments)
        except MCPError as error:
            if "session" not in error.message.lower():
                raise
        # The server has forgotten the session, so that nothing was done.
        await self.close()
        return await (await self._client()).call_tool(name, arguments)

    async def _client(self) -> Any:
        if self._held is None or self._held.over:
            await asyncio.to_thread(_library)
            url, headers = self._address()
            self._held = _Held(url, headers, public_only=self._public_only)
        return await asyncio.shield(self._held.client)

    def _address(self) -> tuple[str, dict[str, str]]:
        """Raises `NoAnswer` when a secret is missing."""
        url, _ = filled_url(self.server.url, {}, self._around)
        return url, filled_headers(self.server.headers, self._around)

    @contextlib.asynccontextmanager
    async def _answered(self) -> Any:
        """Everything that may go wrong with a server, as `NoAnswer`."""
        _library_errors = (OSError, RuntimeError, ValueError, httpx2.HTTPError)
        try:
            async with asyncio.timeout(self._limit_s):
                yield
        except NoAnswer:
            raise
        except TimeoutError:
            raise NoAnswer(f"the server did not answer within {self._limit_s:g} s") from None
        except Exception as error:
            raise NoAnswer(self._around.hide(_words(error))) from None


class _Held:
    """A session that a task of its own holds open: the library wants it left where it was entered. `client`
    is a future."""

    def __init__(self, url: str, headers: Mapping[str, str], *, public_only: bool) -> None:
        self._url = url
        self._headers = {"User-Agent": AGENT, **headers}
        self._public_only = public_only
        self._leave = asyncio.Event()
        self.client: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._hold())

    @property
    def over(self) -> bool:
        return self._task.done()

    async def _hold(self) -> None:
        try:
            await self._connected()
        except BaseException as error:
            if not self.client.done():
                self.client.set_exception(_first(error))
                self.client.exception()  # it may be that nobody waits for it any more
            if isinstance(error, asyncio.CancelledError):
                raise

    async def _connected(self) -> None:
        from mcp.client import Client
        from mcp.client.streamable_http import streamable_http_client

        options = http_options(LIMITS, public_only=self._public_only, most_bytes=MOST_BYTES)
        async with (
            httpx2.AsyncClient(**options, headers=self._headers, timeout=30.0) as http,
            Client(streamable_http_client(self._url, http_client=http)) as client,
        ):
            # What comes back is for a model to read; a server's own schema, held against on the loop of many
            # calls, could hold them up.
            client.session.validate_tool_result = _unchecked  # type: ignore[method-assign]
            self.client.set_result(client)
            await self._leave.wait()

    async def close(self) -> None:
        self._leave.set()
        await asyncio.wait({self._task}, timeout=CLOSE_LIMIT_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def _unchecked(name: str, result: object) -> None:
    return None


def _library() -> ModuleType:
    """Half a second of importing, in a thread. It would log what servers answer."""
    import mcp.client
    import mcp.client.streamable_http

    for name in ("mcp", "client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return mcp.client


async def _listed(client: Any) -> list[Tool]:
    found: list[Tool] = []
    cursor = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [tool for one in page.tools if (tool := _tool(one)) is not None]
        cursor = page.next_cursor
        if not cursor or len(found) >= MOST_TOOLS:
            break
    return found[:MOST_TOOLS]


def _tool(told: Any) -> Tool | None:
    """None: its schema is too long for any model."""
    parameters = dict(told.input_schema or NO_ARGUMENTS)
    if parameters.get("type") != "object":
        parameters = NO_ARGUMENTS
    if len(json.dumps(parameters)) > LONGEST_SCHEMA:
        return None
    return Tool(told.name, (told.description or "")[:LONGEST_DESCRIPTION], parameters)


def _text(result: Any) -> str:
    """What a model can read of it."""
    parts = [_part(block) for block in result.content]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    return "\n".join(part for part in parts if part)


def _part(block: Any) -> str:
    if block.type == "text":
        return str(block.text)
    if block.type == "resource_link":
        return f"[{block.name}: {block.uri}]"
    if block.type == "resource" and getattr(block.resource, "text", None) is not None:
        return str(block.resource.text)
    return f"[{block.type}, which cannot be read]"


def _words(error: BaseException) -> str:
    """Of the protocol's errors their own; of others nothing that may hold the request."""
    error = _first(error)
    if type(error).__name__ == "MCPError":
        return f"the server answered: {str(getattr(error, 'message', ''))[:500]}"
    if isinstance(error, httpx2.ConnectError):
        reason = str(error)
        known = "public internet" in reason or "looked up" in reason
        return f"the server cannot be reached: {reason}" if known else "the server cannot be reached"
    if isinstance(error, httpx2.HTTPStatusError):
        return f"the server answered {error.response.status_code}"
    if isinstance(error, httpx2.HTTPError):
        return "the connection to the server broke"
    return "the server does not speak the Model Context Protocol"


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error


def _forget_old(listings: dict[str, _Listing]) -> None:
    now_s = time.monotonic()
    for key in [key for key, listing in listings.items() if listing.until_s < now_s]:
        del listings[key]
