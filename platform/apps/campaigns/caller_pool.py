"""As whom a callee is called: the choice among a campaign's caller numbers, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from phonenumbers import (
    NumberParseException,
    length_of_geographical_area_code,
    national_significant_number,
    parse,
    region_code_for_number,
)

from apps.campaigns.config import CallerNumbers
from apps.campaigns.hours.zones import region_of

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a number is at home, as it says itself; what it does not say is empty.

    `area`: calling code and geographical area code, "1212". `country`: ISO 3166-1. `region`: of ISO 3166-2.
    """

    area: str = ""
    country: str = ""
    region: str = ""

    def distance(self, other: Home) -> int:
        """0: the same area code, 1: the same part of the country, 2: the same country, 3: elsewhere."""
        if self.area and self.area == other.area:
            return 0
        if not self.country or self.country != other.country:
            return 3
        return 1 if self.region and self.region == other.region else 2


@lru_cache(maxsize=100_000)
def home_of(e164: str) -> Home:
    """Of a number in E.164; nothing is known of one that is in no plan."""
    try:
        number = parse(e164)
    except NumberParseException:
        return Home()
    length = length_of_geographical_area_code(number)
    area = f"{number.country_code}{national_significant_number(number)[:length]}" if length else ""
    return Home(area=area, country=region_code_for_number(number) or "", region=region_of(e164))


@dataclass(slots=True)
class Caller:
    """A number to call from, and its use: `today` calls were begun in its day, `live` have not ended, the
    last began at `last_at`. `resting_until`: somebody, or its health, keeps it out of use."""

    id: UUID
    e164: str
    trunk_id: UUID | None = None
    carrier: str = ""
    today: int = 0
    live: int = 0
    last_at: datetime | None = None
    resting_until: datetime | None = None

    @property
    def home(self) -> Home:
        return home_of(self.e164)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A callee; `other_than`: the number of the last attempt, taken again only when there is no other."""

    e164: str
    other_than: UUID | None = None


@dataclass(slots=True)
class Pool:
    """The caller numbers of one campaign while a batch of contacts is decided.

    `room`: free calls of a trunk by its id (None: the sandbox); one that is missing has no limit.
    """

    config: CallerNumbers
    callers: list[Caller]
    room: Mapping[UUID | None, int] = field(default_factory=dict)
    _taken: dict[UUID | None, int] = field(default_factory=dict)

    def choose(self, wanted: Wanted, *, now: datetime) -> Caller | None:
        """The best free number, counted as used from now on; None when there is none (`why`)."""
        free = [caller for caller in self.callers if self._against(caller, now) is None]
        if not free:
            return None
        best = min(free, key=lambda caller: self._order(caller, wanted))
        best.today += 1
        best.live += 1
        best.last_at = now
        self._taken[best.trunk_id] = self._taken.get(best.trunk_id, 0) + 1
        return best

    def free_calls(self, *, now: datetime) -> int:
        """How many calls may begin now, as far as the numbers and their trunks go."""
        calls: dict[UUID | None, int] = {}
        for caller in self.callers:
            if self._against(caller, now) is None:
                calls[caller.trunk_id] = calls.get(caller.trunk_id, 0) + self._calls_of(caller)
        for trunk, room in self.room.items():
            if trunk in calls:
                calls[trunk] = min(calls[trunk], room - self._taken.get(trunk, 0))
        return sum(calls.values())

    def give_back(self, caller: Caller, *, before: datetime | None) -> None:
        """A chosen number is not used after all; `before` is its `last_at` from before the choice."""
        caller.today -= 1
        caller.live -= 1
        caller.last_at = before
        self._taken[caller.trunk_id] -= 1

    def free_at(self, *, now: datetime) -> datetime | None:
        """When a rest ends and a number is free again; None when one is free, or time frees none."""
        times = [time for caller in self.callers if (time := self._rested_at(caller)) > now]
        free = any(self._against(caller, now) is None for caller in self.callers)
        return None if free or not times else min(times)

    def why(self, *, now: datetime) -> str:
        """In words why no number is free; "" when one is."""
        if not self.callers:
            return "The campaign has no caller number that may be used."
        against = [self._against(caller, now) for caller in self.callers]
        if None in against:
            return ""
        counts = {reason: against.count(reason) for reason in dict.fromkeys(against)}
        return "No caller number is free: " + ", ".join(f"{n} {reason}" for reason, n in counts.items()) + "."

    def _order(self, caller: Caller, wanted: Wanted) -> tuple[bool, int, datetime, UUID]:
        local = self.config.strategy == "local"
        distance = caller.home.distance(home_of(wanted.e164)) if local else 0
        return caller.id == wanted.other_than, distance, caller.last_at or NEVER, caller.id

    def _calls_of(self, caller: Caller) -> int:
        """How many may begin from a free number at once."""
        if self.config.rest_s:
            return 1
        today = self.config.daily_cap - caller.today
        most = self.config.max_concurrent
        return today if most is None else min(today, most - caller.live)

    def _against(self, caller: Caller, now: datetime) -> str | None:
        """What keeps a number from being used now."""
        config, room = self.config, self.room.get(caller.trunk_id)
        if caller.resting_until is not None and caller.resting_until > now:
            return "set to rest"
        if caller.today >= config.daily_cap:
            return "called from as often as a day allows"
        if config.max_concurrent is not None and caller.live >= config.max_concurrent:
            return "in as many calls as it may be"
        if self._rested_at(caller) > now:
            return "resting between calls"
        if room is not None and self._taken.get(caller.trunk_id, 0) >= room:
            return "on a trunk without room"
        return None

    def _rested_at(self, caller: Caller) -> datetime:
        after_call = caller.last_at + timedelta(seconds=self.config.rest_s) if caller.last_at else NEVER
        return max(after_call, caller.resting_until or NEVER)
