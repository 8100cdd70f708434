"""Local wall time of a zone as intervals of UTC, exact where clocks change.

A minute that the clock skips is no instant; one that it repeats is two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
"""From, until (not with it), in UTC."""

_MARGIN = timedelta(hours=26)  # no zone is farther than 14 h from UTC, and none ever jumped more than 24
_STEP = timedelta(hours=6)  # no zone changed its clock twice within so few hours


@lru_cache(maxsize=100_000)
def _offsets(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """(from, until, offset) in UTC around the local `day`: one entry unless the clock changes."""
    tz = ZoneInfo(zone)
    middle = datetime.combine(day, time(), UTC)
    start, end = middle - _MARGIN, middle + timedelta(days=1) + _MARGIN

    def offset(at: datetime) -> timedelta:
        return at.astimezone(tz).utcoffset() or timedelta()

    pieces, begun, at, before = [], start, start, offset(start)
    while at < end:
        after = offset(at + _STEP)
        if after != before:
            change = _change(offset, at, at + _STEP)
            pieces.append((begun, change, before))
            begun, before = change, after
        at += _STEP
    if begun < end:
        pieces.append((begun, end, before))
    return tuple(pieces)


def _change(offset: Callable[[datetime], timedelta], low: datetime, high: datetime) -> datetime:
    """The first second of the new offset."""
    before = offset(low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if offset(middle) == before else (low, middle)
    return high


def spans(zone: str, day: date, minutes: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """The instants at which a clock in `zone` shows `day` and one of `minutes` (of the day, not with the
    last)."""
    midnight = datetime.combine(day, time(), UTC)
    for first, last in minutes:
        for begins, ends, offset in _offsets(zone, day):
            start = max(begins, midnight + timedelta(minutes=first) - offset)
            end = min(ends, midnight + timedelta(minutes=last) - offset)
            if start < end:
                yield start, end


def merged(parts: Iterable[Span]) -> list[Span]:
    """Sorted, and those that touch as one."""
    result: list[Span] = []
    for start, end in sorted(parts):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def common(one: list[Span], other: list[Span]) -> list[Span]:
    """What is in both of two merged lists."""
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found
