"""The look-up of numbers in the background."""

from __future__ import annotations

import time
from uuid import UUID

from celery import current_app, shared_task
from django.utils import timezone

from apps.campaigns.services.number_checks import campaigns_to_check, check_numbers

CHECK = "number_checks.check"
ROUNDS_S = 20.0
"""For how long one task asks on."""


@shared_task(name="number_checks.look", ignore_result=True)
def look() -> None:
    """Has every campaign checked that has something to check. Beat asks every 5 s."""
    for tenant_id, campaign_id in campaigns_to_check(now=timezone.now()):
        current_app.send_task(CHECK, args=(str(tenant_id), str(campaign_id)), expires=30)


@shared_task(name=CHECK, ignore_result=True)
def check(tenant_id: str, campaign_id: str) -> None:
    """Looks up numbers of a campaign, batch after batch. Two at once: one of them finds nothing to do."""
    until = time.monotonic() + ROUNDS_S
    while check_numbers(UUID(tenant_id), UUID(campaign_id), now=timezone.now()):
        if time.monotonic() > until:
            return
