"""The dialer's work in the background: campaigns.* runs on the queue `dial`."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.campaigns.services.advance import advance
from apps.campaigns.services.number_health import look_at_all
from apps.campaigns.services.tick import ADVANCE, tick


@shared_task(name="campaigns.tick", ignore_result=True)
def tick_campaigns() -> None:
    """Shares out free lines (`services.tick`). Beat asks every second; two at once do no harm."""
    tick(now=timezone.now())


@shared_task(name=ADVANCE, ignore_result=True)
def advance_campaign(tenant_id: str, campaign_id: str) -> None:
    """Settles and decides (`services.advance`). Any worker, as often as one likes."""
    advance(UUID(tenant_id), UUID(campaign_id), now=timezone.now())


@shared_task(name="number_health.look", ignore_result=True)
def look_at_numbers() -> None:
    """Sets suspect caller numbers to rest. Beat asks every ten minutes; twice does no harm."""
    look_at_all(now=timezone.now())
