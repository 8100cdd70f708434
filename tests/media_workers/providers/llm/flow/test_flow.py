"""Flows: the way through the nodes, with and without a model, and what is dropped leaves no trace."""

from __future__ import annotations

import pytest

from media_workers.providers.base import (
    HAND_OVER_CALL,
    TRANSFER_CALL,
    Before,
    ChatMessage,
    ProviderError,
    TextDelta,
    Tool,
    ToolCall,
    UserInput,
)
from tests.media_workers.providers.llm.flow.walk import END, ON, Model, Walk

BIG = {"goto": "big", "conditions": [{"name": "sum", "is": "greater", "value": "100"}]}
ORDER = {
    "start": {"kind": "say", "text": "Hello {{name}}.", "edges": [{"goto": "ask"}]},
    "ask": {
        "kind": "collect",
        "ask": "How much?",
        "save_as": "sum",
        "type": "number",
        "edges": [{"goto": "which"}],
    },
    "which": {"kind": "condition", "edges": [BIG, {"goto": "look"}]},
    "look": {
        "kind": "tool",
        "tool": "look",
        "arguments": {"sum": "{sum}", "who": "{{name}}", "quick": "yes"},
        "save_as": "found",
        "failed_goto": "sorry",
        "edges": ON,
    },
    "big": {"kind": "transfer", "target": "sales", "failed_goto": "sorry"},
    "sorry": {"kind": "end", "say": "Sorry.", "outcome": "failed"},
    "end": {"kind": "end", "say": "You get {found}.", "outcome": "done"},
}
LOOK = Tool(
    "look",
    "",
    {"type": "object", "properties": {"sum": {"type": "number"}, "quick": {"type": "boolean"}}},
)


def order(**more: object) -> Walk:
    return Walk(ORDER, variables={"name": "Ann"}, tools=[LOOK], **more)  # type: ignore[arg-type]


async def test_a_flow_says_asks_decides_and_acts() -> None:
    walk = order()
    walk.results["look"] = "three"
    assert await walk.turn() == "Hello Ann. How much?"
    assert await walk.turn("twenty five") == "You get three.!"
    assert walk.calls == [("look", {"sum": 25, "who": "Ann", "quick": True})]
    assert walk.slots == {"sum": "25", "found": "three", "outcome": "done"}
    assert walk.moves == [
        ("start", "", ""),
        ("ask", "start", "always"),
        ("which", "ask", "phrase"),
        ("look", "which", "always"),
        ("end", "look", "always"),
    ]


async def test_what_fails_has_a_way_of_its_own() -> None:
    walk = order()
    walk.results["look"] = RuntimeError("down")
    await walk.turn()
    assert await walk.turn(dtmf="25") == "Sorry.!"
    assert walk.moves[-1] == ("sorry", "look", "failure")
    assert walk.slots["outcome"] == "failed"

    busy = order()
    busy.results[TRANSFER_CALL] = RuntimeError("busy")
    await busy.turn()
    assert await busy.turn("two hundred") == "Sorry.!"
    assert busy.calls == [(TRANSFER_CALL, {"target": "sales"})]


async def test_a_transfer_without_a_way_on_ends_the_call_and_one_that_succeeds_is_not_made_again() -> None:
    alone = {"start": {"kind": "transfer", "target": "sales"}}
    walk = Walk(alone)
    walk.results[TRANSFER_CALL] = RuntimeError("busy")
    assert await walk.turn() == "!"
    joined = Walk(alone)
    assert await joined.turn() == ""
    assert await joined.turn("hello?") == ""
    assert len(joined.calls) == 1


async def test_another_agent_that_does_not_come_is_a_failure() -> None:
    walk = Walk({"start": {"kind": "hand_over", "agent": "agt_1"}})
    walk.results[HAND_OVER_CALL] = RuntimeError("unknown")
    with pytest.raises(ProviderError, match="no other agent"):
        await walk.turn()
    assert walk.calls == [(HAND_OVER_CALL, {"agent": "agt_1"})]


async def test_a_reply_that_is_not_kept_leaves_no_trace() -> None:
    walk = order()
    await walk.turn()
    before = (walk.slots, walk.dialogue.expected(), list(walk.moves))
    assert await walk.turn("two", kept=False) == "You get ok.!"
    assert (walk.slots, walk.dialogue.expected(), walk.moves) == before
    walk.results["look"] = "three"
    walk.dialogue.keep("seen", "yes")
    assert walk.slots == {"seen": "yes"}
    walk.calls.clear()


async def test_what_is_kept_while_the_reply_runs_stands_as_it_comes() -> None:
    walk = order()
    await walk.turn()
    reply = walk.dialogue.reply(UserInput("ten"))
    call = await anext(reply)
    assert isinstance(call, ToolCall)
    walk.dialogue.commit()
    assert walk.moves[-1][0] == "look"
    walk.dialogue.keep("saved", "by the tool")
    walk.dialogue.tool_result(call, "four")
    rest = [delta async for delta in reply]
    assert rest[0] == TextDelta("You get four.")
    assert walk.slots == {"sum": "10", "saved": "by the tool", "found": "four", "outcome": "done"}
    assert walk.moves[-1] == ("end", "look", "always")


async def test_a_tool_that_was_interrupted_is_run_again_and_one_that_was_done_is_not() -> None:
    walk = order()
    await walk.turn()
    reply = walk.dialogue.reply(UserInput("ten"))
    first = await anext(reply)
    walk.dialogue.commit()
    await reply.aclose()
    assert isinstance(first, ToolCall)

    again = walk.dialogue.reply(UserInput("hello?"))
    second = await anext(again)
    assert second == first
    walk.dialogue.commit()
    walk.dialogue.tool_result(first, "five")
    await again.aclose()
    assert await walk.turn("hello?") == "You get five.!"


async def test_a_circle_without_a_wait_is_stopped() -> None:
    say = {"kind": "say", "text": "Round", "edges": [{"goto": "start"}]}
    walk = Walk({"start": say})
    with pytest.raises(ProviderError, match="without waiting for the caller"):
        await walk.turn()


async def test_a_node_without_a_way_on_is_a_failure() -> None:
    some = [{"goto": "end", "conditions": [{"name": "x", "is": "set"}]}]
    walk = Walk({"start": {"kind": "say", "text": "Hm.", "edges": some}, "end": END})
    with pytest.raises(ProviderError, match="no way on from the node start"):
        await walk.turn()


async def test_the_greeting_goes_before_words_and_takes_the_place_of_who_waits() -> None:
    assert await order(greeting="Welcome.").turn() == "Welcome. Hello Ann. How much?"
    assert await order(greeting="Welcome.").turn("hello?") == "Welcome. Hello Ann. How much?"
    listen = {"start": {"kind": "listen", "say": "Well?", "expect": [{"dtmf": "1", "action": "end_call"}]}}
    walk = Walk(listen, greeting="Welcome.")
    assert await walk.turn() == "Welcome."
    assert await walk.turn(dtmf="1") == "!"
    prompt = {"start": {"kind": "prompt", "prompt": "x", "say": "Well?"}}
    assert await Walk(prompt, greeting="Welcome.").turn() == "Welcome."
    assert await Walk(prompt).turn() == "Well?"


# --- with a model ---------------------------------------------------------------------------------

TALK = {
    "start": {
        "kind": "prompt",
        "prompt": "Find out what they want.",
        "tools": ["look"],
        "edges": [
            {"goto": "order", "when": "They want to order."},
            {"goto": "order", "when": "They ask for a price."},
            {"goto": "vip", "when": "They complain.", "conditions": [{"name": "vip", "is": "set"}]},
            {"goto": "end", "conditions": [{"name": "done", "is": "set"}]},
        ],
    },
    "order": {
        "kind": "prompt",
        "prompt": "Take the order of {{name}}.",
        "edges": [{"goto": "end", "when": "Done."}],
    },
    "vip": {"kind": "say", "text": "At once.", "edges": ON},
    "end": END,
}
OTHER = Tool("other", "", {"type": "object", "properties": {}})


def talk(*answers: list[object], **more: object) -> tuple[Walk, Model]:
    model = Model(*answers)  # type: ignore[arg-type]
    walk = Walk(
        TALK,
        model=model,
        instructions="You are kind.",
        tools=[LOOK, OTHER],
        variables={"name": "Ann"},
        **more,  # type: ignore[arg-type]
    )
    return walk, model


async def test_the_model_goes_on_by_a_function_for_each_way() -> None:
    walk, model = talk(
        ["Hi!"], ["Sure. ", ("go_to_order", "{}")], ["What would you like?"], [("go_to_end", "{}")]
    )
    assert await walk.turn() == "Hi!"
    assert model.offered[0]["go_to_order"] == "They want to order. Or: They ask for a price."
    assert set(model.offered[0]) == {"end_call", "look", "go_to_order"}
    assert model.prompt.startswith("You are kind.\n\nFind out what they want.")

    assert await walk.turn("I want cake") == "Sure. What would you like?"
    assert "Take the order of Ann." in model.prompt
    assert set(model.offered[2]) == {"end_call", "look", "other", "go_to_end"}
    assert [(m.role, m.text) for m in model.asked[2][-3:]] == [
        ("user", "I want cake"),
        ("assistant", "Sure. "),
        ("tool", "ok"),
    ]
    assert await walk.turn("That is all") == "Bye.!"
    assert [move[::2] for move in walk.moves] == [("start", ""), ("order", "model"), ("end", "model")]


async def test_a_way_with_conditions_is_offered_only_when_they_hold() -> None:
    walk, model = talk(["Hi!"], [("go_to_vip", "{}")])
    walk.dialogue.keep("vip", "yes")
    await walk.turn()
    assert "go_to_vip" in model.offered[0]
    assert "- vip: yes" in model.prompt
    assert await walk.turn("This is bad") == "At once. Bye.!"


async def test_a_condition_that_a_tool_makes_true_leads_on_after_the_answer() -> None:
    walk, _ = talk(["Hi!"], [("look", '{"sum": 1}')], ["I have found it."])
    await walk.turn()
    walk.dialogue.keep("done", "yes")
    assert await walk.turn("look please") == "I have found it. Bye.!"
    assert walk.moves[-1] == ("end", "start", "condition")


async def test_a_draft_that_went_to_another_node_is_forgotten() -> None:
    walk, model = talk(["Hi!"], [("go_to_order", "{}")], ["What?"], ["Go on."])
    await walk.turn()
    assert await walk.turn("I want", kept=False) == "What?"
    assert await walk.turn("I want to know something") == "Go on."
    assert [m.text for m in model.asked[-1] if m.role == "user"][-1] == "I want to know something"
    assert [move[0] for move in walk.moves] == ["start"]


async def test_a_prompt_without_a_model_is_a_failure() -> None:
    walk = Walk({"start": {"kind": "prompt", "prompt": "x"}})
    with pytest.raises(ProviderError, match="no language model"):
        await walk.turn()


async def test_what_was_said_before_is_known() -> None:
    model = Model(["Welcome back."])
    before = Before([ChatMessage("assistant", "Desk here."), ChatMessage("user", "cake")], {"party": "4"})
    walk = Walk({"start": {"kind": "prompt", "prompt": "x"}}, model=model, before=before)
    assert await walk.turn() == "Welcome back."
    assert [message.text for message in model.asked[0]][2:4] == [
        "Desk here.",
        "cake\n(The caller says nothing.)",
    ]
    assert walk.slots == {"party": "4"}


async def test_a_human_is_told_what_is_known() -> None:
    walk = order()
    await walk.turn()
    assert await walk.dialogue.brief() == ""
    assert walk.dialogue.note("They are angry.") is False
    walk.dialogue.keep("order_number", "41")
    assert await walk.dialogue.brief() == "order number: 41"
    asked, model = talk(["They want cake."])
    assert await asked.dialogue.brief() == "They want cake."
    assert asked.dialogue.note("They are angry.") is True
    await asked.dialogue.close()
    assert model.closed
