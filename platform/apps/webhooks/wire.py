"""One request to a tenant's server, and its whole answer, within a strict deadline.

Whoever asks is a thread that waits; the request runs on an event loop in a thread of its own, one a process,
so that a server that drips, or a name that nobody resolves, holds nobody beyond the deadline. Connections
are kept: the next question finds TLS set up.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from django.conf import settings

from tenants.outbound_async import guarded_transport

MOST_BYTES = 64 * 1024
RESOLVERS = 64
"""Names that are looked up at once: a lookup that hangs holds a thread for as long as the system lets it."""

SLACK_S = 1.0
"""For the loop to notice; beyond it the thread that waits goes on without."""

T = TypeVar("T")


class NoAnswer(Exception):
    """There is no answer that can be read. The text is for people; `status` where one was given."""

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def exchange(url: str, *, body: bytes, headers: Mapping[str, str], within_ms: int) -> Answer:
    """POSTs `body` and reads the answer, all in `within_ms`. Outside any transaction. Raises NoAnswer."""
    within_s = within_ms / 1000
    try:
        request = httpx.Request("POST", url, content=body, headers={**headers, "Accept-Encoding": "identity"})
        return _run(_within(request, within_s), within_s + SLACK_S)
    except (TimeoutError, TookTooLong, httpx.TimeoutException):
        raise NoAnswer(f"It gave no whole answer within {within_ms} ms.") from None
    except httpx.ConnectError as error:
        raise NoAnswer(_not_connected(error)) from None
    except httpx.InvalidURL:
        raise NoAnswer("Its address cannot be used.") from None
    except (httpx.HTTPError, ssl.SSLError, OSError):
        raise NoAnswer("The connection broke before the answer was there.") from None


def _not_connected(error: httpx.ConnectError) -> str:
    told = str(error)
    if "not a public one" in told:
        return "Its address is private: it cannot be reached from here."
    if "resolve" in told:
        return "The name of its server is not known."
    if "certificate" in told.lower():
        return "The certificate of its server is not valid."
    return "Its server cannot be reached."


async def _within(request: httpx.Request, within_s: float) -> Answer:
    async with asyncio.timeout(within_s):
        try:
            return await _answer(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # A connection that was kept may be closed in the moment that it is used; asking twice is
            # harmless, the id is the same.
            return await _answer(request)


async def _answer(request: httpx.Request) -> Answer:
    response = await _process().transport.handle_async_request(request)
    try:
        return Answer(response.status_code, await _body(response))
    finally:
        await response.aclose()


async def _body(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise NoAnswer("Its answer is packed, which it was asked not to be.", response.status_code)
    found = bytearray()
    async for piece in response.aiter_raw():
        found += piece
        if len(found) > MOST_BYTES:
            raise NoAnswer(f"Its answer has more than {MOST_BYTES // 1024} KB.", response.status_code)
    return bytes(found)


class _Process:
    """What a process has for its questions."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(RESOLVERS, thread_name_prefix="hook-names"))
        self._transports: dict[bool, httpx.AsyncBaseTransport] = {}
        threading.Thread(target=self.loop.run_forever, name="hooks", daemon=True).start()

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """Neither follows a redirect nor keeps a cookie, which would be another tenant's."""
        private = settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES
        if private not in self._transports:
            self._transports[private] = guarded_transport(allow_private=private)
        return self._transports[private]


_lock = threading.Lock()
_processes: dict[int, _Process] = {}


def _process() -> _Process:
    """This process's; a fork begins anew, since it has none of its parent's threads."""
    with _lock:
        if os.getpid() not in _processes:
            _processes.clear()
            _processes[os.getpid()] = _Process()
        return _processes[os.getpid()]


def _run(work: Coroutine[Any, Any, T], within_s: float) -> T:
    future = asyncio.run_coroutine_threadsafe(work, _process().loop)
    try:
        return future.result(within_s)
    finally:
        future.cancel()
