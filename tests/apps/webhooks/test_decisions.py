from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.webhooks.decisions import BadDecision, Permission, Welcome, read_decision


def read(moment: str, answer: Any) -> Any:
    return read_decision(moment, answer if isinstance(answer, bytes) else json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        ({"action": "answer"}, Welcome(action="answer")),
        ({"action": "answer", "agent": None, "code": None, "more": [1]}, Welcome(action="answer")),
        (
            {"action": "answer", "agent": "agt_1", "variables": {"tier": "gold", "age": 41, "vip": True}},
            Welcome(action="answer", agent="agt_1", variables={"tier": "gold", "age": "41", "vip": "true"}),
        ),
        ({"action": "reject"}, Welcome(action="reject", code=486)),
        (
            {"action": "reject", "code": 603, "reason": " Closed\r\nX-Evil: 1\x00 "},
            Welcome(action="reject", code=603, reason="Closed X-Evil: 1"),
        ),
        ({"action": "reject", "reason": "x" * 5_000}, Welcome(action="reject", reason="x" * 200)),
    ],
)
def test_before_an_answer(answer: Any, decision: Welcome) -> None:
    assert read("before_answer", answer) == decision


@pytest.mark.parametrize("action", ["allow", "deny"])
def test_before_a_dial(action: Any) -> None:
    told = {"action": action, "reason": "Not today.", "variables": {"day": "Monday\x00"}}
    expected = Permission(action=action, reason="Not today.", variables={"day": "Monday"})
    assert read("before_dial", told) == expected


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"", "Its answer is no JSON object."),
        (b"<html>", "Its answer is no JSON object."),
        (b"\xff\xfe", "Its answer is no JSON object."),
        ([], "Its answer is no JSON object."),
        ("answer", "Its answer is no JSON object."),
        ({}, "Its answer makes no sense: action: Field required."),
        ({"action": "allow"}, "Its answer makes no sense: action: Input should be 'answer' or 'reject'."),
        ({"action": "reject", "code": 200}, "Its answer makes no sense: code: give one of 403,"),
        (
            {"action": "reject", "code": "x"},
            "Its answer makes no sense: code: Input should be a valid integer",
        ),
        ({"action": "answer", "agent": 7}, "Its answer makes no sense: agent: "),
        ({"action": "answer", "variables": ["x"]}, "Its answer makes no sense: variables: "),
        (
            {"action": "answer", "variables": {"Bad name": "x"}},
            "Its answer makes no sense: variables.Bad name: ",
        ),
        ({"action": "answer", "variables": {"x": {"y": 1}}}, "Its answer makes no sense: variables.x: "),
        ({"action": "answer", "variables": {"x": "y" * 1_001}}, "Its answer makes no sense: variables.x: "),
        (
            {"action": "answer", "variables": {f"x{n}": "y" for n in range(101)}},
            "Its answer makes no sense: variables: ",
        ),
    ],
)
def test_what_makes_no_sense_is_told_with_its_field(answer: Any, problem: str) -> None:
    with pytest.raises(BadDecision) as caught:
        read("before_answer", answer)
    assert str(caught.value).startswith(problem)
    assert str(caught.value).endswith(".")


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_whatever_comes_is_a_decision_or_a_problem(answer: bytes) -> None:
    with pytest.raises(BadDecision):
        read_decision("before_dial", answer)
