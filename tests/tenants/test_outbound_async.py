"""Where requests go: to the very address that was looked at."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from tenants import outbound_async
from tenants.outbound_async import guarded_transport

HERE, THERE = "127.0.0.2", "127.0.0.1"
"""The one counts as public in these tests, the other does not."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server at every loopback address; it says at which one it was reached."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            at = self.connection.getsockname()[0].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(at)))
            self.end_headers()
            self.wfile.write(at)

        def log_message(self, format: str, *args: Any) -> None:
            """Not on the tests' terminal."""

    with HTTPServer(("0.0.0.0", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What a name leads to, answer by answer."""
    answers: list[list[str]] = []

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        kind = socket.SOCK_STREAM
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, kind, 6, "", (a, port)) for a in answers.pop(0)
        ]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    monkeypatch.setattr(outbound_async, "is_public", lambda address: address == HERE)
    return answers


def post(port: int, *, allow_private: bool = False, host: str = "hooks.example.com") -> str:
    async def once() -> str:
        async with guarded_transport(allow_private=allow_private) as transport:
            request = httpx.Request("POST", f"http://{host}:{port}/", content=b"{}")
            response = await transport.handle_async_request(request)
            return (await response.aread()).decode()

    return asyncio.run(once())


def test_a_name_that_changes_meanwhile_is_not_asked_again(port: int, names: list[list[str]]) -> None:
    names += [[HERE], [THERE]]
    assert post(port) == HERE
    assert names == [[THERE]]


@pytest.mark.parametrize("found", [[THERE], [HERE, THERE], [THERE, HERE]])
def test_a_name_that_leads_inside_as_well_is_refused(
    port: int, names: list[list[str]], found: list[str]
) -> None:
    names += [found]
    with pytest.raises(httpx.ConnectError, match="not a public one"):
        post(port)


def test_the_next_address_is_taken_where_one_cannot_be_reached(port: int, names: list[list[str]]) -> None:
    names += [["::1", HERE]]
    assert post(port, allow_private=True) == HERE


@pytest.mark.parametrize(
    "host", [THERE, "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "127.1", "2130706433", "localhost", "0.0.0.0"]
)
def test_our_own_network_however_it_is_written(port: int, host: str) -> None:
    with pytest.raises(httpx.ConnectError, match="not a public one"):
        post(port, host=host)


def test_a_name_that_is_none(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    with pytest.raises(httpx.ConnectError, match="cannot be resolved"):
        post(port)


def test_a_name_that_nobody_answers_for_takes_so_long_and_no_longer(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: over.wait(30))
    monkeypatch.setattr(outbound_async, "CONNECT_S", 0.1)
    try:

        async def once() -> None:
            async with guarded_transport(allow_private=False) as transport:
                request = httpx.Request("POST", "http://hooks.example.com/", content=b"{}")
                with pytest.raises(httpx.ConnectTimeout):
                    await transport.handle_async_request(request)
            over.set()

        asyncio.run(once())
    finally:
        over.set()


def test_proxies_of_the_environment_are_not_used(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind one the guard would see the proxy's address."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert post(port, allow_private=True, host=THERE) == THERE
