"""How many calls a campaign has before it, what they cost and when it is through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.billing.prices import price_of, price_per_minute
from apps.billing.selectors import get_wallet
from apps.campaigns.hours.windows import Calendar
from apps.campaigns.models import Campaign, Contact, ContactState, Place, Progress
from apps.campaigns.selectors import config_of
from apps.campaigns.services.callers import usable_numbers
from apps.campaigns.services.places import key_of
from apps.campaigns.services.preflight import costs_nothing

USUAL_ATTEMPTS = 1.8
USUAL_TALK_MS = 45_000
RING_MS = 20_000
"""Before a campaign has figures of its own: attempts per contact, talk per attempt, ringing of each."""

ENOUGH = 50
"""Attempts from which on a campaign's own figures count."""

FURTHEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`finish_at` None: nobody is left, no hours ever open, or it takes longer than `FURTHEST`."""

    calls: int
    cost_micros: int
    currency: str
    finish_at: datetime | None


def estimate(campaign: Campaign, now: datetime) -> Estimate:
    """From its own figures as soon as it has enough of them, else from usual ones. In the tenant's scope."""
    config, progress = config_of(campaign), Progress.objects.get(campaign=campaign)
    left = progress.waiting + progress.checking + progress.calling
    own = progress.attempts >= ENOUGH
    finished = progress.done + progress.set_aside
    each = progress.attempts / finished if own and finished else USUAL_ATTEMPTS
    each = min(max(each, 1.0), config.attempts.max_per_contact)
    talk_ms = progress.talk_ms // progress.attempts if own else USUAL_TALK_MS
    calls = round(left * each)
    free = costs_nothing(config, usable_numbers(config.callers))
    cost = calls * price_of(duration_ms=talk_ms, per_minute=price_per_minute(test=free))
    pace = min(config.pacing.calls_per_second, config.pacing.max_concurrent * 1_000 / (talk_ms + RING_MS))
    return Estimate(calls, cost, get_wallet().currency, _finish(campaign, each / pace, now))


def _finish(campaign: Campaign, seconds_each: float, now: datetime) -> datetime | None:
    """Works the open hours off, one change of any place after the other, most of what is open first."""
    counted = Count("pk", filter=Q(state=ContactState.WAITING))
    from_contacts = (
        Contact.objects.filter(campaign=campaign).values_list("place_id").annotate(n=counted).order_by()
    )
    work = {place: n * seconds_each for place, n in from_contacts if n}
    places = {p.pk: key_of(p) for p in Place.objects.filter(campaign=campaign, pk__in=work)}
    calendar = Calendar(config_of(campaign).hours)
    at = now
    while work and at < now + FURTHEST:
        verdicts = {pk: calendar.judge(places[pk], at) for pk in work}
        changes = [v.until for v in verdicts.values() if v.until is not None]
        if not changes:
            return None
        until = min(changes)
        room = (until - at).total_seconds()
        for pk in sorted((p for p in work if verdicts[p].open), key=work.__getitem__):
            done = min(room, work[pk])
            work[pk] -= done
            room -= done
            if work[pk] <= 0:
                del work[pk]
        at = until - timedelta(seconds=room) if not work else until
    return at if not work and at > now else None
