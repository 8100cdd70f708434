"""Caller numbers judged by their days, and the rests of those that became suspect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog

from apps.campaigns import telling
from apps.campaigns.caller_pool import home_of
from apps.campaigns.models import NumberDay, NumberRest
from apps.campaigns.number_judging import AT_LEAST, Figures, Verdict, judge, total
from apps.numbers.models import PhoneNumber
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

PAST_DAYS = 28
FIRST_REST = timedelta(days=1)
LONGEST_REST = timedelta(days=32)
REMEMBERED = timedelta(days=90)
"""A number that became suspect before within this time rests twice as long as the last time."""


@dataclass(frozen=True, slots=True)
class Health:
    """A number on `day`, as `verdict` judges it; `rest`: the one it is in now."""

    number: PhoneNumber
    day: date
    today: Figures
    past: Figures
    others: Figures
    verdict: Verdict
    rest: NumberRest | None

    @property
    def shown_state(self) -> str:
        """What people want to know first."""
        return "resting" if self.rest else self.verdict.state


def look_at_all(*, now: datetime) -> int:
    """Rests every number of every tenant that is suspect today; how many. Twice at once rests it once."""
    with platform_scope():
        rows = NumberDay.objects.filter(day=now.date(), attempts__gte=AT_LEAST)
        tenants = list(Tenant.objects.filter(pk__in=rows.values("tenant")).values_list("pk", flat=True))
    return sum(_look_at(tenant_id, now) for tenant_id in tenants)


def health(*, now: datetime, numbers: Sequence[PhoneNumber]) -> list[Health]:
    """Of `numbers`, in their order, in the tenant's scope. Three queries, however many."""
    day = now.date()
    days = _days(day)
    countries = {number: home_of(e164).country for number, e164 in _e164s(days)}
    rests = {rest.number_id: rest for rest in NumberRest.objects.filter(until__gt=now).order_by("until")}
    found = []
    for number in numbers:
        own, country = days.get(number.pk, {}), home_of(number.e164).country
        today = own.get(day, Figures())
        past = total([figures for when, figures in own.items() if when < day])
        same = [days[pk].get(day, Figures()) for pk in days if pk != number.pk and countries[pk] == country]
        others = total(same)
        verdict = judge(today, past=past, others=others)
        found.append(Health(number, day, today, past, others, verdict, rests.get(number.pk)))
    return found


def numbers_in_use(*, now: datetime) -> list[UUID]:
    """Those that campaigns called from in the last days, or that rest."""
    since = now.date() - timedelta(days=PAST_DAYS)
    used = NumberDay.objects.filter(day__gte=since).values_list("number_id", flat=True)
    return list(used.union(NumberRest.objects.filter(until__gt=now).values_list("number_id", flat=True)))


def history(*, number: PhoneNumber, now: datetime) -> tuple[list[NumberDay], list[NumberRest]]:
    """Its days, the oldest first, and its last 20 rests, the newest first."""
    since = now.date() - timedelta(days=PAST_DAYS)
    days = NumberDay.objects.filter(number=number, day__gte=since).order_by("day")
    return list(days), list(NumberRest.objects.filter(number=number)[:20])


def rest_number(*, number: PhoneNumber, until: datetime, now: datetime) -> NumberRest:
    """A person takes the number out of use until then. InvalidInput for a time that is not to come."""
    if not now < until <= now + timedelta(days=366):
        raise InvalidInput("Give a time to come, within a year.", field="until")
    _lock(number.pk)
    _end_rests(number, now=now)
    rest = NumberRest.objects.create(number=number, since=now, until=until, reason="Set to rest by a person")
    telling.number_resting(rest)
    return rest


def end_rest(*, number: PhoneNumber, now: datetime) -> None:
    """A person lets the number be used again; it is not judged anew on the day it was found suspect. Conflict
    when it does not rest."""
    _lock(number.pk)
    if not _end_rests(number, now=now):
        raise Conflict("This number does not rest.")


def _look_at(tenant_id: UUID, now: datetime) -> int:
    with tenant_scope(tenant_id):
        numbers = list(PhoneNumber.objects.filter(archived_at=None, pk__in=_busy(now)))
        suspects = [one for one in health(now=now, numbers=numbers) if one.verdict.state == "suspect"]
        return sum(_rest_suspect(one, now) for one in suspects)


def _busy(now: datetime) -> list[UUID]:
    rows = NumberDay.objects.filter(day=now.date(), attempts__gte=AT_LEAST)
    return list(rows.values_list("number_id", flat=True))


def _rest_suspect(found: Health, now: datetime) -> bool:
    """Unless it rests, or was found suspect today already (a person may have ended that rest)."""
    _lock(found.number.pk)
    rows = NumberRest.objects.filter(number=found.number)
    if (
        rows.filter(until__gt=now).exists()
        or rows.exclude(evidence={}).filter(since__date=found.day).exists()
    ):
        return False
    before = rows.exclude(evidence={}).filter(since__gte=now - REMEMBERED).count()
    rest = NumberRest.objects.create(
        number=found.number,
        since=now,
        until=now + min(LONGEST_REST, FIRST_REST * 2**before),
        reason=found.verdict.words()[:300],
        evidence={"day": found.day.isoformat(), **found.verdict.evidence()},
    )
    telling.number_resting(rest)
    log.info("number_rested", number=found.number.public_id, before=before)
    return True


def _lock(number_id: UUID) -> None:
    PhoneNumber.objects.select_for_update(no_key=True).only("pk").get(pk=number_id)


def _end_rests(number: PhoneNumber, *, now: datetime) -> int:
    rows = NumberRest.objects.filter(number=number, until__gt=now)
    return rows.update(until=now, ended_by_hand=True, updated_at=now)


def _days(day: date) -> dict[UUID, dict[date, Figures]]:
    """Every number's figures of `day` and the days before it, by number."""
    found: dict[UUID, dict[date, Figures]] = defaultdict(dict)
    rows = NumberDay.objects.filter(day__gte=day - timedelta(days=PAST_DAYS), day__lte=day)
    for row in rows.iterator():
        found[row.number_id][row.day] = Figures(row.attempts, row.answered, row.short, row.blocked)
    return found


def _e164s(days: dict[UUID, dict[date, Figures]]) -> list[tuple[UUID, str]]:
    return list(PhoneNumber.objects.filter(pk__in=days).values_list("pk", "e164"))
