from __future__ import annotations

import pytest

from media_workers.providers.base import LONGEST_ARGUMENTS, ToolCall
from media_workers.providers.llm.requests import a_call, joined


@pytest.mark.parametrize("arguments", ["", "{}", '{"at": "noon"}'])
def test_a_call_with_an_object_is_as_it_was_given(arguments: str) -> None:
    assert a_call("c", "book", arguments) == ToolCall("c", "book", arguments or "{}")


@pytest.mark.parametrize("arguments", ["noon", "[1]", '{"at": ', "[" * 50_000])
def test_arguments_that_are_no_object_are_left_out_and_told(arguments: str) -> None:
    wrong = "arguments that are no JSON object"
    assert a_call("c", "book", arguments) == ToolCall("c", "book", "{}", wrong)


def test_megabytes_of_arguments_are_neither_kept_nor_parsed() -> None:
    arguments = '{"text": "'
    for _ in range(1_000):
        arguments = joined(arguments, "x" * 5_000)
    assert len(arguments) < LONGEST_ARGUMENTS + 5_001
    assert a_call("c", "book", arguments).wrong == f"arguments of more than {LONGEST_ARGUMENTS} characters"


def test_a_call_without_an_id_gets_one() -> None:
    assert a_call(None, "book", "{}").id != a_call("", "book", "{}").id
