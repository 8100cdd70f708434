"""A call walks through a flow, by the keys of a real telephone, and goes on with another agent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.client import turns_of
from tests.journeys.conftest import World

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

PRESSES_1 = "+12025550103"


def flow(nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": {"provider": "script"}, "flow": {"nodes": nodes}, **more}


def test_a_key_is_collected_and_another_agent_knows_it(world: World) -> None:
    goodbye = {"kind": "end", "say": "You pressed {key}. Goodbye.", "outcome": "told"}
    second = world.api.agent("Second", flow({"start": goodbye}, first_message="Here is the second."))
    ask = {
        "kind": "collect",
        "ask": "Please press a key.",
        "save_as": "key",
        "type": "digits",
        "by": "keys",
        "max_digits": 1,
        "edges": [{"goto": "on"}],
    }
    first = world.api.agent("First", flow({"start": ask, "on": {"kind": "hand_over", "agent": second}}))

    call = world.api.ended(world.place(PRESSES_1, agent=first))

    assert call["end_reason"] == "agent_hung_up"
    assert call["agent"] == first
    assert call["slots"] == {"key": "1", "outcome": "told"}
    assert [(step["agent"], step["node"], step["by"]) for step in call["flow_path"]] == [
        (first, "start", ""),
        (first, "on", "keys"),
        (second, "start", ""),
    ]
    assert turns_of(call, "agent")[-1] == "Here is the second. You pressed 1. Goodbye."
    (handed,) = [e["event"] for e in world.api.events(call["id"]) if e["type"] == "handed_over"]
    assert (handed["agent"], handed["agent_name"], handed["version"]) == (second, "Second", 1)
