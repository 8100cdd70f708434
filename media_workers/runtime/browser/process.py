"""The process of the browser calls: one more line of the node, whose legs are sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection

from media_workers.runtime.browser.server import BrowserServer
from media_workers.runtime.call import CallTools
from media_workers.runtime.call_process import CallProcess, run_process
from media_workers.runtime.config import NodeConfig
from media_workers.runtime.desk import CallDesk
from media_workers.runtime.places import Places


class BrowserProcess(CallProcess):
    """At most `browser_calls` at once."""

    port_variable = "BROWSER_PORT"

    def __init__(self, config: NodeConfig, index: int, pipe: Connection) -> None:
        super().__init__(config, index, pipe)
        self._calls = CallDesk(self._tell_calls)
        self._room = Places(config.browser_calls, lambda: 0)
        self._server = BrowserServer(self._calls, self._room)

    @property
    def _desk(self) -> CallDesk:
        return self._calls

    @property
    def _places(self) -> Places:
        return self._room

    async def _bind(self, stack: AsyncExitStack) -> None:
        await self._server.start(self._config.browser_host, self._config.browser_port)
        stack.push_async_callback(self._server.stop)

    @asynccontextmanager
    async def _taking(self, tools: CallTools) -> AsyncIterator[None]:
        self._server.open(tools)
        yield

    def _stop_taking(self) -> None:
        """The server asks the desk, which knows."""

    async def _taking_stopped(self) -> None:
        await self._server.claimed()


def main(config: NodeConfig, index: int, pipe: Connection) -> None:
    """The target of the process."""
    run_process(BrowserProcess, config, index, pipe)
