"""Random flows that can be saved, and random callers: a reply always ends, and then the flow waits for
the caller, or the call is over."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from apps.agents.flow_checks import flow_faults
from media_workers.contract.agent import AgentConfig
from media_workers.contract.flow import CollectNode, ListenNode, PromptNode, TransferNode
from media_workers.providers.base import ProviderError, TextDelta, ToolCall, UserInput
from media_workers.providers.llm.flow.walking import MOST_NODES
from tests.media_workers.providers.llm.flow.walk import Model, Walk

NAMES = ["start", "a", "b", "c", "d", "end"]
SLOTS = ["x", "y"]
MOST_ITEMS = 10 * MOST_NODES

names = st.sampled_from(NAMES)
maybe = st.one_of(st.none(), names)
conditions = st.fixed_dictionaries(
    {
        "name": st.sampled_from(SLOTS),
        "is": st.sampled_from(["set", "unset", "equal", "different", "greater", "less", "contains"]),
        "value": st.sampled_from(["", "1", "yes", "four"]),
    }
)
edges = st.builds(
    lambda some, last: [*some, {"goto": last}],
    st.lists(
        st.fixed_dictionaries({"goto": names, "conditions": st.lists(conditions, max_size=2)}), max_size=2
    ),
    names,
)
ways = st.lists(
    st.fixed_dictionaries({"goto": names, "when": st.sampled_from(["", "It is time."])}), max_size=3
)
branches = st.lists(
    st.fixed_dictionaries(
        {
            "phrases": st.just(["yes"]),
            "goto": maybe,
            "reply": st.sampled_from(["", "Fine."]),
            "set": st.sampled_from([{}, {"x": "1"}]),
            "action": st.sampled_from(["none", "end_call"]),
        }
    ),
    max_size=2,
)
nodes = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("say"), "text": st.sampled_from(["Hello.", "{x}"]), "edges": edges}
    ),
    st.fixed_dictionaries({"kind": st.just("condition"), "edges": edges}),
    st.fixed_dictionaries(
        {
            "kind": st.just("collect"),
            "ask": st.just("Well?"),
            "save_as": st.sampled_from(SLOTS),
            "type": st.sampled_from(["text", "digits", "number", "yes_no"]),
            "attempts": st.integers(1, 2),
            "otherwise_goto": maybe,
            "edges": edges,
        }
    ),
    st.fixed_dictionaries({"kind": st.just("listen"), "expect": branches, "otherwise_goto": maybe}),
    st.fixed_dictionaries(
        {
            "kind": st.just("tool"),
            "tool": st.just("t"),
            "save_as": st.sampled_from(["x", None]),
            "edges": edges,
        }
    ),
    st.fixed_dictionaries({"kind": st.just("transfer"), "target": st.just("sales"), "failed_goto": maybe}),
    st.fixed_dictionaries(
        {
            "kind": st.just("prompt"),
            "prompt": st.just("Talk."),
            "say": st.sampled_from(["", "Hm?"]),
            "edges": ways,
        }
    ),
)
flows = st.builds(
    lambda some: {**dict(zip(NAMES, some, strict=False)), "end": {"kind": "end", "say": "Bye."}},
    st.lists(nodes, min_size=5, max_size=5),
)
callers = st.lists(
    st.sampled_from(
        [
            UserInput("yes"),
            UserInput("four"),
            UserInput("hello there"),
            UserInput(unclear=True),
            UserInput(dtmf="1"),
            UserInput(dtmf="12#"),
        ]
    ),
    max_size=6,
)
fates = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=7, max_size=7)


class Chatter(Model):
    """Takes a way wherever there is one."""

    async def stream(self, messages: Any, tools: Any, *, tool_choice: Any = "auto") -> Any:
        leading = [tool.name for tool in tools if tool.name.startswith("go_to_")]
        yield ToolCall("m", leading[-1], "{}") if leading else TextDelta("Well. ")


def config(flow: dict[str, Any]) -> AgentConfig:
    return AgentConfig.model_validate(
        {
            "model": {"provider": "openai", "model": "m"},
            "flow": {"nodes": flow},
            "tools": [{"type": "http", "name": "t", "url": "https://shop.example/"}],
            "transfers": [{"name": "sales", "sip_uri": "sip:desk@pbx.example"}],
        }
    )


LOOP = {name: {"kind": "say", "text": "Round.", "edges": [{"goto": "a"}]} for name in NAMES} | {
    "end": {"kind": "end"},
    "start": {"kind": "condition", "edges": [{"goto": "end", "conditions": [{"name": "x"}]}, {"goto": "a"}]},
}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(flow=flows, caller=callers, fate=fates)
@example(flow=LOOP, caller=[UserInput("yes")], fate=[(True, False, False)] * 7)
def test_every_reply_ends_and_the_flow_waits_or_the_call_is_over(
    flow: dict[str, Any], caller: list[UserInput], fate: list[tuple[bool, bool, bool]]
) -> None:
    found = config(flow)
    circle = flow is LOOP
    assume(circle or not list(flow_faults(found)))
    asyncio.run(_call(Walk(flow, model=Chatter()), [UserInput(), *caller], fate))


async def _call(walk: Walk, caller: list[UserInput], fate: list[tuple[bool, bool, bool]]) -> None:
    for said, (kept, fails, cut) in zip(caller, fate, strict=False):
        before = (walk.slots, len(walk.moves))
        try:
            over = await _reply(walk, said, fails=fails, cut=cut)
        except ProviderError as error:
            if "without waiting" not in error.detail:
                raise
            return
        if not kept:
            assert (walk.slots, len(walk.moves)) == before
            continue
        walk.dialogue.commit()
        if over:
            return
        if not cut:
            node = walk.dialogue._walker._node(walk.dialogue._place.state)
            assert isinstance(node, ListenNode | CollectNode | PromptNode | TransferNode)
        assert len(walk.dialogue.expected()) <= 500
        walk.dialogue.key_input()


async def _reply(walk: Walk, said: UserInput, *, fails: bool, cut: bool) -> bool:
    """Whether the call ends. `cut`: the caller interrupts after the first item."""
    reply = walk.dialogue.reply(said)
    items = 0
    try:
        async for delta in reply:
            items += 1
            assert items < MOST_ITEMS
            if isinstance(delta, ToolCall):
                json.loads(delta.arguments)
                if delta.name == "end_call":
                    return True
                if cut:
                    return False
                walk.dialogue.tool_result(delta, "Error." if fails else "4", failed=fails)
            elif cut:
                return False
    finally:
        await reply.aclose()
    return False
