"""Tools that other machines run, for one call: HTTP requests and MCP servers."""

from __future__ import annotations

from collections.abc import Mapping

from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import HttpTool
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.outcome import Outcome, failure


class Remote:
    """`offers` grows by the tools of MCP servers."""

    def __init__(self, config: AgentConfig, variables: Mapping[str, str], offers: Offers) -> None:
        self._config = config
        self._variables = variables
        self._offers = offers

    async def prepare(self) -> None:
        """Asks the MCP servers for their tools. Never raises."""

    def has(self, name: str) -> bool:
        """Whether a tool of an MCP server has this name."""
        return False

    def limit_s(self, name: str) -> float:
        """Of an MCP server's tool."""
        return 30.0

    async def http(
        self, tool: HttpTool, arguments: Mapping[str, object], slots: Mapping[str, str]
    ) -> Outcome:
        return failure("nobody runs this tool yet")

    async def mcp(self, name: str, arguments: Mapping[str, object]) -> Outcome:
        return failure("nobody runs this tool yet")

    async def close(self) -> None: ...
