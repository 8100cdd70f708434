"""When callees may be called: the one judge of calling hours.

Everything is in the callee's wall time, whichever days have 23 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apps.campaigns.hours.holidays import holiday
from apps.campaigns.hours.local_days import Span, common, merged, spans
from apps.campaigns.hours.presets import Minutes, Rule, rules_in_force
from apps.campaigns.hours.rules.custom import NOWHERE
from apps.campaigns.hours.rules.rule import both
from apps.campaigns.hours.zones import is_zone

if TYPE_CHECKING:
    from apps.campaigns.config import Hours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHUNK = timedelta(days=8)
_HORIZON = timedelta(days=400)
"""A place that does not open within so long never does."""
_FIRST = datetime(1971, 1, 1, tzinfo=UTC)
_LAST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlaceKey:
    """Callees for whom the same hours hold; as `models.Place`."""

    zones: tuple[str, ...]
    country: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`until`: to then it holds (when closed, the place opens then); None only with `never`. `why`: in words,
    empty while open."""

    open: bool
    until: datetime | None
    never: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class LocalDay:
    """Of the week grid. `local`: minutes of the day in `zone` at which all zones permit; `utc`: the same as
    instants. `note`: why nothing is allowed (a holiday, a blackout date)."""

    date: date
    zone: str
    local: tuple[Minutes, ...]
    utc: tuple[Span, ...]
    note: str = ""


def judge(place: PlaceKey, hours: Hours, now: datetime) -> Verdict:
    """Whether `place` may be called at `now` (aware), and until when that holds."""
    return Calendar(hours).judge(place, now)


def next_opening(place: PlaceKey, hours: Hours, after: datetime) -> datetime | None:
    """The first instant from `after` on at which `place` may be called; None: never."""
    return Calendar(hours).next_opening(place, after)


def week(place: PlaceKey, hours: Hours, week_start: date) -> list[LocalDay]:
    """Seven days from `week_start`, in the first of the place's zones; none when its zone is unknown."""
    return Calendar(hours).week(place, week_start)


class Calendar:
    """The hours of one configuration; keep it while judging many places, it remembers their days."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._own = tuple(_windows_of(hours, day) for day in _DAYS)
        self._from = _utc(hours.not_before) if hours.not_before else _FIRST
        self._to = _utc(hours.not_after) if hours.not_after else _LAST
        self._blackout = frozenset(hours.blackout_dates)
        self._days: dict[tuple[str, str, date], tuple[tuple[Minutes, ...], str]] = {}
        self._rules: dict[tuple[str, str], tuple[Rule, ...]] = {}

    def judge(self, place: PlaceKey, now: datetime) -> Verdict:
        now = _utc(now)
        zones = self.zones(place)
        if not zones:
            return Verdict(open=False, until=None, never=True, why="The time zone is not known.")
        span = self._next_span(place, zones, now)
        if span is None:
            return Verdict(open=False, until=None, never=True, why=self._why_never(place, zones, now))
        if span[0] <= now:
            return Verdict(open=True, until=span[1])
        return Verdict(open=False, until=span[0], why=self._why(place, zones, now, span[0]))

    def next_opening(self, place: PlaceKey, after: datetime) -> datetime | None:
        zones = self.zones(place)
        span = self._next_span(place, zones, _utc(after)) if zones else None
        return max(span[0], _utc(after)) if span else None

    def week(self, place: PlaceKey, week_start: date) -> list[LocalDay]:
        zones = self.zones(place)
        return [self._local_day(place, zones, week_start + timedelta(days=n)) for n in range(7) if zones]

    def zones(self, place: PlaceKey) -> tuple[str, ...]:
        """Those that must permit; none: unknown, never to be called."""
        if place.zones:
            return place.zones if all(map(is_zone, place.zones)) else ()
        return (self._hours.default_time_zone,) if self._hours.default_time_zone else ()

    def _next_span(self, place: PlaceKey, zones: tuple[str, ...], now: datetime) -> Span | None:
        """The open span around `now` or the first one after it; a long one is cut at what was looked at."""
        at = max(now, self._from)
        last = min(at + _HORIZON, self._to)
        while at < last:
            end = min(at + _CHUNK, last)
            for start, stop in self._open(place, zones, at, end):
                return start, stop
            at = end
        return None

    def _open(self, place: PlaceKey, zones: Iterable[str], start: datetime, end: datetime) -> list[Span]:
        found = [(start, end)]
        for zone in zones:
            found = common(found, self._open_in(place, zone, start, end))
            if not found:
                break
        return found

    def _open_in(self, place: PlaceKey, zone: str, start: datetime, end: datetime) -> list[Span]:
        first, last = _local(start, zone).date(), _local(end, zone).date()
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return merged(span for day in days for span in spans(zone, day, self._of_day(place, day)[0]))

    def _of_day(self, place: PlaceKey, day: date) -> tuple[tuple[Minutes, ...], str]:
        """The minutes allowed on a local date, and why there are none."""
        key = place.country, place.region, day
        if key not in self._days:
            self._days[key] = self._look_up_day(*key)
        return self._days[key]

    def _look_up_day(self, country: str, region: str, day: date) -> tuple[tuple[Minutes, ...], str]:
        if day in self._blackout:
            return (), "a blackout date of the campaign"
        rules = self._rules_for(country, region)
        closed = self._hours.skip_holidays or any(rule.no_holidays for rule in rules)
        if closed and (name := holiday(day, country=country, region=region)):
            return (), f"a holiday ({name})"
        tomorrow = day + timedelta(days=1)
        eve = any(rule.eve is not None for rule in rules) and bool(
            holiday(tomorrow, country=country, region=region)
        )
        allowed = self._own[day.weekday()]
        for rule in rules:
            allowed = both(allowed, rule.on(day, eve=eve))
        return allowed, ""

    def _rules_for(self, country: str, region: str) -> tuple[Rule, ...]:
        key = country, region
        if key not in self._rules:
            self._rules[key] = rules_in_force(self._hours.rules, country, region)
        return self._rules[key]

    def _why(self, place: PlaceKey, zones: Sequence[str], now: datetime, opens: datetime) -> str:
        if now < self._from:
            return f"The campaign begins at {self._from:%Y-%m-%d %H:%M} UTC."
        soon = now + timedelta(minutes=1)
        zone = next((z for z in zones if not _holds(self._open_in(place, z, now, soon), now)), zones[0])
        local, then = _local(now, zone), _local(opens, zone)
        note = self._of_day(place, local.date())[1]
        today = f"It is {note} in {zone}" if note else f"It is {local:%H:%M} in {zone}"
        return f"{today}; calls are allowed {_from_when(local.date(), then)}."[:300]

    def _why_never(self, place: PlaceKey, zones: Sequence[str], now: datetime) -> str:
        if now >= self._to:
            return "The campaign's last date is past."
        if NOWHERE in self._rules_for(place.country, place.region):
            return "The country is not known, and so the rules for calls to it are not."
        if len(zones) > 1:
            return f"There is no time left that suits all of its {len(zones)} possible time zones."
        return "No calling hours are left."

    def _local_day(self, place: PlaceKey, zones: Sequence[str], day: date) -> LocalDay:
        allowed, note = self._of_day(place, day)
        whole = merged(spans(zones[0], day, [(0, 1440)]))
        found: list[Span] = []
        for start, end in whole:
            found += self._open(place, zones, max(start, self._from), min(end, self._to))
        local = tuple(_minutes(span, zones[0], day) for span in found)
        return LocalDay(
            date=day, zone=zones[0], local=local, utc=tuple(found), note=note if not allowed else ""
        )


def _windows_of(hours: Hours, day: str) -> tuple[Minutes, ...]:
    return _union(
        (_minute(window.start), _minute(window.end)) for window in hours.windows if day in window.days
    )


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _union(parts: Iterable[Minutes]) -> tuple[Minutes, ...]:
    result: list[Minutes] = []
    for start, end in sorted(parts):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def _holds(found: Iterable[Span], now: datetime) -> bool:
    return any(start <= now < end for start, end in found)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _minutes(span: Span, zone: str, day: date) -> Minutes:
    """Wall time; an end at midnight is 1440."""
    start, end = _local(span[0], zone), _local(span[1], zone)
    until = 1440 if end.date() > day else end.hour * 60 + end.minute
    return start.hour * 60 + start.minute, until


def _from_when(today: date, then: datetime) -> str:
    if then.date() == today:
        return f"from {then:%H:%M}"
    if (then.date() - today).days < 7:
        return f"on {_NAMES[then.weekday()]} from {then:%H:%M}"
    return f"on {then:%Y-%m-%d} from {then:%H:%M}"
