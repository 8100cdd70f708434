"""Whether what happened is what the case wants: one function a kind of assertion, pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import Any

from pydantic import ValidationError

from media_workers.contract.simulation import (
    Assertion,
    Case,
    CaseRecord,
    EndedBy,
    Failure,
    Judged,
    LatencyUnder,
    MaxTurns,
    NeverSaid,
    OutcomeIs,
    Said,
    SimulatedTool,
    SlotIs,
    ToolCalled,
    ToolNotCalled,
    Transferred,
    matcher,
)
from media_workers.providers.words import words

SHARE = 0.95
"""Of the answers, that must be within `LatencyUnder.ms`."""

SHOWN = 200
"""Characters of what is quoted."""

Verdicts = Mapping[int, str]
"""Of judged assertions by their place: empty when it holds, else why not."""

Wrong = tuple[str, int | None]
"""Why an assertion does not hold, and the turn at fault."""


def failures(case: Case, record: CaseRecord, verdicts: Verdicts) -> list[Failure]:
    """Everything that is not as the case wants it; nothing is looked at of a record with a problem."""
    if record.problem:
        return []
    found = []
    for place, assertion in enumerate(case.assertions):
        wrong = _judged(verdicts, place) if isinstance(assertion, Judged) else _wrong(assertion, record)
        if wrong is not None:
            detail, turn = wrong
            found.append(Failure(assertion=place, kind=assertion.kind, detail=detail, turn=turn))
    return found


def _judged(verdicts: Verdicts, place: int) -> Wrong | None:
    why = verdicts.get(place, "Nobody has judged it.")
    return (why, None) if why else None


@singledispatch
def _wrong(assertion: Assertion, record: CaseRecord) -> Wrong | None:
    raise TypeError(f"not an assertion: {assertion!r}")


@_wrong.register
def _(assertion: Said, record: CaseRecord) -> Wrong | None:
    if any(_occurs(assertion, text) for _, text in _spoken(record)):
        return None
    last = next((text for _, text in reversed(list(_spoken(record)))), "")
    said = f"it said last: {_shown(last)}" if last else "it said nothing"
    return f"The agent never said {_wanted(assertion)}; {said}.", None


@_wrong.register
def _(assertion: NeverSaid, record: CaseRecord) -> Wrong | None:
    for at, text in _spoken(record):
        if _occurs(assertion, text):
            return f"The agent said {_wanted(assertion)}: {_shown(text)}.", at
    return None


@_wrong.register
def _(assertion: ToolCalled, record: CaseRecord) -> Wrong | None:
    calls = [tool for tool in record.tools if tool.name == assertion.tool]
    if not calls:
        return f"{assertion.tool} was not called.", None
    fitting = [call for call in calls if not list(_misfits(assertion, call))]
    if assertion.times is not None and fitting and len(fitting) != assertion.times:
        return f"{assertion.tool} was called {_times(len(fitting))} so, not {_times(assertion.times)}.", None
    if fitting:
        return None
    return (
        f"{assertion.tool} was called with something else: {'; '.join(_misfits(assertion, calls[-1]))}.",
        calls[-1].turn,
    )


@_wrong.register
def _(assertion: ToolNotCalled, record: CaseRecord) -> Wrong | None:
    call = next((tool for tool in record.tools if tool.name == assertion.tool), None)
    return (f"{assertion.tool} was called.", call.turn) if call else None


@_wrong.register
def _(assertion: EndedBy, record: CaseRecord) -> Wrong | None:
    if record.ended_by == assertion.by:
        return None
    words_of = {"agent": "The agent", "caller": "The caller", "nobody": "Nobody"}
    return f"{words_of[record.ended_by]} ended the call, not {words_of[assertion.by].lower()}.", None


@_wrong.register
def _(assertion: SlotIs, record: CaseRecord) -> Wrong | None:
    found = record.slots.get(assertion.name)
    if found is not None and _fits(assertion.is_, assertion.value, found):
        return None
    is_ = _shown(found) if found is not None else "not set"
    return f"The slot {assertion.name} is {is_}; {_wish(assertion.is_, assertion.value)}.", None


@_wrong.register
def _(assertion: OutcomeIs, record: CaseRecord) -> Wrong | None:
    found = record.slots.get("outcome", "")
    if found.casefold() == assertion.value.casefold():
        return None
    return f"The outcome is {_shown(found) if found else 'not set'}, not {_shown(assertion.value)}.", None


@_wrong.register
def _(assertion: Transferred, record: CaseRecord) -> Wrong | None:
    if not record.transferred:
        return "The caller was not transferred.", None
    if assertion.target is None or assertion.target in record.transferred:
        return None
    return f"The caller was transferred to {', '.join(record.transferred)}, not {assertion.target}.", None


@_wrong.register
def _(assertion: LatencyUnder, record: CaseRecord) -> Wrong | None:
    taken = sorted(turn.response_ms for turn in record.transcript if turn.response_ms is not None)
    if not taken:
        return "No answer was measured.", None
    reached = taken[math.ceil(SHARE * len(taken)) - 1]
    if reached <= assertion.ms:
        return None
    slowest = next(n for n, turn in enumerate(record.transcript) if turn.response_ms == taken[-1])
    return f"95 of 100 answers take up to {reached} ms, more than {assertion.ms} ms.", slowest


@_wrong.register
def _(assertion: MaxTurns, record: CaseRecord) -> Wrong | None:
    turns = len(list(_spoken(record)))
    return (
        (f"The agent spoke {_times(turns)}, more than {assertion.turns}.", None)
        if turns > assertion.turns
        else None
    )


# --- words and values -----------------------------------------------------------------------------


def _spoken(record: CaseRecord) -> Iterator[tuple[int, str]]:
    for at, turn in enumerate(record.transcript):
        if turn.speaker == "agent" and turn.text:
            yield at, turn.text


def _occurs(assertion: Said | NeverSaid, text: str) -> bool:
    if assertion.pattern is not None:
        return _matches(assertion.pattern, text)
    return _contains(assertion.text or "", text)


def _contains(wanted: str, text: str) -> bool:
    """Whole words in their order; what has no words (a sign) as it stands."""
    sought = words(wanted)
    if not sought:
        return wanted.strip() in text
    return f" {' '.join(sought)} " in f" {' '.join(words(text))} "


def _matches(pattern: str, text: str) -> bool:
    try:
        matcher(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


def _fits(how: str, value: str, found: str) -> bool:
    match how:
        case "set":
            return found != ""
        case "contains":
            return value.casefold() in found.casefold()
        case "matches":
            return _matches(value, found)
    return value.casefold() == found.casefold()


def _misfits(assertion: ToolCalled, call: SimulatedTool) -> Iterator[str]:
    for name, match in assertion.arguments.items():
        found = _value(call.arguments, name)
        if found is None or not _fits(match.is_, match.value, _text(found)):
            is_ = "is not given" if found is None else f"is {_shown(_text(found))}"
            yield f"{name} {is_}, {_wish(match.is_, match.value)}"


def _value(arguments: Any, name: str) -> Any:
    """By its name, else by its dotted path; numbers are places in lists."""
    if isinstance(arguments, dict) and name in arguments:
        return arguments[name]
    found = arguments
    for part in name.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _wish(how: str, value: str) -> str:
    wish = {"equal": "wanted:", "contains": "wanted something with", "matches": "wanted something like"}
    return "a value is wanted" if how == "set" else f"{wish[how]} {_shown(value)}"


def _wanted(assertion: Said | NeverSaid) -> str:
    return (
        _shown(assertion.text)
        if assertion.text is not None
        else f"anything like {_shown(assertion.pattern or '')}"
    )


def _shown(text: str) -> str:
    return f"“{text}”" if len(text) <= SHOWN else f"“{text[:SHOWN]}…”"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
