"""Tools that other machines run, for one call: HTTP requests and MCP servers."""

from __future__ import annotations

from collections.abc import Mapping

from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import HttpTool
from media_workers.providers.tools import http
from media_workers.providers.tools.http import Around
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.outcome import Outcome, failure
from media_workers.providers.tools.web import web


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
        around = Around(self._variables, slots, self._config.secrets)
        return await http.run(web(public_only=self._public_only), tool, arguments, around)

    async def mcp(self, name: str, arguments: Mapping[str, object]) -> Outcome:
        return failure("nobody runs this tool yet")

    async def close(self) -> None: ...
