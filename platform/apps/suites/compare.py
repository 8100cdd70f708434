"""Two runs of a suite side by side."""

from __future__ import annotations

from typing import Any

from apps.suites.models import CaseRun, CaseState, SuiteRun
from apps.suites.selectors import cases_of


def compare(before: SuiteRun, after: SuiteRun) -> list[dict[str, Any]]:
    """Each case of either run by its name, in the later one's order: how it ended in both, and what that
    means. `edited`: the case itself is another one."""
    old = {case.name: case for case in cases_of(before)}
    new = {case.name: case for case in cases_of(after)}
    return [_pair(name, old.get(name), new.get(name)) for name in [*new, *(n for n in old if n not in new)]]


def _pair(name: str, old: CaseRun | None, new: CaseRun | None) -> dict[str, Any]:
    return {
        "name": name,
        "before": old,
        "after": new,
        "change": _change(old, new),
        "edited": old is not None and new is not None and old.case != new.case,
    }


def _change(old: CaseRun | None, new: CaseRun | None) -> str:
    if old is None or new is None:
        return "added" if old is None else "removed"
    passed = (old.state == CaseState.PASSED, new.state == CaseState.PASSED)
    return {(False, True): "fixed", (True, False): "broken"}.get(passed, "same")
