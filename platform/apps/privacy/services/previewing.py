"""What would go: the purge's own questions, counted and not answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add

from apps.privacy.models import Kind
from apps.privacy.selectors import end_of_time_kept, live_holds, retention_now
from apps.privacy.services.kinds import WORKS
from apps.privacy.services.works import Figures


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Of one kind: what would go, and how many rows holds would keep."""

    days: int
    figures: Figures
    held: int


def preview(*, day: date, days: Mapping[Kind, int | None] | None = None) -> dict[Kind, Foreseen]:
    """What the purge of `day` would take; `days` stand in for what is set now, for the kinds they name."""
    wanted: dict[Kind, int | None] = {**retention_now(), **(days or {})}
    holds = live_holds()
    answer: dict[Kind, Foreseen] = {}
    for kind in WORKS:
        n = wanted.get(kind)
        if n is None:
            continue
        before = end_of_time_kept(day, n)
        parts = [work.figures(work.not_held(before, holds)) for work in WORKS[kind]]
        figures = reduce(add, parts)
        due = sum(work.due(before).count() for work in WORKS[kind]) if holds.rows else figures.rows
        answer[kind] = Foreseen(n, figures, due - figures.rows)
    return answer
