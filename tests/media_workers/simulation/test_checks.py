from __future__ import annotations

from typing import Any

import pytest

from media_workers.contract.simulation import Case, CaseRecord, Failure, SimulatedTool, SimulatedTurn
from media_workers.simulation.checks import failures

RECORD = CaseRecord(
    transcript=[
        SimulatedTurn(speaker="agent", text="Hello, how can I help?"),
        SimulatedTurn(speaker="caller", text="A table for 4, at 7:30. I am not sure."),
        SimulatedTurn(speaker="agent", text="Your table for four is booked.", response_ms=300),
        SimulatedTurn(speaker="caller", text="1", keys=True),
        SimulatedTurn(speaker="agent", text="Good-bye!", response_ms=800),
    ],
    tools=[
        SimulatedTool(name="book", arguments={"guests": 4, "who": [{"name": "Kim"}], "vip": True}, turn=2),
        SimulatedTool(name="book", arguments={"guests": 2}, turn=2),
    ],
    slots={"day": "Monday", "outcome": "Booked"},
    ended_by="agent",
    transferred=["sales"],
)

HOLDS: list[dict[str, Any]] = [
    {"kind": "said", "text": "TABLE for 4"},
    {"kind": "said", "text": "good bye"},
    {"kind": "said", "pattern": "book(ed|ing)"},
    {"kind": "never_said", "text": "not sure"},
    {"kind": "never_said", "text": "able for four"},
    {"kind": "tool_called", "tool": "book"},
    {
        "kind": "tool_called",
        "tool": "book",
        "arguments": {"guests": {"value": "4"}, "vip": {"value": "true"}},
    },
    {"kind": "tool_called", "tool": "book", "arguments": {"who.0.name": {"is": "matches", "value": "^k"}}},
    {"kind": "tool_called", "tool": "book", "arguments": {"guests": {"is": "set"}}, "times": 2},
    {"kind": "tool_not_called", "tool": "cancel"},
    {"kind": "ended_by", "by": "agent"},
    {"kind": "slot", "name": "day", "value": "monday"},
    {"kind": "slot", "name": "day", "is": "contains", "value": "Mon"},
    {"kind": "outcome", "value": "booked"},
    {"kind": "transferred"},
    {"kind": "transferred", "target": "sales"},
    {"kind": "latency_under", "ms": 800},
    {"kind": "max_turns", "turns": 3},
]
FAILS: list[tuple[dict[str, Any], str, int | None]] = [
    ({"kind": "said", "text": "for five"}, "never said", None),
    ({"kind": "said", "pattern": "^bye"}, "like", None),
    ({"kind": "never_said", "pattern": "good.?bye"}, "Good-bye!", 4),
    ({"kind": "tool_called", "tool": "cancel"}, "not called", None),
    ({"kind": "tool_called", "tool": "book", "arguments": {"guests": {"value": "9"}}}, "“2”", 2),
    ({"kind": "tool_called", "tool": "book", "arguments": {"who.3.name": {"is": "set"}}}, "not given", 2),
    ({"kind": "tool_called", "tool": "book", "times": 1}, "2 times", None),
    ({"kind": "tool_not_called", "tool": "book"}, "was called", 2),
    ({"kind": "ended_by", "by": "caller"}, "The agent ended", None),
    ({"kind": "slot", "name": "day", "value": "Friday"}, "“Monday”", None),
    ({"kind": "slot", "name": "hour", "is": "set"}, "not set", None),
    ({"kind": "outcome", "value": "lost"}, "“Booked”", None),
    ({"kind": "transferred", "target": "support"}, "sales", None),
    ({"kind": "latency_under", "ms": 799}, "800 ms", 4),
    ({"kind": "max_turns", "turns": 2}, "3 times", None),
]


def check(assertion: dict[str, Any], record: CaseRecord = RECORD) -> list[Failure]:
    caller = {"kind": "script", "steps": [{"do": "hang_up"}]}
    case = Case.model_validate({"name": "A case", "caller": caller, "assertions": [assertion]})
    return failures(case, record, {})


@pytest.mark.parametrize("assertion", HOLDS, ids=str)
def test_what_holds(assertion: dict[str, Any]) -> None:
    assert check(assertion) == []


@pytest.mark.parametrize(("assertion", "why", "turn"), FAILS, ids=str)
def test_what_does_not_hold_says_why_and_where(assertion: dict[str, Any], why: str, turn: int | None) -> None:
    (failure,) = check(assertion)
    assert (failure.assertion, failure.kind, failure.turn) == (0, assertion["kind"], turn)
    assert why in failure.detail


@pytest.mark.parametrize("assertion", HOLDS[:1] + HOLDS[5:6] + HOLDS[13:17], ids=str)
def test_nothing_holds_of_silence(assertion: dict[str, Any]) -> None:
    assert len(check(assertion, CaseRecord())) == 1


def test_nobody_looks_at_what_could_not_be_played() -> None:
    assert check(FAILS[0][0], RECORD.model_copy(update={"problem": "The vendor was gone."})) == []


def test_a_pattern_takes_no_longer_than_its_text() -> None:
    long = SimulatedTurn(speaker="agent", text="a" * 20_000 + "b")
    assert check({"kind": "said", "pattern": "^(a+)+$"}, CaseRecord(transcript=[long]))
