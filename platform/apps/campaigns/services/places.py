"""Places of a campaign: where its contacts are, and whether they may be called now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import Calendar, PlaceKey
from apps.campaigns.models import Campaign, Place

_UPDATED = ("open", "judged_until", "never", "why", "updated_at")


def place_for(campaign: Campaign, keys: Iterable[PlaceKey]) -> dict[PlaceKey, Place]:
    """The place of each key, made where it is missing; safe beside others that do the same."""
    wanted = set(keys)
    found = _existing(campaign, wanted)
    missing = [key for key in wanted if key not in found]
    if not missing:
        return found
    Place.objects.bulk_create(
        [
            Place(campaign=campaign, zones=list(key.zones), country=key.country, region=key.region)
            for key in sorted(missing, key=lambda key: (key.zones, key.country, key.region))
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return found | _existing(campaign, missing)


def _existing(campaign: Campaign, keys: Iterable[PlaceKey]) -> dict[PlaceKey, Place]:
    wanted = set(keys)
    if not wanted:
        return {}
    places = Place.objects.filter(campaign=campaign)
    return {key: place for place in places if (key := key_of(place)) in wanted}


def key_of(place: Place) -> PlaceKey:
    return PlaceKey(zones=tuple(place.zones), country=place.country, region=place.region)


def judge_places(campaign: Campaign, now: datetime) -> list[Place]:
    """All places of the campaign, judged as of `now`: those whose last verdict ran out, anew.

    A place that is `never` open stays so until the configuration changes. Call it in a transaction: rows that
    another one is judging are judged by it, and are given back with our verdict, not saved twice.
    """
    places = list(Place.objects.filter(campaign=campaign).order_by("id"))
    due = {place.id for place in places if _is_due(place, now)}
    if not due:
        return places
    locked = set(
        Place.objects.filter(id__in=due).select_for_update(skip_locked=True).values_list("id", flat=True)
    )
    # Read after the lock: a change of the hours that forgot these verdicts before it is in there.
    config = Campaign.objects.values_list("config", flat=True).get(pk=campaign.pk)
    calendar = Calendar(CampaignConfig.model_validate(config).hours)
    judged = [_judge(place, calendar, now) for place in places if place.id in due]
    Place.objects.bulk_update([place for place in judged if place.id in locked], _UPDATED, batch_size=500)
    return places


def _is_due(place: Place, now: datetime) -> bool:
    return not place.never and (place.judged_until is None or place.judged_until <= now)


def _judge(place: Place, calendar: Calendar, now: datetime) -> Place:
    verdict = calendar.judge(key_of(place), now)
    place.open, place.never, place.why = verdict.open, verdict.never, verdict.why
    place.judged_until, place.updated_at = verdict.until, now
    return place


def forget_judgements(campaign: Campaign) -> None:
    """After a change of the hours: every place is judged anew before its contacts are called."""
    # All of them, judged or not: the lock keeps out whoever judges by the hours of before.
    Place.objects.filter(campaign=campaign).update(open=False, never=False, judged_until=None, why="")
