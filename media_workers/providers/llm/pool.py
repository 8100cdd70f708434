"""The connections to one vendor with one key, shared by the calls of an event loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx2

from media_workers.providers import sharing
from media_workers.providers.llm.failures import CONNECT_TIMEOUT_MS

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 120.0
"""How long an idle connection is kept: a turn must not wait for a TLS handshake."""

LIMITS = httpx2.Limits(keepalive_expiry=KEEP_ALIVE_S)

WARM_S = 30.0
"""So long after its last use a connection is taken to be up still."""


class _Client(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=_Client)


@dataclass(eq=False)
class Pool(Generic[C]):
    """`client` is the SDK's; `http` the connections that it speaks through, to `url`."""

    url: str
    client: C
    http: httpx2.AsyncClient
    _used_s: float = -WARM_S

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def used(self) -> None:
        """A request goes out now."""
        self._used_s = time.monotonic()

    async def warm_up(self, path: str) -> None:
        """Connects, if nobody has been asked for a while: with a request that needs no key and costs
        nothing, whatever its answer. Never raises."""
        if time.monotonic() - self._used_s < WARM_S:
            return
        self.used()
        try:
            await self.http.head(self.url + path, timeout=CONNECT_TIMEOUT_MS / 1000)
        except httpx2.HTTPError as error:
            log.info("%s could not be connected to ahead of the call: %s", self.host, error)

    async def close(self) -> None:
        await self.client.close()


def shared_pool(key: Hashable, url: str, make: Callable[[], tuple[C, httpx2.AsyncClient]]) -> Pool[C]:
    """The running loop's connections for `key`."""
    return sharing.shared(("llm", key), lambda: Pool(url, *make()))
