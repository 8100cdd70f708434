from typing import Any

import pytest

from media_workers.contract.agent import AgentConfig, ScriptModel
from media_workers.providers.assembly import build_dialogue
from media_workers.providers.base import Delta, TextDelta, ToolCall, UserInput
from media_workers.providers.fallback import Watch
from media_workers.providers.llm.flow.dialogue import FlowDialogue
from media_workers.providers.llm.flow.graph import of_script

RESTAURANT: dict[str, Any] = {
    "slots": {"party": ["2", "four"], "day": ["monday", "friday"]},
    "nodes": {
        "start": {
            "say": "Welcome to {{place}}.",
            "expect": [
                {"phrases": ["[a] table for {party}"], "reply": "For {party}, fine.", "goto": "day"},
                {"phrases": ["opening hours"], "dtmf": "2", "reply": "From noon."},
                {"phrases": ["goodbye"], "reply": "Goodbye {{caller}}.", "action": "end_call"},
                {"phrases": ["the manager {{manager}}"], "reply": "Not here."},
            ],
            "otherwise": "Pardon?",
            "otherwise_limit": 2,
            "otherwise_goto": "help",
        },
        "day": {
            "say": "Which day?",
            "expect": [
                {
                    "phrases": ["[on] {day}"],
                    "set": {"booked": "{party} on {day}"},
                    "reply": "{day} for {party}: {unknown}done.",
                    "goto": "day",
                }
            ],
            "otherwise_limit": 1,
        },
        "help": {"say": "Let me explain.", "expect": [{"dtmf": "#", "goto": "start"}]},
    },
}
VARIABLES = {"place": "the {party} Lamp", "manager": "Smith"}


@pytest.fixture
def dialogue() -> FlowDialogue:
    return FlowDialogue(of_script(ScriptModel.model_validate(RESTAURANT)), VARIABLES)


async def deltas(dialogue: FlowDialogue, said: UserInput) -> list[Delta]:
    return [delta async for delta in dialogue.reply(said)]


async def turn(dialogue: FlowDialogue, text: str = "", **more: Any) -> str:
    """One kept turn; the text of the reply, with `!` after it if the call ends."""
    found = await deltas(dialogue, UserInput(text, **more))
    dialogue.commit()
    ends = any(isinstance(d, ToolCall) and d.name == "end_call" for d in found)
    return "".join(d.text for d in found if isinstance(d, TextDelta)) + "!" * ends


async def test_the_opening_is_the_start_node_and_values_are_not_filled_again(
    dialogue: FlowDialogue,
) -> None:
    assert await turn(dialogue) == "Welcome to the {party} Lamp."


async def test_a_branch_replies_and_enters_the_next_node(dialogue: FlowDialogue) -> None:
    assert await turn(dialogue, "a table for two please") == "For 2, fine. Which day?"
    assert dialogue.slots == {"party": "2"}
    assert dialogue.expected() == ["[on] monday", "[on] friday"]
    assert await turn(dialogue, "on Friday") == "friday for 2: done. Which day?"
    assert dialogue.slots == {"party": "2", "day": "friday", "booked": "2 on friday"}


async def test_a_branch_without_goto_stays_and_does_not_repeat_the_node(dialogue: FlowDialogue) -> None:
    assert await turn(dialogue, "your opening hours") == "From noon."
    assert await turn(dialogue, dtmf="2") == "From noon."


async def test_variables_are_filled_in_phrases_and_a_missing_one_is_empty(dialogue: FlowDialogue) -> None:
    assert await turn(dialogue, "the manager Smith") == "Not here."
    assert await turn(dialogue, "goodbye") == "Goodbye .!"


async def test_expected_phrases_have_slots_and_variables_filled(dialogue: FlowDialogue) -> None:
    assert dialogue.expected() == [
        "[a] table for 2",
        "[a] table for four",
        "opening hours",
        "goodbye",
        "the manager Smith",
    ]


async def test_misunderstandings_lead_on_after_their_limit(dialogue: FlowDialogue) -> None:
    assert await turn(dialogue, "purple elephants") == "Pardon?"
    assert await turn(dialogue, unclear=True) == "Let me explain."
    assert await turn(dialogue, dtmf="#") == "Welcome to the {party} Lamp."


async def test_an_understood_turn_forgives_earlier_misunderstandings(dialogue: FlowDialogue) -> None:
    assert await turn(dialogue, "what") == "Pardon?"
    assert await turn(dialogue, "opening hours") == "From noon."
    assert await turn(dialogue, "what") == "Pardon?"


async def test_misunderstandings_without_a_way_on_end_the_call(dialogue: FlowDialogue) -> None:
    await turn(dialogue, "table for four")
    assert await turn(dialogue, dtmf="9") == "Sorry, I did not understand that.!"


async def test_of_several_digits_the_first_expected_one_counts(dialogue: FlowDialogue) -> None:
    assert await turn(dialogue, dtmf="72") == "From noon."


async def test_a_reply_that_is_not_committed_leaves_no_trace(dialogue: FlowDialogue) -> None:
    before = dialogue.expected()
    eager = await deltas(dialogue, UserInput("table for four"))
    assert eager == [TextDelta("For four, fine. Which day?")]
    assert (dialogue.slots, dialogue.expected()) == ({}, before)

    assert await turn(dialogue, "table for four what are your opening hours") == "For four, fine. Which day?"
    assert dialogue.slots == {"party": "four"}


async def test_a_reply_closed_in_the_middle_leaves_no_trace_and_a_commit_keeps_only_the_last(
    dialogue: FlowDialogue,
) -> None:
    first = dialogue.reply(UserInput("what"))
    await anext(first)
    await first.aclose()
    assert await turn(dialogue, "opening hours") == "From noon."
    dialogue.commit()
    assert await turn(dialogue, "what") == "Pardon?"


async def test_a_reply_committed_after_its_first_item_is_kept(dialogue: FlowDialogue) -> None:
    running = dialogue.reply(UserInput("table for two"))
    await anext(running)
    dialogue.commit()
    dialogue.heard("For two", interrupted=True)
    assert dialogue.slots == {"party": "2"}


def test_an_agent_without_a_flow_needs_a_model_that_answers_in_text_or_a_script() -> None:
    script = AgentConfig.model_validate({"model": RESTAURANT | {"provider": "script"}})
    assert build_dialogue(script, {}, {}, watch=Watch()).expected()[0] == "[a] table for 2"
    other = AgentConfig.model_validate({"model": {"provider": "openai_realtime", "model": "m"}})
    with pytest.raises(TypeError, match="openai_realtime"):
        build_dialogue(other, {}, {}, watch=Watch())
