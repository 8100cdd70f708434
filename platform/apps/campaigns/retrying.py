"""When a contact is dialed again after an attempt that did not reach its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.campaigns.config import Attempts, Retry
from apps.campaigns.outcomes import Outcome

LONGEST = timedelta(days=30)
DAY_S = 86_400
AWAY_S = 3 * 3_600
OPENINGS = 7
"""So many are looked at for another time of day; hours that have none are kept as they are."""

Opening = Callable[[datetime], datetime | None]
"""The first time from one on at which the callee may be called; None: never."""


def next_at(
    outcome: Outcome,
    *,
    rules: Attempts,
    same: int,
    dialed: int,
    contact_id: UUID,
    last: datetime,
    now: datetime,
    zone: str,
    opening: Opening = lambda at: at,
) -> datetime | None:
    """The time of the next attempt after one that ended `now` and was dialed at `last`; None: no more.

    `same`: attempts of the contact that ended with `outcome`, `dialed`: all that were dialed, both with this
    one. `zone`: the callee's, of whose day the time is to be another one ("": UTC). The same question has the
    same answer: the jitter comes from the contact and `dialed`.
    """
    rule = rules.retries.get(outcome.value)  # type: ignore[call-overload]
    if rule is None or same > rule.times or dialed >= rules.max_per_contact:
        return None
    at = now + _wait(rule, same, contact_id, dialed)
    return _open_at_another_time(at, last, zone, opening) if rule.other_time_of_day else at


def _open_at_another_time(at: datetime, last: datetime, zone: str, opening: Opening) -> datetime:
    """Another time of day that is inside the hours: one in the night would wait until the morning, which may
    be just when nobody answered."""
    found = other_time_of_day(at, last=last, zone=zone)
    opens = opening(found)
    for _ in range(OPENINGS):
        if opens is None:
            break
        away = other_time_of_day(opens, last=last, zone=zone)
        if away == opens:
            return opens
        opens = opening(away)
    return found


def other_time_of_day(at: datetime, *, last: datetime, zone: str) -> datetime:
    """`at`, or the first time after it that is three hours of the clock or more away from `last`."""
    place = ZoneInfo(zone or "UTC")
    for _ in range(3):  # where a clock is put back or forward, once more
        away = (_second_of_day(at, place) - _second_of_day(last, place)) % DAY_S
        if AWAY_S <= away <= DAY_S - AWAY_S:
            break
        at += timedelta(seconds=(AWAY_S - away) % DAY_S)
    return at


def _wait(rule: Retry, same: int, contact_id: UUID, dialed: int) -> timedelta:
    seconds = rule.after_s * rule.backoff ** (same - 1)
    spread = 1 + rule.jitter * (2 * _share(contact_id, dialed) - 1)
    return timedelta(seconds=min(seconds * spread, LONGEST.total_seconds()))


def _share(contact_id: UUID, dialed: int) -> float:
    """From 0 to 1, evenly over contacts."""
    digest = hashlib.blake2b(contact_id.bytes + bytes([dialed % 256]), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _second_of_day(at: datetime, zone: ZoneInfo) -> float:
    local = at.astimezone(zone)
    return local.hour * 3_600 + local.minute * 60 + local.second + local.microsecond / 1e6
