"""What would come of a campaign, as it is stored or with changes that are not saved yet."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import Calendar, LocalDay, Verdict
from apps.campaigns.models import Campaign, Place
from apps.campaigns.selectors import config_of, waiting_by_place
from apps.campaigns.services.estimate import Estimate, estimate
from apps.campaigns.services.places import key_of
from apps.campaigns.services.preflight import Refusal, refusals
from tenants.errors import InvalidInput

MOST_PLACES = 300
"""That are shown, those with most contacts; the rest are counted."""

_NEAR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class PlaceSeen:
    """A place with `contacts` that wait, now and in one week."""

    place: Place
    contacts: int
    verdict: Verdict
    week: list[LocalDay]


@dataclass(frozen=True, slots=True)
class Preview:
    """`left_out`: places beyond the `MOST_PLACES` in `places`. No refusals: it may start."""

    refusals: list[Refusal]
    places: list[PlaceSeen]
    left_out: int
    estimate: Estimate


def preview(
    campaign: Campaign, *, config: CampaignConfig | None = None, week: date | None = None, now: datetime
) -> Preview:
    """With `config` in the place of the stored one, which stays; `week` is the first of seven days of each
    place, this week's Monday when left out. InvalidInput for a week far away. In the tenant's scope; saves
    nothing."""
    start = _week_start(week, now)
    judged = copy(campaign)
    if config is not None:
        judged.config = config.model_dump(mode="json")
    waiting = waiting_by_place(campaign)
    return Preview(
        refusals=refusals(judged, now),
        places=_places(judged, waiting, start, now),
        left_out=max(0, len(waiting) - MOST_PLACES),
        estimate=estimate(judged, now, waiting=waiting),
    )


def _week_start(week: date | None, now: datetime) -> date:
    today = now.date()
    if week is None:
        return today - timedelta(days=today.weekday())
    if abs(week - today) > _NEAR:
        raise InvalidInput("Give a week within the next or the last year.", field="week")
    return week


def _places(campaign: Campaign, waiting: Mapping[Place, int], start: date, now: datetime) -> list[PlaceSeen]:
    calendar = Calendar(config_of(campaign).hours)
    most = sorted(waiting, key=lambda place: (-waiting[place], place.pk))[:MOST_PLACES]
    return [
        PlaceSeen(
            place,
            waiting[place],
            calendar.judge(key_of(place), now),
            calendar.week(key_of(place), start),
        )
        for place in most
    ]
