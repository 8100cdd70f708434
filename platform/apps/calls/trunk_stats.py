"""How a trunk did, by hour or by day: the figures a carrier is asked about."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import Any, NamedTuple
from uuid import UUID

from apps.calls.models import TrunkSlot, TrunkSlotMark, TrunkSummed
from apps.calls.stats import zone_named
from apps.calls.trunk_slots import Span, count_slots, spans_of

PERIODS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
STEPS = ("hour", "day")


@dataclass(frozen=True, slots=True)
class Buckets:
    """Times that follow each other, UTC: each bucket begins at one and ends at the next."""

    bounds: list[datetime]

    @property
    def beginnings(self) -> list[datetime]:
        return self.bounds[:-1]


def buckets(period: str, step: str, *, zone: str, now: datetime) -> Buckets:
    """The last hours or days, the one that goes on included; days as clocks in `zone` show them.

    InvalidInput for a zone that does not exist.
    """
    info = zone_named(zone)
    count = PERIODS[period] // timedelta(**{f"{step}s": 1})
    if step == "hour":
        last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return Buckets([last + timedelta(hours=n - count + 1) for n in range(count + 1)])
    today = now.astimezone(info).date()
    days = [today + timedelta(days=n - count + 1) for n in range(count + 1)]
    return Buckets([datetime(d.year, d.month, d.day, tzinfo=info).astimezone(UTC) for d in days])


def trunk_statistics(trunk_id: UUID, asked: Buckets, *, direction: str = "") -> dict[str, Any]:
    """Attempts and what came of them, in all and by bucket; `direction` empty: both.

    ASR is answered by settled attempts (0 to 1), ACD the mean length of answered calls, PDD from our
    INVITE to the first sign of ringing, MOS the mean of the calls' worse directions (E-model). Failures
    count unanswered calls by SIP code. Peak: calls at once. None where there was nothing to measure.
    """
    sums = [_Sum() for _ in asked.beginnings]
    for row in _slots(trunk_id, Span(asked.bounds[0], asked.bounds[-1]), direction):
        peak = row.peak if row.direction == direction else 0
        sums[bisect_right(asked.bounds, row.begins) - 1].add(row, peak)
    series = [{"at": at} | one.shown() for at, one in zip(asked.beginnings, sums, strict=True)]
    total = _Sum()
    for one in sums:
        total.add(one, one.peak)
    return {"totals": total.shown(), "series": series}


class _Slot(NamedTuple):
    """A row of `trunk_slots.COLUMNS`."""

    begins: datetime
    direction: str
    attempts: int
    answered: int
    settled: int
    talked: int
    talked_ms: int
    mos_count: int
    mos_sum: float
    pdd_ms: list[int]
    failures: dict[str, int]
    peak: int


def _slots(trunk_id: UUID, span: Span, direction: str) -> Iterator[_Slot]:
    """Every slot of the span that says something of `direction`: as it was summed, else counted now."""
    # Marks are read before the sums: one that goes in between has its slot counted, which is right too.
    marks = TrunkSlotMark.objects.filter(trunk_id=trunk_id, begins__gte=span.start, begins__lt=span.end)
    marked = sorted(set(marks.values_list("begins", flat=True)))
    done = TrunkSummed.objects.filter(trunk_id=trunk_id).first()
    first = min(max(span.start, done.upto), span.end) if done else span.start
    summed = TrunkSlot.objects.filter(trunk_id=trunk_id, begins__gte=span.start, begins__lt=first)
    if direction:
        summed = summed.filter(direction=direction)
    # No index for the marks: they are few.
    changed = set(marked)
    for row in summed.order_by().values_list(*_Slot._fields):
        if row[0] not in changed:
            yield _Slot(*row)
    fresh = [Span(first, span.end)] if first < span.end else []
    for part in [*spans_of([m for m in marked if m < first]), *fresh]:
        for row in count_slots(trunk_id, part):
            slot = _Slot(*row)
            if direction in ("", slot.direction):
                yield slot._replace(failures=json.loads(row[-2]))


class _Sum:
    """What the slots of a time come to."""

    def __init__(self) -> None:
        self.attempts = self.answered = self.settled = self.talked = self.talked_ms = 0
        self.mos_count, self.mos_sum, self.peak = 0, 0.0, 0
        self.pdd_ms: list[int] = []
        self.failures: Counter[str] = Counter()

    def add(self, row: _Slot | _Sum, peak: int) -> None:
        """Adds what another time came to, in which so many calls were at once."""
        self.peak = max(self.peak, peak)
        self.attempts += row.attempts
        self.answered += row.answered
        self.settled += row.settled
        self.talked += row.talked
        self.talked_ms += row.talked_ms
        self.mos_count += row.mos_count
        self.mos_sum += row.mos_sum
        self.pdd_ms += row.pdd_ms
        self.failures.update(row.failures)

    def shown(self) -> dict[str, Any]:
        """As `trunk_statistics` tells it."""
        # Made of lists that are in order themselves: that is quick.
        pdd = self.pdd_ms
        pdd.sort()
        return {
            "attempts": self.attempts,
            "answered": self.answered,
            "asr": round(self.answered / self.settled, 4) if self.settled else None,
            "acd_ms": round(self.talked_ms / self.talked) if self.talked else None,
            "pdd_p50_ms": round(_between(pdd, 0.5)) if pdd else None,
            "pdd_p95_ms": round(_between(pdd, 0.95)) if pdd else None,
            "mos": round(self.mos_sum / self.mos_count, 2) if self.mos_count else None,
            "failures": dict(self.failures),
            "peak": self.peak,
        }


def _between(ordered: list[int], share: float) -> float:
    """The value that `share` of the others are below, between two where none is (percentile_cont)."""
    at = share * (len(ordered) - 1)
    low, high = ordered[floor(at)], ordered[ceil(at)]
    return low + (high - low) * (at - floor(at))
