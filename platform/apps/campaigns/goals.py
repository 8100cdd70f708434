"""What a campaign wants of a call, and what a callee may say: by the values that the call collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.campaigns.config import Condition, Goal
from apps.campaigns.outcomes import HUMAN, Outcome


def is_converted(goal: Goal, outcome: Outcome, slots: Mapping[str, Any]) -> bool:
    """Whether an attempt with `outcome` reached `goal`. A goal that names nothing is never reached."""
    if not goal.conditions and not goal.outcomes:
        return False
    reached = outcome.value in goal.outcomes if goal.outcomes else outcome in HUMAN
    return reached and holds(goal.conditions, slots)


def holds(conditions: Sequence[Condition], slots: Mapping[str, Any], *, each: bool = True) -> bool:
    """Whether `each` of the conditions holds, or any."""
    return (all if each else any)(_holds(one, slots) for one in conditions)


def _holds(condition: Condition, slots: Mapping[str, Any]) -> bool:
    value = slots.get(condition.slot)
    if value is None or value == "" or (value is False and not condition.equals):
        return False
    wanted = {text.strip().casefold() for text in condition.equals}
    return not wanted or str(value).strip().casefold() in wanted
