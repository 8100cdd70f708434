"""Records of consent as they come in, one by one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.campaigns.live import progressed
from apps.campaigns.models import Campaign, CampaignState, Consent, Contact, ContactState
from apps.campaigns.outcomes import SetAside
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting


def record_consent(*, e164: str, source: str, given_at: datetime, text: str, now: datetime) -> Consent:
    """The record; the same number, source and time is recorded once. Contacts that only lacked a consent wait
    to be called again: whether it is good enough for their campaign is asked when their turn comes."""
    consent, _ = Consent.objects.get_or_create(
        e164=e164, source=source, given_at=given_at, defaults={"text": text}
    )
    for campaign in _lacking(e164):
        _bring_back(campaign, e164, now=now)
    return consent


def _lacking(e164: str) -> list[Campaign]:
    """In the order of their ids, as whoever locks several has to."""
    ids: list[UUID] = list(_set_aside(e164).values_list("campaign_id", flat=True))
    rows = Campaign.objects.filter(pk__in=ids, archived_at=None).exclude(state=CampaignState.STOPPED)
    return list(rows.order_by("pk"))


def _set_aside(e164: str) -> QuerySet[Contact]:
    return Contact.objects.filter(e164=e164, state=ContactState.SET_ASIDE, set_aside=SetAside.NO_CONSENT)


def _bring_back(campaign: Campaign, e164: str, *, now: datetime) -> None:
    progress = counting.lock(campaign.pk)
    rows = _set_aside(e164).filter(campaign=campaign)
    checked_first = config_of(campaign).number_check and rows.filter(attempts=0).exists()
    after = ContactState.CHECKING if checked_first else ContactState.WAITING
    next_at = None if checked_first else now
    n = rows.update(state=after, next_at=next_at, set_aside="", detail="", updated_at=now)
    counting.moved(progress, before=ContactState.SET_ASIDE, after=after, n=n, left=SetAside.NO_CONSENT)
    counting.save(progress)
    progressed(campaign)
