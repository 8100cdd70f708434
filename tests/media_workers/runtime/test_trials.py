"""Tools tried out without a call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.contract.agent import AgentConfig
from media_workers.contract.trials import ToolTrial
from media_workers.providers import sharing
from media_workers.runtime.browser.trials import Trials
from tests.fakes.mcp_server import McpFake
from tests.fakes.tool_server import Page, ToolServer

KEY = "tok-of-the-trial"


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await sharing.close()


def trial(wanted: dict[str, Any], action: str = "run", /, **fields: Any) -> ToolTrial:
    agent = AgentConfig.model_validate(
        {
            "model": {"provider": "script", "nodes": {"start": {}}},
            "tools": [wanted],
            "secrets": {"token": KEY},
        }
    )
    fields = {"action": action, "agent": agent, "allow_private": True} | fields
    return ToolTrial.model_validate(fields)


async def test_an_http_tool_is_run_and_everything_shown_but_its_secrets() -> None:
    async with ToolServer(Page({"state": "sent", "echo": KEY})) as server:
        tool = {
            "type": "http",
            "name": "order",
            "url": server.url + "/orders/{order}",
            "headers": {"X-Key": "{{secret.token}}"},
            "save": {"state": "state"},
        }
        result = await Trials().run(trial(tool, arguments={"order": 7, "note": "{{name}}"}))
    assert (result.ok, result.status, result.saved) == (True, 200, {"state": "sent"})
    assert result.request is not None
    assert (result.request.method, result.request.headers["X-Key"]) == ("POST", "[secret]")
    assert result.request.body == '{"note": "{{name}}"}'
    assert server.asked[0].headers["x-key"] == KEY
    assert KEY not in result.model_dump_json()


async def test_the_tools_of_a_server_are_listed_and_run() -> None:
    async with McpFake().running() as url:
        tool = {"type": "mcp", "name": "desk", "url": url}
        listed = await Trials().run(trial(tool, "list"))
        assert [one.name for one in listed.tools][:2] == ["order_status", "look_up"]
        ran = await Trials().run(trial(tool, tool="order_status", arguments={"order": 3}))
        assert (ran.ok, ran.result) == (True, "Order 3 is on its way.")
        unknown = await Trials().run(trial(tool, tool="fly"))
        assert unknown.trouble == "the server has no tool called 'fly'"
