"""The sockets of requests outside of calls: what is over is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from media_workers.runtime.signalling.wire import NoAnswer, Target, Wire
from media_workers.sip.client.messages import Request

HOST = "127.0.0.1"


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_connections_that_are_over_are_forgotten_with_their_locks() -> None:
    servers = [await asyncio.start_server(hang_up, HOST, 0) for _ in range(4)]
    targets = [Target("tcp", HOST, server.sockets[0].getsockname()[1]) for server in servers]
    async with Wire(HOST, HOST) as wire:
        for target in targets[:3]:
            await wire.sender(target)
            await asyncio.wait_for(wire._streams[target].over, 30)
        await wire.sender(targets[3])
        assert set(wire._streams) == {targets[3]}
        assert set(wire._opening) == {targets[3]}
        request = Request("OPTIONS", "z9hG4bK1", "OPTIONS sip:gone SIP/2.0\r\n\r\n")
        with pytest.raises(NoAnswer, match="closed the connection"):
            await wire.ask(targets[0], request, limit_s=30)
    for server in servers:
        server.close()
