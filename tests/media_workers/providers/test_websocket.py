"""Websockets to vendors: addresses, refusals, detours, a vendor that stops reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from media_workers.providers import websocket
from media_workers.providers.base import ProviderError
from media_workers.providers.websocket import VendorSocket, connect, websocket_url
from tests.fakes.websocket_server import PATIENCE_S, Connection, WebSocketServer


class EchoServer(WebSocketServer):
    """Says again what it hears; with `deaf` it does not listen, with `elsewhere` it sends clients there."""

    deaf = False
    elsewhere = ""

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        if not self.elsewhere:
            return super()._admit(socket, request)
        response = socket.respond(HTTPStatus.TEMPORARY_REDIRECT, "elsewhere")
        response.headers["Location"] = self.elsewhere
        return response

    def _key_of(self, request: Request) -> str:
        return request.headers.get("Authorization", "")

    async def serve(self, connection: Connection) -> None:
        if self.deaf:
            await connection.socket.wait_closed()
            return
        async for message in self.heard(connection):
            await connection.send(message)


@pytest.fixture
async def server() -> AsyncIterator[EchoServer]:
    async with EchoServer() as running:
        assert isinstance(running, EchoServer)
        yield running


class Line:
    """A `VendorSocket` and what it told."""

    def __init__(self) -> None:
        self.heard: list[str | bytes] = []
        self.errors: list[ProviderError] = []
        self.socket: VendorSocket | None = None

    async def open(self, server: EchoServer) -> VendorSocket:
        headers = {"Authorization": server.key}
        connection = await connect(
            websocket_url(server.url, "/x"), component="stt", vendor="echo", headers=headers
        )
        self.socket = VendorSocket(
            connection,
            component="stt",
            vendor="echo",
            on_message=self.heard.append,
            on_broken=self.errors.append,
        )
        return self.socket

    async def until(self, *, heard: int = 0, errors: int = 0) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.heard) < heard or len(self.errors) < errors:
                await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://vendor.example.com", "wss://vendor.example.com/v1/listen?a=1&b=true&c=x&c=y"),
        ("http://127.0.0.1:99/", "ws://127.0.0.1:99/v1/listen?a=1&b=true&c=x&c=y"),
        ("wss://gateway.example.com/dg", "wss://gateway.example.com/dg/v1/listen?a=1&b=true&c=x&c=y"),
    ],
)
def test_an_address_is_made_of_its_parts(base: str, url: str) -> None:
    query = {"a": 1, "b": True, "c": ["x", "y"], "none": []}
    assert websocket_url(base, "/v1/listen", query) == url


async def test_messages_go_in_order_and_answers_come_back(server: EchoServer) -> None:
    line = Line()
    socket = await line.open(server)
    for message in ("one", b"two", "three"):
        socket.put(message)
    await line.until(heard=3)
    assert line.heard == ["one", b"two", "three"]
    await socket.close("last")
    connection = await server.connection()
    await connection.closed.wait()
    assert connection.received[-1] == "last"
    assert line.errors == []


async def test_a_redirect_is_not_followed_with_the_key(server: EchoServer) -> None:
    async with EchoServer() as other:
        server.elsewhere = websocket_url(other.url, "/")
        with pytest.raises(ProviderError) as refusal:
            await connect(
                websocket_url(server.url, "/"),
                component="stt",
                vendor="echo",
                headers={"Authorization": server.key},
            )
        assert "307" in refusal.value.detail
        assert other.connections == []


@pytest.mark.parametrize("url", ["ws://", "http://127.0.0.1", "nonsense", "ws://127.0.0.1:99999/"])
async def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(ProviderError, match="no address") as refusal:
        await connect(url, component="tts", vendor="echo")
    assert not refusal.value.retryable
    assert (refusal.value.component, refusal.value.provider) == ("tts", "echo")


async def test_a_web_server_is_no_websocket() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example.com ready\r\n")
        writer.close()

    web = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with web:
        port = web.sockets[0].getsockname()[1]
        with pytest.raises(ProviderError, match="does not speak websocket"):
            await connect(f"ws://127.0.0.1:{port}/", component="stt", vendor="echo")


async def test_a_vendor_that_reads_no_more_is_an_error(
    server: EchoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "WAITING_BYTES", 50_000)
    server.deaf = True
    line = Line()
    socket = await line.open(server)
    async with asyncio.timeout(PATIENCE_S):
        while not line.errors:
            socket.put(bytes(20_000))
            await asyncio.sleep(0)
    assert "takes no more" in line.errors[0].detail
    await socket.close()
    socket.put(b"nothing is sent any more")
    assert len(line.errors) == 1


async def test_what_the_vendor_says_at_the_close_is_told(server: EchoServer) -> None:
    line = Line()
    socket = await line.open(server)
    await (await server.connection()).close(1008, "policy")
    await line.until(errors=1)
    assert "policy" in line.errors[0].detail
    assert not line.errors[0].retryable
    await socket.close()
