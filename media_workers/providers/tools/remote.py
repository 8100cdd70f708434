"""Tools that other machines run, for one conversation: HTTP requests and MCP servers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import HttpTool, McpServer
from media_workers.providers.base import Tool
from media_workers.providers.tools import http, schema
from media_workers.providers.tools.http import Around
from media_workers.providers.tools.mcp import McpSession
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.outcome import Outcome
from media_workers.providers.tools.web import NoAnswer, web

LONGEST_NAME = 64
RESERVED = frozenset({"end_call"})
SLACK_S = 5.0


class Remote:
    """`offers` grows by the tools of MCP servers. With `public_only` nothing is asked that is not on the
    public internet."""

    def __init__(
        self,
        config: AgentConfig,
        variables: Mapping[str, str],
        offers: Offers,
        *,
        public_only: bool = True,
    ) -> None:
        self._config = config
        self._public_only = public_only
        self._variables = variables
        self._offers = offers
        around = self._around({})
        self._servers = [
            McpSession(tool, around, public_only=public_only)
            for tool in config.tools
            if isinstance(tool, McpServer)
        ]
        self._tools: dict[str, tuple[McpSession, Tool]] = {}

    async def prepare(self) -> list[str]:
        """Asks the MCP servers for their tools. What went wrong, in words; never raises."""
        if any(isinstance(tool, HttpTool) for tool in self._config.tools) or self._servers:
            await asyncio.to_thread(schema.warm_up)
        troubles = []
        for session, found in zip(self._servers, await self._listings(), strict=True):
            if isinstance(found, str):
                troubles.append(f"{session.server.name}: {found}")
            else:
                self._take(session, found)
        return troubles

    async def _listings(self) -> Sequence[list[Tool] | str]:
        async def listing(session: McpSession) -> list[Tool] | str:
            try:
                return await session.tools()
            except NoAnswer as error:
                return str(error)

        return await asyncio.gather(*map(listing, self._servers))

    def _take(self, session: McpSession, tools: Iterable[Tool]) -> None:
        """By names that every model takes, and that nothing else has."""
        for tool in tools:
            taken = {*RESERVED, *(offer.name for offer in self._offers)}
            name = _usable(tool.name)
            if name in taken:
                name = _usable(f"{session.server.name}_{tool.name}")
            if name not in taken:
                self._tools[name] = (session, tool)
                self._offers.add([replace(tool, name=name)])

    def has(self, name: str) -> bool:
        """Whether a tool of an MCP server has this name."""
        return name in self._tools

    def limit_s(self, name: str) -> float:
        """Of an MCP server's tool."""
        session, _ = self._tools[name]
        return session.server.timeout_ms / 1000 + SLACK_S

    async def http(
        self, tool: HttpTool, arguments: Mapping[str, object], slots: Mapping[str, str]
    ) -> Outcome:
        return await http.run(web(public_only=self._public_only), tool, arguments, self._around(slots))

    async def mcp(self, name: str, arguments: Mapping[str, object]) -> Outcome:
        session, tool = self._tools[name]
        return await session.call(tool, arguments)

    async def close(self) -> None:
        await asyncio.gather(*(session.close() for session in self._servers), return_exceptions=True)

    def _around(self, slots: Mapping[str, str]) -> Around:
        return Around(self._variables, slots, self._config.secrets)


def _usable(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:LONGEST_NAME]
