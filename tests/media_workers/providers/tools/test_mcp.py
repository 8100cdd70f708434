"""MCP servers: their tools are offered and run; what is wrong with them is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.contract.agent import AgentConfig
from media_workers.providers import sharing
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.remote import Remote
from tests.fakes.mcp_server import McpFake
from tests.fakes.tool_server import Page, ToolServer

KEY = "mcp-k3y-of-the-desk"


def remote(
    url: str, *, public: bool = False, tools: list[dict[str, Any]] | None = None, **fields: Any
) -> Remote:
    server = {"type": "mcp", "name": "desk", "url": url, **fields}
    config = AgentConfig.model_validate(
        {
            "model": {"provider": "script", "nodes": {"start": {}}},
            "tools": [*(tools or []), server],
            "secrets": {"desk": KEY},
        }
    )
    return Remote(config, {}, Offers(config), public_only=public)


def offered(desk: Remote) -> list[str]:
    return [tool.name for tool in desk._offers]


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await sharing.close()


@pytest.mark.parametrize("json_response", [False, True])
async def test_tools_are_listed_and_run(json_response: bool) -> None:
    fake = McpFake(key=KEY, json_response=json_response)
    async with fake.running() as url:
        desk = remote(url, headers={"Authorization": "Bearer {{secret.desk}}"})
        try:
            assert await desk.prepare() == []
            assert offered(desk) == ["order_status", "look_up", "breaks", "sleeps", "odd_name"]
            assert (await desk.mcp("order_status", {"order": 7})).text == "Order 7 is on its way."
            assert '"hits"' in (await desk.mcp("look_up", {"query": "shoes"})).text
            assert (await desk.mcp("odd_name", {})).text == "odd"
            broken = await desk.mcp("breaks", {})
            assert broken.text == "Error: Error executing tool breaks"
            assert broken.trouble == "the server says that the tool has failed"
            unfit = await desk.mcp("order_status", {"order": "seven"})
            assert "order: 'seven' is not of type 'integer'" in unfit.text
        finally:
            await desk.close()
    assert [name for name, _ in fake.calls] == ["order_status", "look_up"]
    assert fake.authorization == {f"Bearer {KEY}"}


async def test_the_list_is_kept_for_the_next_call_and_names_that_collide_get_the_servers() -> None:
    fake = McpFake()
    async with fake.running() as url:
        first = remote(url)
        await first.prepare()
        await first.close()
        asked = fake.connections
        taken = [{"type": "http", "name": "look_up", "url": "http://example.com/"}]
        second = remote(url, tools=taken, only=["look_up", "order_status"])
        await second.prepare()
        assert fake.connections == asked
        assert offered(second) == ["look_up", "order_status", "desk_look_up"]
        assert '"hits"' in (await second.mcp("desk_look_up", {"query": "x"})).text
        await second.close()


async def test_a_slow_tool_is_left_and_the_next_one_still_runs() -> None:
    async with McpFake().running() as url:
        desk = remote(url, timeout_ms=1500)
        await desk.prepare()
        slow = await desk.mcp("sleeps", {"seconds": 60})
        assert slow.trouble == "the server did not answer within 1.5 s"
        assert (await desk.mcp("order_status", {"order": 1})).trouble == ""
        await desk.close()


async def test_calls_run_side_by_side() -> None:
    async with McpFake().running() as url:
        desk = remote(url)
        await desk.prepare()
        calls = (desk.mcp("sleeps", {"seconds": 0.3}), desk.mcp("order_status", {"order": 2}))
        order: list[str] = []
        for done in asyncio.as_completed(calls):
            order.append((await done).text)
        assert order == ["Order 2 is on its way.", "awake"]
        await desk.close()


@pytest.mark.parametrize(
    "page",
    [
        Page("<h1>Not here</h1>", type="text/html"),
        Page("nothing", 404),
        Page({"jsonrpc": "1.0"}),
        Page(vanish=True),
    ],
)
async def test_a_server_that_is_none_is_told(page: Page) -> None:
    async with ToolServer(*[page] * 20) as server:
        desk = remote(server.url, timeout_ms=1000)
        (trouble,) = await desk.prepare()
        assert trouble.startswith("desk: the ")
        assert not desk.has("look_up")
        await desk.close()


async def test_a_wrong_key_and_a_private_address_are_told_without_the_key() -> None:
    async with McpFake(key="another").running() as url:
        desk = remote(url, headers={"Authorization": "Bearer {{secret.desk}}"})
        (trouble,) = await desk.prepare()
        assert KEY not in trouble
        await desk.close()
        inside = remote(url.replace("127.0.0.1", "localhost"), public=True)
        assert await inside.prepare() == [
            "desk: the server cannot be reached: localhost is not on the public internet"
        ]
        await inside.close()
