from __future__ import annotations

import pytest

from media_workers.providers.base import ChatMessage, ToolCall, UserInput
from media_workers.providers.llm.chat_history import CONNECTED, OPENING, SILENT, UNCLEAR, ChatHistory

LOOK = ToolCall("call_1", "look", '{"day": "friday"}')
BOOK = ToolCall("call_2", "book", "{}")


def lines(messages: list[ChatMessage]) -> list[str]:
    """A line per message; functions that are called stand in brackets."""
    return [f"{m.role}: {m.text}{[c.name for c in m.tool_calls] or ''}" for m in messages]


def test_a_conversation_alternates_and_begins_with_the_user() -> None:
    history = ChatHistory()
    history.heard("Hello.", interrupted=False)
    first = history.turn(UserInput("a table"))
    history.keep(first)
    history.heard("For how many?", interrupted=False)
    assert lines(history.messages(history.turn(UserInput("two")), "Be kind.")) == [
        "system: Be kind.",
        f"user: {CONNECTED}",
        "assistant: Hello.",
        "user: a table",
        "assistant: For how many?",
        "user: two",
    ]


def test_a_turn_that_is_not_kept_leaves_no_trace() -> None:
    history = ChatHistory()
    dropped = history.turn(UserInput("a table"))
    dropped.called("One moment.", [LOOK])
    history.result(dropped, LOOK, "free")
    assert lines(history.messages(history.turn(UserInput("a table for two")), "Be kind.")) == [
        "system: Be kind.",
        f"user: {CONNECTED}\na table for two",
    ]


def test_speech_of_the_same_side_is_one_message() -> None:
    history = ChatHistory()
    history.keep(history.turn(UserInput("yes")))
    history.heard("", interrupted=True)
    history.keep(history.turn(UserInput("no")))
    history.heard("Which one?", interrupted=False)
    history.heard("Are you still there?", interrupted=False)
    assert lines(history.messages(history.turn(UserInput("hm")), "Be kind."))[1:] == [
        f"user: {CONNECTED}\nyes\nno",
        "assistant: Which one?\nAre you still there?",
        "user: hm",
    ]


def test_of_an_interrupted_answer_only_what_was_heard_stays() -> None:
    history = ChatHistory()
    history.keep(history.turn(UserInput("hours")))
    history.heard(" We are open from ", interrupted=True)
    assert (
        lines(history.messages(history.turn(UserInput("thanks")), "Be kind."))[2]
        == "assistant: We are open from ..."
    )


def test_the_model_reads_its_own_words_until_it_is_known_what_was_heard() -> None:
    history = ChatHistory()
    turn = history.turn(UserInput("a table"))
    turn.called("Let me look.", [LOOK])
    history.result(turn, LOOK, "free")
    assert lines(history.messages(turn, "Be kind."))[2:] == ["assistant: Let me look.['look']", "tool: free"]
    history.keep(turn)
    history.heard("Let me", interrupted=True)
    assert lines(history.messages(history.turn(UserInput("wait")), "Be kind."))[2:] == [
        "assistant: ['look']",
        "tool: free",
        "assistant: Let me ...",
        "user: wait",
    ]


def test_every_call_has_a_result_and_keeps_its_arguments() -> None:
    history = ChatHistory()
    turn = history.turn(UserInput("a table"))
    turn.called("", [LOOK, BOOK])
    history.keep(turn)
    history.result(None, BOOK, "booked")
    asked, looked, booked = history.messages(turn, "Be kind.")[2:]
    assert (asked.text, asked.tool_calls) == ("", (LOOK, BOOK))
    assert (looked.tool_call_id, looked.text) == ("call_1", "no result")
    assert (booked.tool_call_id, booked.text) == ("call_2", "booked")


def test_the_caller_never_answers_a_function() -> None:
    history = ChatHistory()
    turn = history.turn(UserInput("a table"))
    turn.called("", [LOOK])
    history.keep(turn)
    history.heard("", interrupted=True)
    assert lines(history.messages(history.turn(UserInput("hello?")), "Be kind."))[3:] == [
        "tool: no result",
        "assistant: ...",
        "user: hello?",
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (UserInput("yes", dtmf="1"), "yes"),
        (UserInput(dtmf="1#"), "(The caller pressed 1 # on the keypad.)"),
        (UserInput(unclear=True), UNCLEAR),
        (UserInput(), OPENING),
    ],
)
def test_what_the_caller_does_is_told_in_words(said: UserInput, told: str) -> None:
    history = ChatHistory()
    assert lines(history.messages(history.turn(said), "Be kind."))[-1] == f"user: {CONNECTED}\n{told}"


def test_nothing_said_is_the_opening_only_at_the_beginning() -> None:
    history = ChatHistory()
    history.heard("Hello.", interrupted=False)
    assert lines(history.messages(history.turn(UserInput()), "Be kind."))[-1] == f"user: {SILENT}"


def test_text_of_any_encoding_can_be_sent() -> None:
    history = ChatHistory()
    turn = history.turn(UserInput("a\0b \udc80"))
    turn.called("", [LOOK])
    history.result(turn, LOOK, "free \ud800")
    assert lines(history.messages(turn, "half a \ud83d pair")) == [
        "system: half a   pair",
        f"user: {CONNECTED}\na b  ",
        "assistant: ['look']",
        "tool: free  ",
    ]
