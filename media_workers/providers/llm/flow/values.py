"""What the slots and variables of a dialogue say: texts filled in, conditions, the way on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from media_workers.contract.flow import Condition, Edge
from media_workers.contract.part import SLOT, VARIABLE
from media_workers.providers.llm.flow.state import Way

_PLACEHOLDER = re.compile(f"{VARIABLE.pattern}|{SLOT.pattern}")


def filled(text: str, variables: Mapping[str, str], slots: Mapping[str, str]) -> str:
    """Variables and slots in one pass: a value that looks like a placeholder is left as it is."""

    def value(match: re.Match[str]) -> str:
        variable, slot = match.groups()
        return variables.get(variable, "") if variable else slots.get(slot, "")

    return _PLACEHOLDER.sub(value, text)


def spoken(text: str, variables: Mapping[str, str], slots: Mapping[str, str]) -> str:
    """`text` filled in, on one line."""
    return " ".join(filled(text, variables, slots).split())


def holds(condition: Condition, known: Mapping[str, str]) -> bool:
    """`known`: slots and variables. What is not there compares as the empty text."""
    value = known.get(condition.name, "").strip()
    match condition.is_:
        case "set":
            return bool(value)
        case "unset":
            return not value
        case "contains":
            return bool(value) and condition.value.casefold() in value.casefold()
        case "equal":
            return _equal(value, condition.value)
        case "different":
            return not _equal(value, condition.value)
        case "greater" | "less":
            mine, other = _number(value), _number(condition.value)
            if mine is None or other is None:
                return False
            return mine > other if condition.is_ == "greater" else mine < other


def all_hold(edge: Edge, known: Mapping[str, str]) -> bool:
    return all(holds(condition, known) for condition in edge.conditions)


def way_on(edges: Iterable[Edge], known: Mapping[str, str]) -> Way | None:
    """The first way that no model has to decide on and that is open."""
    for edge in edges:
        if not edge.when and all_hold(edge, known):
            return Way(edge.goto, "condition" if edge.conditions else "always")
    return None


def _equal(value: str, other: str) -> bool:
    mine, others = _number(value), _number(other)
    if mine is not None and others is not None:
        return mine == others
    return value.casefold() == other.strip().casefold()


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
