"""The dialogue against a server of the protocol on a real socket, through the real SDK."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import aclosing
from typing import Any

import pytest

from media_workers.providers.base import TextDelta, ToolCall, Usage, UserInput
from media_workers.providers.llm.chat import SAY_GOODBYE
from tests.fakes.openai_server import FOREVER, Answer, Failure, OpenAIServer, Piece, answer, call
from tests.media_workers.providers.llm.chat import HELLO, KEY, calls_of, dialogue, replied, text_of

LOOK = {"name": "look", "description": "Free tables.", "parameters": {"type": "object", "properties": {}}}


# --- what is asked ---------------------------------------------------------------------------------


async def test_the_request_says_what_the_agent_is_configured_to(server: OpenAIServer) -> None:
    server.will(answer("Hi."))
    tools = [LOOK, {"name": "end_call", "description": "not this one"}]
    await replied(dialogue(server, temperature=0.7, max_tokens=99, tools=tools))
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert (request.body["model"], request.body["temperature"]) == ("small-talk", 0.7)
    assert (request.body["max_tokens"], request.body["stream"]) == (99, True)
    functions = [tool["function"] for tool in request.body["tools"]]
    assert [f["name"] for f in functions] == ["end_call", "look"]
    assert functions[0]["description"] == "Hang up. Say goodbye first."
    assert functions[1] == LOOK
    assert "tool_choice" not in request.body


async def test_end_call_is_offered_to_an_agent_without_functions(server: OpenAIServer) -> None:
    server.will(answer("Hi."))
    await replied(dialogue(server))
    assert [tool["function"]["name"] for tool in server.requests[0].body["tools"]] == ["end_call"]


async def test_variables_are_filled_into_the_prompt(server: OpenAIServer) -> None:
    server.will(answer("Hi."))
    await replied(dialogue(server, prompt="You speak with {{name}} on {{day}}, {{unknown}}."))
    system = server.requests[0].messages[0]
    assert system["role"] == "system"
    assert system["content"].startswith("You speak with Ada on Friday, .\n\nYou are on a telephone call")
    assert "in the language en-US" in system["content"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (UserInput(dtmf="5"), "(The caller pressed 5 on the keypad.)"),
        (UserInput(unclear=True), "(The caller said something that could not be understood.)"),
        (UserInput(), "(The caller says nothing.)"),
    ],
)
async def test_what_happens_on_the_line_is_told(server: OpenAIServer, said: UserInput, told: str) -> None:
    server.will(answer("Hi."))
    mind = dialogue(server)
    mind.heard("Good day.", interrupted=False)
    await replied(mind, said)
    assert server.requests[0].messages[-1] == {"role": "user", "content": told}


async def test_the_node_s_own_account_is_not_shown_to_an_agent_s_vendor(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-ours")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-ours")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: secret-ours")
    monkeypatch.setenv("OPENAI_API_KEY", "key-ours")
    server.will(answer("Hi."))
    await replied(dialogue(server, api_key=None))
    assert "ours" not in json.dumps(server.requests[0].headers)


# --- what is answered ------------------------------------------------------------------------------


async def test_text_arrives_as_it_is_made(server: OpenAIServer) -> None:
    server.will(answer(0.01, "We are ", FOREVER, "open."))
    async with aclosing(dialogue(server).reply(HELLO)) as reply:
        assert await anext(reply) == TextDelta("We are ")


async def test_usage_is_told(server: OpenAIServer) -> None:
    server.will(Answer(["Hi."], usage=(321, 7)))
    assert await replied(dialogue(server)) == [TextDelta("Hi."), Usage(321, 7)]


async def test_a_vendor_that_tells_no_usage(server: OpenAIServer) -> None:
    server.will(Answer(["Hi."], usage=None))
    assert await replied(dialogue(server)) == [TextDelta("Hi.")]


async def test_a_function_is_called_and_its_result_is_sent_back(server: OpenAIServer) -> None:
    server.will(answer("One moment. ", *call("look", '{"da', 'y": ', '"fri"}')), answer("A table is free."))
    deltas = await replied(dialogue(server, tools=[LOOK]), results={"look": "one table"})
    assert text_of(deltas) == "One moment. A table is free."
    assert calls_of(deltas) == [("call_1", "look", '{"day": "fri"}')]
    asked, result = server.requests[1].messages[-2:]
    assert asked["content"] == "One moment. "
    assert asked["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"day": "fri"}'}
    assert result == {"role": "tool", "tool_call_id": "call_1", "content": "one table"}


TWO_CALLS = {
    "in turns": [
        Piece(0, "a", "look", ""),
        Piece(1, "b", "book", ""),
        Piece(0, arguments='{"x":'),
        Piece(1, arguments='{"y":'),
        Piece(0, arguments="1}"),
        Piece(1, arguments="2}"),
    ],
    "without index": [
        *call("look", '{"x":', "1}", id="a", index=None),
        *call("book", '{"y":2}', id="b", index=None),
    ],
    "all numbered 0": [Piece(0, "a", "look", '{"x":1}'), Piece(0, "b", "book", '{"y":2}')],
    "id and name in every piece": [
        Piece(None, "a", "look", '{"x":'),
        Piece(None, "a", "look", "1}"),
        Piece(None, "b", "book", '{"y":2}'),
    ],
    "name in pieces": [
        Piece(0, "a", "lo", ""),
        Piece(0, None, "ok", '{"x":1}'),
        *call("book", '{"y":2}', id="b", index=1),
    ],
}


@pytest.mark.parametrize("pieces", TWO_CALLS.values(), ids=TWO_CALLS.keys())
async def test_two_functions_at_once(server: OpenAIServer, pieces: list[Piece]) -> None:
    server.will(answer(*pieces), answer("Done."))
    deltas = await replied(dialogue(server), results={"look": "seen", "book": "booked"})
    assert calls_of(deltas) == [("a", "look", '{"x":1}'), ("b", "book", '{"y":2}')]
    results = [(m["tool_call_id"], m["content"]) for m in server.requests[1].messages if m["role"] == "tool"]
    assert results == [("a", "seen"), ("b", "booked")]


async def test_functions_without_number_and_id_get_ids(server: OpenAIServer) -> None:
    server.will(
        answer(Piece(name="look", arguments="{}"), Piece(name="book", arguments="{}")), answer("Done.")
    )
    calls = calls_of(await replied(dialogue(server)))
    assert [name for _, name, _ in calls] == ["look", "book"]
    assert len({id for id, _, _ in calls if id}) == 2


@pytest.mark.parametrize("garbage", ['{"day": ', "friday", '["friday"]', "null", ""])
async def test_arguments_that_are_no_object_become_empty(server: OpenAIServer, garbage: str) -> None:
    server.will(answer(*call("look", garbage)), answer("Done."))
    assert calls_of(await replied(dialogue(server))) == [("call_1", "look", "{}")]
    asked = server.requests[1].messages[-2]
    assert asked["tool_calls"][0]["function"]["arguments"] == "{}"


# --- hanging up ------------------------------------------------------------------------------------


async def test_end_call_after_the_goodbye_asks_for_nothing_more(server: OpenAIServer) -> None:
    server.will(answer("Goodbye.", *call("end_call", "{}")))
    deltas = await replied(dialogue(server))
    assert text_of(deltas) == "Goodbye."
    assert calls_of(deltas) == [("call_1", "end_call", "{}")]
    assert len(server.requests) == 1


async def test_end_call_without_a_word_is_asked_for_the_goodbye_first(server: OpenAIServer) -> None:
    server.will(answer(*call("end_call", "{}")), answer("Bye ", "now.", *call("end_call", "{}", id="call_2")))
    deltas = await replied(dialogue(server))
    assert [d for d in deltas if not isinstance(d, Usage)] == [
        TextDelta("Bye "),
        TextDelta("now."),
        ToolCall("call_1", "end_call", "{}"),
    ]
    assert len(server.requests) == 2
    goodbye = server.requests[1]
    assert goodbye.body["tool_choice"] == "none"
    assert goodbye.messages[-1] == {"role": "tool", "tool_call_id": "call_1", "content": SAY_GOODBYE}


@pytest.mark.parametrize(
    "second",
    [answer(*call("end_call", "{}", id="call_2")), answer(), Failure(500), Failure(400)],
    ids=["calls again", "says nothing", "fails", "is refused"],
)
async def test_a_model_without_a_goodbye_hangs_up_all_the_same(
    server: OpenAIServer, second: Answer | Failure
) -> None:
    server.will(answer(*call("end_call", "{}")), second)
    deltas = await replied(dialogue(server))
    assert text_of(deltas) == ""
    assert calls_of(deltas) == [("call_1", "end_call", "{}")]
    assert len(server.requests) == 2


async def test_a_goodbye_before_a_function_is_a_goodbye(server: OpenAIServer) -> None:
    server.will(answer("Booked, goodbye.", *call("book", "{}")), answer(*call("end_call", "{}", id="call_2")))
    deltas = await replied(dialogue(server))
    assert [name for _, name, _ in calls_of(deltas)] == ["book", "end_call"]
    assert len(server.requests) == 2


async def test_end_call_comes_after_the_other_functions(server: OpenAIServer) -> None:
    server.will(answer("Bye.", *call("end_call", "{}"), *call("book", "{}", id="call_2", index=1)))
    deltas = await replied(dialogue(server))
    assert [name for _, name, _ in calls_of(deltas)] == ["book", "end_call"]


# --- history ---------------------------------------------------------------------------------------


async def test_the_history_is_what_was_heard(server: OpenAIServer) -> None:
    server.will(answer("We are open from nine to five."), answer("Gladly."))
    mind = dialogue(server)
    mind.heard("Good day.", interrupted=False)
    await replied(mind, UserInput("when are you open"))
    mind.commit()
    mind.heard("We are open", interrupted=True)
    await replied(mind, UserInput("a table please"))
    assert server.requests[1].messages[2:] == [
        {"role": "assistant", "content": "Good day."},
        {"role": "user", "content": "when are you open"},
        {"role": "assistant", "content": "We are open ..."},
        {"role": "user", "content": "a table please"},
    ]


async def test_a_reply_that_is_not_kept_leaves_no_trace(server: OpenAIServer) -> None:
    server.will(answer("For how many?"), answer("For two, gladly."))
    mind = dialogue(server)
    await replied(mind, UserInput("a table"))
    await replied(mind, UserInput("a table for two"))
    assert [m["content"] for m in server.requests[1].messages[1:]] == [
        "(The call is connected.)\na table for two"
    ]


async def test_functions_stay_in_the_history_beside_what_was_heard(server: OpenAIServer) -> None:
    server.will(answer("One moment. ", *call("look", "{}")), answer("One is free."), answer("Good."))
    mind = dialogue(server)
    await replied(mind, results={"look": "one"})
    mind.commit()
    mind.heard("One moment. One is", interrupted=True)
    await replied(mind, UserInput("take it"))
    asked, result, heard, said = server.requests[2].messages[-4:]
    assert asked["content"] is None
    assert asked["tool_calls"][0]["id"] == result["tool_call_id"] == "call_1"
    assert heard == {"role": "assistant", "content": "One moment. One is ..."}
    assert said == {"role": "user", "content": "take it"}


# --- connections -----------------------------------------------------------------------------------


async def test_calls_of_the_same_vendor_share_a_connection(server: OpenAIServer) -> None:
    server.will(answer("One."), answer("Two."), answer("Three."))
    await replied(dialogue(server))
    await replied(dialogue(server, slash="/"))
    assert [r.path for r in server.requests] == ["/v1/chat/completions"] * 2
    assert [r.connection for r in server.requests] == [1, 1]
    await replied(dialogue(server, api_key="another"))
    assert server.requests[2].connection == 2


async def test_a_dropped_reply_closes_the_connection(server: OpenAIServer) -> None:
    server.will(answer("We are ", FOREVER))
    async with aclosing(dialogue(server).reply(HELLO)) as reply:
        await anext(reply)
    await asyncio.wait_for(server.requests[0].dropped.wait(), 10)


async def test_a_dropped_reply_leaves_nothing_to_the_garbage_collector(server: OpenAIServer) -> None:
    server.will(answer("We are ", FOREVER))
    left: list[str] = []
    usual = sys.get_asyncgen_hooks()

    def finalize(generator: Any) -> None:
        left.append(generator.__qualname__)
        if usual.finalizer is not None:
            usual.finalizer(generator)

    sys.set_asyncgen_hooks(usual.firstiter, finalize)
    try:
        async with aclosing(dialogue(server).reply(HELLO)) as reply:
            await anext(reply)
        del reply
    finally:
        sys.set_asyncgen_hooks(*usual)
    assert not [name for name in left if name.startswith(("ChatDialogue", "OpenAIModel"))]


@pytest.mark.parametrize("steps", [[FOREVER], ["We ", FOREVER]], ids=["before the answer", "in its middle"])
async def test_a_cancelled_reply_closes_the_connection(
    server: OpenAIServer, steps: list[str | float]
) -> None:
    server.will(answer(*steps))
    reading = asyncio.create_task(replied(dialogue(server)))
    request = await server.request(1)
    assert not request.dropped.is_set()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await asyncio.wait_for(request.dropped.wait(), 10)


async def test_the_next_reply_after_a_dropped_one(server: OpenAIServer) -> None:
    server.will(answer("We are ", FOREVER), answer("Yes?"))
    mind = dialogue(server)
    async with aclosing(mind.reply(HELLO)) as reply:
        await anext(reply)
    assert text_of(await replied(mind)) == "Yes?"
