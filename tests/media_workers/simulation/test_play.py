from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from media_workers.contract.agent import AgentConfig
from media_workers.contract.simulation import Case, CaseResult, SimulationPlan
from media_workers.simulation.play import simulate
from tests.fakes.openai_server import Answer, Failure, OpenAIServer, answer, call

SCRIPT: dict[str, Any] = {
    "first_message": "Hello {{name}}.",
    "model": {
        "provider": "script",
        "slots": {"day": ["monday", "tuesday"]},
        "nodes": {
            "start": {
                "expect": [
                    {"phrases": ["opening hours"], "reply": "We are open from nine to five."},
                    {"phrases": ["book {day}"], "reply": "Booked for {day}.", "set": {"outcome": "booked"}},
                    {"dtmf": "1", "reply": "You pressed one."},
                    {"phrases": ["goodbye"], "reply": "Bye.", "action": "end_call"},
                ]
            }
        },
    },
}


def case(*steps: dict[str, Any], assertions: list[dict[str, Any]] | None = None, **changes: Any) -> Case:
    caller = {"kind": "script", "steps": list(steps)}
    wish = {
        "name": "A case",
        "caller": caller,
        "assertions": assertions or [{"kind": "max_turns", "turns": 99}],
    }
    return Case.model_validate(wish | changes)


def say(text: str) -> dict[str, Any]:
    return {"do": "say", "text": text}


async def play(config: dict[str, Any], played: Case) -> CaseResult:
    agent = AgentConfig.model_validate(config)
    return await simulate(SimulationPlan(id=uuid4(), attempt=1, tenant_id=uuid4(), agent=agent, case=played))


def transcript(result: CaseResult) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in result.record.transcript]


async def test_a_scripted_call_over_text() -> None:
    played = case(say("What are your opening hours?"), say("Goodbye."), variables={"name": "Kim"})
    result = await play(SCRIPT, played)

    assert result.passed
    assert transcript(result) == [
        ("agent", "Hello Kim."),
        ("caller", "What are your opening hours?"),
        ("agent", "We are open from nine to five."),
        ("caller", "Goodbye."),
        ("agent", "Bye."),
    ]
    assert (result.record.ended_by, result.record.end_reason) == ("agent", "agent_hung_up")


async def test_the_same_case_has_the_same_transcript() -> None:
    played = case(say("book tuesday"), {"do": "press", "digits": "1"}, {"do": "silent"}, say("Goodbye"))
    first, second = await play(SCRIPT, played), await play(SCRIPT, played)

    assert transcript(first) == transcript(second)
    assert first.record.slots == {"day": "tuesday", "outcome": "booked"}
    assert ("agent", "You pressed one.") in transcript(first)
    assert ("agent", "Are you still there?") in transcript(first)


async def test_a_caller_at_the_end_of_the_script_hangs_up() -> None:
    result = await play(SCRIPT, case(say("book monday")))
    assert result.record.ended_by == "caller"


async def test_silence_ends_the_call_as_it_does_on_the_telephone() -> None:
    result = await play(SCRIPT, case(*[{"do": "silent"}] * 3))
    assert (result.record.ended_by, result.record.end_reason) == ("agent", "silence")


async def test_a_model_that_speaks_itself_cannot_be_called_over_text() -> None:
    model = {"provider": "openai_realtime", "model": "gpt-realtime"}
    result = await play({"model": model}, case(say("Hello")))

    assert not result.passed
    assert "over audio" in result.record.problem


@pytest.mark.parametrize(
    ("keys", "turns"),
    [
        ({}, ["1", "2", "#"]),
        ({"length": 4, "terminator": "#"}, ["12"]),
        ({"length": 2}, ["12", "#"]),
        ({"length": 4, "sensitive": True}, ["***"]),
    ],
)
async def test_keys_make_turns_as_on_the_telephone(keys: dict[str, Any], turns: list[str]) -> None:
    async with vendor([answer("And?")] * 3) as server:
        result = await play(chat(server, keys=keys), case({"do": "press", "digits": "12#"}))
    assert [turn.text for turn in result.record.transcript if turn.keys] == turns


async def test_a_flow_is_walked_and_its_outcome_kept() -> None:
    nodes = {
        "start": {"kind": "say", "text": "Hello.", "edges": [{"goto": "ask"}]},
        "ask": {
            "kind": "collect",
            "ask": "How many guests?",
            "save_as": "guests",
            "type": "number",
            "otherwise_goto": "nobody",
            "edges": [
                {"goto": "many", "conditions": [{"name": "guests", "is": "greater", "value": "6"}]},
                {"goto": "few"},
            ],
        },
        "many": {"kind": "end", "say": "That is too many.", "outcome": "refused"},
        "few": {"kind": "end", "say": "You are welcome.", "outcome": "booked"},
        "nobody": {"kind": "end", "say": "Goodbye."},
    }
    config = {"flow": {"nodes": nodes}, "model": {"provider": "script", "nodes": {"start": {}}}}
    wish = [{"kind": "outcome", "value": "refused"}, {"kind": "ended_by", "by": "agent"}]
    result = await play(config, case(say("eight"), assertions=wish))

    assert result.failures == []
    assert result.record.path == ["start", "ask", "many"]
    assert transcript(result)[0] == ("agent", "Hello. How many guests?")


@pytest.mark.parametrize(
    ("tool", "mock", "says"),
    [
        (
            {"type": "http", "name": "look", "url": "https://example.com", "save": {"found": "order.state"}},
            '{"order": {"state": "on its way"}}',
            "It is on its way.",
        ),
        (
            {"type": "http", "name": "look", "url": "https://x.test", "save": {"found": "a"}},
            "{",
            "It is .",
        ),
        (
            {"type": "search_knowledge", "name": "look", "save_as": "found"},
            "thirty days",
            "It is thirty days.",
        ),
    ],
)
async def test_of_a_mocked_answer_is_kept_what_the_tool_keeps(
    tool: dict[str, Any], mock: str, says: str
) -> None:
    arguments = {"query": "returns"} if tool["type"] == "search_knowledge" else {}
    flow = {
        "start": "ask",
        "nodes": {
            "ask": {"kind": "tool", "tool": "look", "arguments": arguments, "edges": [{"goto": "tell"}]},
            "tell": {"kind": "end", "say": "It is {found}."},
        },
    }
    config = {"first_message": "Hello.", "model": {"provider": "script"}, "tools": [tool], "flow": flow}
    if tool["type"] == "search_knowledge":
        config["knowledge"] = {"bases": ["kb_1"]}
    result = await play(config, case(say("Well?"), mocks={"look": mock}))

    assert result.record.transcript[-1].text.endswith(says)


# --- with language models -------------------------------------------------------------------------


@asynccontextmanager
async def vendor(answers: Sequence[Answer | Failure]) -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        server.will(*answers)
        yield server


def chat(server: OpenAIServer, **changes: Any) -> dict[str, Any]:
    model = {"provider": "openai_compatible", "model": "m", "base_url": server.url}
    return {"prompt": "Be kind.", "first_message": "Hello.", "model": model} | changes


async def test_tools_are_mocked_and_their_calls_are_checked() -> None:
    asks = answer("One moment.", *call("book", '{"day": "Monday", "guests": {"count": 4}}'))
    tool = {"type": "http", "name": "book", "url": "https://example.com/book"}
    async with vendor([asks, answer("You are booked.")]) as server:
        played = case(
            say("A table on Monday."),
            mocks={"book": '{"id": 7}'},
            assertions=[
                {"kind": "tool_called", "tool": "book", "arguments": {"day": {"value": "monday"}}},
                {
                    "kind": "tool_called",
                    "tool": "book",
                    "arguments": {"guests.count": {"value": "4"}},
                    "times": 1,
                },
                {"kind": "tool_called", "tool": "book", "arguments": {"day": {"value": "Friday"}}},
                {"kind": "tool_not_called", "tool": "cancel"},
                {"kind": "said", "pattern": "book(ed)?"},
            ],
        )
        result = await play(chat(server, tools=[tool]), played)

    assert [failure.assertion for failure in result.failures] == [2]
    assert "“Monday”" in result.failures[0].detail
    (used,) = result.record.tools
    assert (used.mocked, used.result, used.turn) == (True, '{"id": 7}', 2)
    assert transcript(result)[2] == ("agent", "One moment. You are booked.")


@pytest.mark.parametrize(("outcome", "ended"), [("taken", "transferred"), ("declined", "caller_hung_up")])
async def test_a_transfer_comes_out_as_the_case_says(outcome: str, ended: str) -> None:
    config = {
        "transfers": [{"name": "sales", "number": "+12025550120", "message": "One moment please."}],
        "tools": [{"type": "transfer"}],
    }
    asks = answer("I will connect you.", *call("transfer_call", '{"target": "sales"}'))
    async with vendor([asks, answer("Can I help?")]) as server:
        played = case(
            say("Sales please."),
            transfers={"sales": outcome},
            assertions=[{"kind": "transferred", "target": "sales"}],
        )
        result = await play(chat(server, **config), played)

    assert result.passed == (outcome == "taken")
    assert result.record.end_reason == ended
    assert transcript(result)[2] == ("agent", "I will connect you.")
    assert transcript(result)[3][1].startswith("One moment please.")


async def test_a_model_plays_the_caller_until_it_hangs_up() -> None:
    goal = {"kind": "model", "persona": "In a hurry.", "goal": "Know the opening hours."}
    acts = [
        answer("When are you open?"),
        answer("Thank you, bye.", *call("hang_up", "{}")),
    ]
    async with vendor(acts) as caller:
        model = {"provider": "openai_compatible", "model": "c", "base_url": caller.url, "temperature": 1.0}
        played = case(caller=goal | {"model": model}, assertions=[{"kind": "ended_by", "by": "caller"}])
        result = await play(SCRIPT | {"variables": {"name": "you"}}, played)

    assert result.passed
    assert [text for speaker, text in transcript(result) if speaker == "caller"] == [
        "When are you open?",
        "Thank you, bye.",
    ]
    first = caller.requests[0]
    assert first.body["temperature"] == 0
    assert first.messages[-1] == {"role": "user", "content": "Hello you."}


async def test_two_models_that_talk_for_ever_are_parted() -> None:
    async with vendor([answer("And?")] * 3) as caller:
        model = {"provider": "openai_compatible", "model": "c", "base_url": caller.url}
        goal = {"kind": "model", "goal": "Talk.", "max_turns": 3, "model": model}
        result = await play(SCRIPT, case(caller=goal))

    assert result.record.ended_by in ("caller", "agent")
    assert len(caller.requests) <= 3


@pytest.mark.parametrize(
    ("said", "passed"), [("YES. It was.", True), ("No, it was not.", False), ("Hm", False)]
)
async def test_a_judge_says_yes_or_no(said: str, passed: bool) -> None:
    async with vendor([answer(said)]) as server:
        model = {"provider": "openai_compatible", "model": "j", "base_url": server.url}
        asked = {"kind": "judged", "question": "Was the agent polite?", "model": model}
        result = await play(SCRIPT, case(say("Goodbye"), assertions=[asked]))

    assert result.passed is passed
    assert "AGENT: Bye." in server.requests[0].messages[-1]["content"]


async def test_a_vendor_that_fails_is_a_problem_and_not_a_failure() -> None:
    async with vendor([Failure(401, {"error": {"message": "no such key"}})] * 9) as server:
        result = await play(chat(server), case(say("Hello")))

    assert (result.passed, result.failures) == (False, [])
    assert "openai_compatible" in result.record.problem or "llm" in result.record.problem


async def test_a_call_that_does_not_end_is_cut() -> None:
    async with vendor([answer(3600.0)]) as server:
        played = case(say("Hello"), limit_s=5, assertions=[{"kind": "ended_by", "by": "nobody"}])
        agent = AgentConfig.model_validate(chat(server))
        short = played.model_copy(update={"limit_s": 0.2})
        plan = SimulationPlan(id=uuid4(), attempt=1, tenant_id=uuid4(), agent=agent, case=played)
        result = await simulate(plan.model_copy(update={"case": short}))

    assert result.passed
    assert "was not over" in result.record.troubles[-1]
