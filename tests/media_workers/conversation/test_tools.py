"""Functions that give garbage, take too long, or are called with nonsense."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from media_workers.contract.acts import ToolUsed
from media_workers.contract.events import Trouble
from media_workers.conversation import tools
from media_workers.conversation.tools import LIMIT_S, LONGEST_RESULT, NoTools, Result, arguments_of
from media_workers.providers.base import LONGEST_ARGUMENTS, TextDelta, ToolCall
from tests.media_workers.conversation.phone import Phone
from tests.media_workers.conversation.vendors import Thinker
from tests.media_workers.conversation.virtual_time import run

BOOK = ToolCall("c", "book", "{}")


class Given(NoTools):
    """A function that gives `result`, or raises it, after `seconds`."""

    def __init__(self, result: Any, seconds: float = 0.0) -> None:
        self.result = result
        self.seconds = seconds
        self.calls: list[ToolCall] = []

    def has(self, name: str) -> bool:
        return name == "book"

    async def run(self, call: ToolCall) -> Any:
        self.calls.append(call)
        await asyncio.sleep(self.seconds)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


NOT_TEXT = Result("Error: the function gave something that is not text.", "gave something that is not text")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("booked", Result("booked")),
        ("", Result("")),
        ("höflich 😀".encode(), Result("höflich 😀")),
        ("a\x00b\x1bc\nd\ud800", Result("a b c\nd ")),
        (b"\xff\xfe\x00", NOT_TEXT),
        (b"fine \xc3", NOT_TEXT),
        (None, NOT_TEXT),
        ({"ok": True}, NOT_TEXT),
        (ValueError("secret"), Result("Error: the function failed (ValueError).", "failed (ValueError)")),
    ],
)
def test_what_a_function_gives_is_told_in_text(given: object, told: Result) -> None:
    assert run(tools.run(Given(given), BOOK)) == told


@pytest.mark.parametrize("given", ["x" * 5_000_000, b"x" * 5_000_000, "é".encode() * 1_000_000])
def test_a_huge_result_is_cut(given: str | bytes) -> None:
    told = run(tools.run(Given(given), BOOK))
    assert len(told.text) == LONGEST_RESULT + len(" [the rest is left out]")
    assert told.trouble == f"its result was cut after {LONGEST_RESULT} characters"


def test_a_character_that_the_cut_divides_is_left_out() -> None:
    told = run(tools.run(Given(b"x" + "😀".encode() * 1_000_000), BOOK))
    assert told.text.startswith("x😀😀")


def test_a_function_that_takes_too_long_is_stopped() -> None:
    told = run(tools.run(Given("late", LIMIT_S + 1), BOOK))
    assert told.text == "Error: the function gave no result within 30 s."


@pytest.mark.parametrize("arguments", ["no json", "[1]", "1", '{"a": ' * 5_000, '{"a": NaN'])
def test_nonsense_is_not_given_to_a_function(arguments: str) -> None:
    function = Given("booked")
    told = run(tools.run(function, ToolCall("c", "book", arguments)))
    assert told.trouble == "was given arguments that are no JSON object"
    assert function.calls == []


def test_a_call_that_the_adapter_found_wrong_is_not_made() -> None:
    function = Given("booked")
    call = ToolCall("c", "book", "{}", "arguments that are no JSON object")
    phone = Phone(mind=Thinker({"yes": [call, TextDelta("Sorry.")]}), tools=function)
    phone.says("yes", at=2000)
    phone.call(8000)
    assert function.calls == []
    told = "Error: the function was given arguments that are no JSON object."
    assert phone.mind.results == [("book", told)]
    assert {t.what for t in phone.of(Trouble)} == {"tool_failed", "bad_tool_arguments"}


def test_huge_arguments_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.json, "loads", lambda text: pytest.fail("a megabyte was parsed"))
    call = ToolCall("c", "book", '{"text": "' + "x" * LONGEST_ARGUMENTS + '"}')
    assert arguments_of(call) is None
    assert "more than 64000 characters" in run(tools.run(Given("booked"), call)).text


def test_the_model_is_told_of_garbage_and_the_call_goes_on() -> None:
    phone = Phone(mind=Thinker({"yes": [BOOK, TextDelta("It did not work.")]}), tools=Given(b"\xff" * 100))
    phone.says("yes", at=2000)
    phone.call(8000)
    assert phone.mind.results == [("book", NOT_TEXT.text)]
    assert phone.texts()[-1] == "agent: It did not work."
    assert [(t.what, t.component, t.detail) for t in phone.of(Trouble)] == [
        ("tool_failed", "tool", "book: gave something that is not text")
    ]
    (used,) = phone.of(ToolUsed)
    assert (used.result, used.took_ms) == (NOT_TEXT.text, 0)


def test_nothing_is_done_for_a_draft_that_may_be_dropped() -> None:
    function = Given("booked", 0.1)
    mind = Thinker({"a table": [BOOK], "a table for two": [BOOK, TextDelta("Done.")]}, token_ms=10)
    phone = Phone(mind=mind, tools=function)
    phone.says("a table", at=2000)
    phone.says("for two", at=2900)
    phone.call(8000)
    assert mind.asked == ["a table", "a table for two"]
    assert len(function.calls) == 1
    assert [t.text for t in phone.turns("caller")] == ["a table for two"]


def test_who_speaks_while_a_function_runs_does_not_undo_it() -> None:
    function = Given("booked", 3.0)
    phone = Phone(mind=Thinker({"a table": [BOOK, TextDelta("Booked.")]}), tools=function)
    phone.says("a table", at=2000)
    phone.says("hurry", at=3500)
    phone.call(12_000)
    assert len(function.calls) == 1
    assert phone.mind.results == [("book", "booked")]
    assert "agent: Booked." in phone.texts()
    assert {"a table", "hurry"} <= {t.text for t in phone.turns("caller")}
