"""How many calls a campaign has before it, what they cost and when it is through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Sum

from apps.billing.selectors import get_wallet
from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import Calendar, PlaceKey, Verdict
from apps.campaigns.models import Campaign, CampaignState, Minute, Place, Progress
from apps.campaigns.selectors import config_of, waiting_by_place
from apps.campaigns.services.callers import usable_numbers
from apps.campaigns.services.places import key_of
from apps.campaigns.services.prices import outlook

USUAL_ATTEMPTS = 1.8
USUAL_TALK_MS = 45_000
RING_MS = 20_000
"""Before a campaign has figures of its own: attempts per contact, talk per attempt, ringing of each."""

ENOUGH = 50
"""Attempts from which on a campaign's own figures count."""

LATELY = timedelta(minutes=30)
"""How long back the calls that were begun tell how fast it is."""

AGAIN_AFTER = timedelta(minutes=1)
FURTHEST = timedelta(days=45)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`finish_at` None: nobody is left, no hours ever open, or it takes longer than `FURTHEST`."""

    calls: int
    cost_micros: int
    currency: str
    finish_at: datetime | None


def estimate(campaign: Campaign, now: datetime, *, waiting: Mapping[Place, int] | None = None) -> Estimate:
    """From its own figures as soon as it has enough of them, else from usual ones. In the tenant's scope.
    `waiting`: `selectors.waiting_by_place` of it, when that was read already."""
    config, progress = config_of(campaign), Progress.objects.get(campaign=campaign)
    left = progress.waiting + progress.checking + progress.calling
    own = progress.attempts >= ENOUGH
    finished = progress.done + progress.set_aside
    each = progress.attempts / finished if own and finished else USUAL_ATTEMPTS
    each = min(max(each, 1.0), config.attempts.max_per_contact)
    talk_ms = progress.talk_ms // progress.attempts if own else USUAL_TALK_MS
    calls = round(left * each)
    cost = calls * outlook(campaign, config, usable_numbers(config.callers), now=now).price_of(talk_ms)
    pace = min(config.pacing.calls_per_second, config.pacing.max_concurrent * 1_000 / (talk_ms + RING_MS))
    pace = _pace_lately(campaign, now) or pace
    waiting = waiting_by_place(campaign) if waiting is None else waiting
    work = {key_of(place): n * each / pace for place, n in waiting.items()}
    return Estimate(calls, cost, get_wallet().currency, _finish(config, work, now))


def keep_estimate(campaign_id: UUID, *, now: datetime) -> bool:
    """Writes when a running campaign will be through, at most every `AGAIN_AFTER` since that counts its
    contacts; whether it did. In the scope of its tenant."""
    rows = Progress.objects.filter(campaign=campaign_id, campaign__state=CampaignState.RUNNING)
    row = rows.select_related("campaign").first()
    if row is None or not _is_old(row, now):
        return False
    finish_at = estimate(row.campaign, now).finish_at
    Progress.objects.filter(pk=row.pk).update(finish_at=finish_at, estimated_at=now)
    return True


def _is_old(row: Progress, now: datetime) -> bool:
    since, resumed = row.estimated_at, row.campaign.resumed_at
    return since is None or now - since >= AGAIN_AFTER or (resumed is not None and since < resumed)


def _pace_lately(campaign: Campaign, now: datetime) -> float:
    """Calls begun a second in the minutes in which any were, since the last start; 0: not enough of them."""
    since = max(now - LATELY, campaign.resumed_at or now)
    rows = Minute.objects.filter(campaign=campaign, begins__gte=since, begins__lte=now, started__gt=0)
    sums = rows.aggregate(started=Sum("started"), minutes=Count("pk"))
    started = int(sums["started"] or 0)
    return started / (60 * int(sums["minutes"])) if started >= ENOUGH else 0.0


def _finish(config: CampaignConfig, work: dict[PlaceKey, float], now: datetime) -> datetime | None:
    """Works the open hours off, one change of any place after the other, most of what is open first. `work`:
    seconds of dialing that each place needs; those that never open are not waited for."""
    if sum(work.values()) > FURTHEST.total_seconds():
        return None
    calendar = Calendar(config.hours)
    verdicts = {key: calendar.judge(key, now) for key in work}
    work = {key: seconds for key, seconds in work.items() if not verdicts[key].never}
    at = now
    while work and at < now + FURTHEST:
        until = min(_until(verdicts[key]) for key in work)
        room = (until - at).total_seconds()
        for key in sorted((k for k in work if verdicts[k].open), key=work.__getitem__):
            done = min(room, work[key])
            work[key] -= done
            room -= done
            if work[key] <= 0:
                del work[key]
        at = until - timedelta(seconds=room) if not work else until
        verdicts |= {key: calendar.judge(key, at) for key in work if _until(verdicts[key]) <= at}
    return at if not work and at > now else None


def _until(verdict: Verdict) -> datetime:
    return verdict.until or _NEVER
