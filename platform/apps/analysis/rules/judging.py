"""What a call was about, what the agent had to say and must not say, and whether its goals were reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.analysis.results import Flag, Reason, Value, as_text, equals
from apps.analysis.text import first_of, folded, places, shortened
from apps.analysis.transcript import Conversation, Line
from media_workers.contract.analysis import ComplianceRule, Criterion, ExtractionField, Topic

INCOMPLETE = "incomplete"
"""The flag of a call that left a required field without a value."""


def topics(wanted: Sequence[Topic], conversation: Conversation) -> list[str]:
    """Those whose phrases somebody said; one without phrases is told by its name."""
    return [
        topic.name
        for topic in wanted
        if any(first_of(line.words, topic.phrases or [topic.name]) for line in conversation.lines)
    ]


def compliance(rules: Sequence[ComplianceRule], conversation: Conversation) -> list[Flag]:
    """Where the agent broke a rule."""
    agent = conversation.of("agent")
    found = []
    for rule in rules:
        among = agent[: rule.within_turns] if rule.within_turns else agent
        said = list(_said(rule.phrases, among))
        if rule.kind == "must_not_say":
            found += [Flag(rule.name, line.index, quote) for line, quote in said]
        elif not said:
            found.append(Flag(rule.name, None, _not_said(rule)))
    return found


def incomplete(fields: Sequence[ExtractionField], values: Mapping[str, Value]) -> list[Flag]:
    """One flag that names the required fields without a value."""
    missing = [f.name for f in fields if f.required and values.get(f.name, Value()).value in (None, [])]
    return [Flag(INCOMPLETE, None, f"Without a value: {', '.join(missing)}.")] if missing else []


def judge(
    criteria: Sequence[Criterion], conversation: Conversation, values: Mapping[str, Value]
) -> list[Reason]:
    """Which goals were reached. One that names neither a field nor phrases only a model can judge."""
    return [_judged(criterion, conversation, values) for criterion in criteria]


def _judged(criterion: Criterion, conversation: Conversation, values: Mapping[str, Value]) -> Reason:
    if criterion.field is None and not criterion.phrases:
        return Reason(
            criterion.name, None, None, "It names neither a field nor phrases: a model has to judge it."
        )
    for line, quote in _said(criterion.phrases, conversation.of("caller")):
        return Reason(criterion.name, True, line.index, quote)
    if criterion.field is None:
        return Reason(criterion.name, False, None, "The caller said none of the phrases.")
    return _by_field(criterion, conversation, values)


def _by_field(criterion: Criterion, conversation: Conversation, values: Mapping[str, Value]) -> Reason:
    name = str(criterion.field)
    known = values.get(name)
    value: Any = known.value if known is not None else None
    turn, words = (known.turn, known.quote) if known is not None else (None, "")
    if value is None:
        value, turn, words = conversation.slots.get(name) or None, None, ""
    if value in (None, "", []):
        return Reason(criterion.name, False, None, f"There is no value of {name}.")
    met = (
        any(equals(value, wanted) for wanted in criterion.equals) if criterion.equals else value is not False
    )
    return Reason(criterion.name, met, turn, words or f"{name}: {shortened(as_text(value), 200)}")


def _said(phrases: Sequence[str], lines: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """The lines with one of the phrases, and the words as they stand there."""
    for line in lines:
        for phrase in phrases:
            found = places(line.words, folded(phrase))
            if found:
                first, after = found[0]
                yield line, line.text[line.words[first].start : line.words[after - 1].end]
                break


def _not_said(rule: ComplianceRule) -> str:
    among = f" among its first {rule.within_turns} turns" if rule.within_turns else ""
    wanted = " or ".join(f"“{shortened(phrase, 80)}”" for phrase in rule.phrases[:3])
    return f"The agent did not say {wanted}{among}."
