"""What a campaign wants of a call, and what a callee may say: by the values that the call collected, and by
those that were extracted of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.analysis.results import equals
from apps.campaigns.config import Condition, Goal
from apps.campaigns.outcomes import HUMAN, Outcome

Values = Mapping[str, Any]
"""By name: what the dialogue collected, and extracted fields that it did not."""


def values_of(slots: Values, extracted: Mapping[str, Mapping[str, Any]]) -> Values:
    """What is known of a call: its slots, and the `values` of its analysis where it has no such slot."""
    known = {name: told.get("value") for name, told in extracted.items()}
    return {**known, **{name: value for name, value in slots.items() if value not in (None, "")}}


def is_converted(goal: Goal, outcome: Outcome, values: Values) -> bool:
    """Whether an attempt with `outcome` reached `goal`. A goal that names nothing is never reached."""
    if not goal.conditions and not goal.outcomes:
        return False
    reached = outcome.value in goal.outcomes if goal.outcomes else outcome in HUMAN
    return reached and holds(goal.conditions, values)


def holds(conditions: Sequence[Condition], values: Values, *, each: bool = True) -> bool:
    """Whether `each` of the conditions holds, or any."""
    return (all if each else any)(_holds(one, values) for one in conditions)


def _holds(condition: Condition, values: Values) -> bool:
    value = values.get(condition.slot)
    if value in (None, "", []) or (value is False and not condition.equals):
        return False
    return not condition.equals or any(equals(value, wanted) for wanted in condition.equals)
