"""Background work of keeping and deleting."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from celery import current_app, shared_task
from django.utils import timezone

from apps.privacy.jobs import ANSWER, LOOK, LOOK_REQUESTS, PURGE
from apps.privacy.services.purging import close_former, purge_tenant, tenants_to_purge
from apps.privacy.services.requests import answer, look_at_requests

LONGEST_S = 3_600


@shared_task(name=LOOK, ignore_result=True)
def look() -> None:
    """Asks for the purges of today that have not ended. Beat asks every ten minutes; twice does no harm."""
    now = timezone.now()
    for tenant_id in tenants_to_purge(now):
        _go_on(tenant_id, now.date())


@shared_task(name=PURGE, ignore_result=True)
def purge(tenant_id: str, day: str) -> None:
    """Purges one tenant for a while (`services.purging`). What was left by a day before comes first."""
    tenant, today = UUID(tenant_id), date.fromisoformat(day)
    close_former(tenant, day=today)
    done = purge_tenant(tenant, day=today)
    if done is not None and done.ended_at is None and not done.problem:
        _go_on(tenant, today)


@shared_task(name=LOOK_REQUESTS, ignore_result=True)
def look_requests() -> None:
    """Finds people's requests that nobody answers. Beat asks every 30 s; twice does no harm."""
    look_at_requests()


@shared_task(name=ANSWER, ignore_result=True, time_limit=LONGEST_S)
def answer_request(tenant_id: str, request_id: str) -> None:
    """Answers one (`services.requests`)."""
    answer(UUID(tenant_id), UUID(request_id))


def _go_on(tenant_id: UUID, day: date) -> None:
    current_app.send_task(PURGE, args=[str(tenant_id), day.isoformat()], expires=600)
