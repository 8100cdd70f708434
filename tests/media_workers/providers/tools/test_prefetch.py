"""Variables that are fetched before a call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.contract.agent import AgentConfig
from media_workers.providers import sharing
from media_workers.providers.tools.prefetch import Fetched, prefetch
from tests.fakes.tool_server import Page, ToolServer

KEY = "pre-fetch-key"


@pytest.fixture
async def server() -> AsyncIterator[ToolServer]:
    async with ToolServer() as server:
        yield server
    await sharing.close()


async def fetched(*fetches: dict[str, Any]) -> Fetched:
    agent = {
        "model": {"provider": "script", "nodes": {"start": {}}},
        "prefetch": list(fetches),
        "secrets": {"crm": KEY},
    }
    config = AgentConfig.model_validate(agent)
    return await prefetch(config, {"from_number": "+12025550100"}, public_only=False)


async def test_values_of_the_answer_become_variables(server: ToolServer) -> None:
    server.answers = [Page({"customer": {"name": "Ada", "tier": 2}})]
    found = await fetched(
        {
            "url": server.url + "/callers/{{from_number}}",
            "headers": {"X-Key": "{{secret.crm}}"},
            "take": {"name": "customer.name", "tier": "customer.tier", "lost": "customer.city"},
        }
    )
    assert found == Fetched(
        {"name": "Ada", "tier": "2"}, ["prefetch 1: the answer has nothing at customer.city"]
    )
    assert server.asked[0].target == "/callers/%2B12025550100"
    assert server.asked[0].headers["x-key"] == KEY


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(after_s=30), "did not answer within 0.2 s"),
        (Page({"key": KEY}, 500), "the server answered 500"),
        (Page("<p>no</p>", type="text/html"), "a web page instead of data"),
        (Page("none"), "nothing at a"),
    ],
)
async def test_what_fails_or_is_late_is_told_and_holds_nothing_up(
    server: ToolServer, page: Page, words: str
) -> None:
    server.answers = [page]
    found = await fetched({"url": server.url, "timeout_ms": 200, "take": {"a": "a"}})
    assert found.values == {}
    (trouble,) = found.troubles
    assert words in trouble
    assert KEY not in trouble
