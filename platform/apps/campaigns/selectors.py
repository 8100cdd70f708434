"""Reads of campaigns, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.calls.states import CallState
from apps.campaigns.config import CampaignConfig
from apps.campaigns.models import (
    Attempt,
    AttemptState,
    Campaign,
    CampaignState,
    Contact,
    ContactState,
    Minute,
    Place,
    Progress,
)
from tenants.errors import NotFound

LIVE = (CampaignState.RUNNING, CampaignState.PAUSED)
"""These will dial, or may by one click: what they need must not be taken away."""


def list_campaigns() -> QuerySet[Campaign]:
    """The campaigns that are not archived, with their agents."""
    return Campaign.objects.filter(archived_at=None).select_related("agent__published_version")


def get_campaign(campaign_id: UUID, *, lock: bool = False) -> Campaign:
    """One of `list_campaigns`; `lock` holds it until the transaction ends (after its progress: see
    `services.counting`). NotFound when there is none."""
    rows = list_campaigns()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("There is no such campaign.")
    return campaign


def config_of(campaign: Campaign) -> CampaignConfig:
    """What it is to do, as it is stored."""
    return CampaignConfig.model_validate(campaign.config)


def progress_of(campaign: Campaign) -> Progress:
    """How far it is; not locked."""
    return Progress.objects.get(campaign=campaign)


def minutes_of(campaign: Campaign, *, since: datetime | None = None) -> QuerySet[Minute]:
    """Its minutes in which something happened, in order of time."""
    rows = Minute.objects.filter(campaign=campaign).order_by("begins")
    return rows if since is None else rows.filter(begins__gte=since)


def open_attempts(campaign: Campaign) -> QuerySet[Attempt]:
    """Those that are not settled yet; their calls go on or have just ended."""
    return Attempt.objects.filter(campaign=campaign, state=AttemptState.OPEN)


def calls_now(ids: Collection[UUID]) -> dict[UUID, int]:
    """How many calls hold each campaign's capacity: queued, dialed or talking. Those without any are left
    out."""
    rows = Attempt.objects.filter(campaign__in=ids, state=AttemptState.OPEN)
    rows = rows.exclude(call__state=CallState.ENDED).order_by()
    return dict(rows.values_list("campaign_id").annotate(Count("pk")))


def attempts_of(campaign: Campaign) -> QuerySet[Attempt]:
    """All of its attempts, newest first, with their calls and contacts."""
    return Attempt.objects.filter(campaign=campaign).select_related("call", "contact", "caller", "version")


def waiting_by_place(campaign: Campaign) -> dict[Place, int]:
    """How many contacts wait in each place; those without any are left out. Counts every one of them."""
    places = Place.objects.filter(campaign=campaign).in_bulk()
    waiting = Contact.objects.filter(place__in=list(places), state=ContactState.WAITING).order_by()
    counted = waiting.values_list("place_id").annotate(n=Count("pk"))
    return {places[pk]: n for pk, n in counted}
