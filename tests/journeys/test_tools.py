"""An agent asks servers: before the call, with a secret number that was typed, slow ones and ones that give
garbage. Nobody reads the number afterwards."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest

from tests.fakes.tool_server import Page, ToolServer
from tests.journeys.client import turns_of
from tests.journeys.conftest import World

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

PRESSES_1 = "+12025550103"
KEY = "shop-key-of-the-journey"


@pytest.fixture
def shop() -> Iterator[ToolServer]:
    """The tenant's own server, in a thread."""
    loop, server = asyncio.new_event_loop(), ToolServer()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def tool(shop: ToolServer, name: str, **fields: object) -> dict[str, object]:
    headers = {"Authorization": "Bearer {{secret.shop}}"}
    return {"type": "http", "name": name, "url": f"{shop.url}/{name}", "headers": headers, **fields}


def test_tools_of_a_call_and_what_goes_wrong_with_them(world: World, shop: ToolServer) -> None:
    shop.answers = [
        Page({"who": "Ada"}),
        Page({"state": "sent", "echo": KEY}),
        Page({}, after_s=60),
        Page("<h1>Oops</h1>", type="text/html"),
    ]
    ask = {
        "kind": "collect",
        "ask": "Please type your number.",
        "save_as": "pin",
        "type": "digits",
        "by": "keys",
        "max_digits": 1,
        "sensitive": True,
        "edges": [{"goto": "order"}],
    }
    nodes = {
        "start": ask,
        "order": {
            "kind": "tool",
            "tool": "order",
            "arguments": {"pin": "{pin}"},
            "edges": [{"goto": "slow"}],
        },
        "slow": {"kind": "tool", "tool": "slow", "failed_goto": "odd", "edges": [{"goto": "fine"}]},
        "odd": {"kind": "tool", "tool": "odd", "failed_goto": "end", "edges": [{"goto": "fine"}]},
        "fine": {"kind": "end", "say": "All is well. Goodbye."},
        "end": {"kind": "end", "say": "Your order is {state}. Goodbye."},
    }
    agent = world.api.agent(
        "Shop",
        {
            "model": {"provider": "script"},
            "flow": {"nodes": nodes},
            "first_message": "Hello {{who}}.",
            "tools": [
                tool(shop, "order", save={"state": "state"}),
                tool(shop, "slow", timeout_ms=500),
                tool(shop, "odd"),
            ],
            "secrets": {"shop": KEY},
            "prefetch": [{"url": f"{shop.url}/callers/{{{{to_number}}}}", "take": {"who": "who"}}],
        },
    )

    call = world.api.ended(world.place(PRESSES_1, agent=agent))

    assert call["end_reason"] == "agent_hung_up"
    assert turns_of(call, "agent")[0].startswith("Hello Ada.")
    assert turns_of(call, "agent")[-1] == "Your order is sent. Goodbye."
    assert [asked.target for asked in shop.asked] == ["/callers/%2B12025550103", "/order", "/slow", "/odd"]
    assert shop.asked[1].json == {"pin": "1"}
    assert shop.asked[1].headers["authorization"] == f"Bearer {KEY}"
    assert call["slots"] == {"pin": "*", "state": "sent"}
    assert [turn["text"] for turn in call["turns"] if turn["dtmf"]] == ["*"]
    events = [event["event"] for event in world.api.events(call["id"])]
    tools = {event["name"]: event for event in events if event["type"] == "tool"}
    assert tools["order"]["arguments"] == {"pin": "*"}
    assert tools["order"]["trouble"] == ""
    assert tools["slow"]["trouble"] == "the server did not answer within 0.5 s"
    assert tools["odd"]["trouble"] == "the server answered with a web page instead of data"
    assert {(e["digit"], e["masked"]) for e in events if e["type"] == "dtmf"} == {("*", True)}
    assert KEY not in json.dumps(events)
